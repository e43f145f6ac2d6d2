"""What a browser received is read as plain HTTP would have received it, and costs the site no page more."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import Any

from probes.failures import Failure
from probes.model import Capture, Ink, LinkedSheet, Step, Transport
from tests.cast.saved_pages import received
from tests.sessions.web import HERE_URL, HIDE, Web, css, page


def shown(body: str, **more: Any) -> Step:
    """A step as Chromium keeps it."""
    seen: dict[str, Any] = {
        "rendered": "<p>vu</p>",
        "settled": True,
        "ink": (Ink(words="vu", left=0, top=0, width=9, height=9),),
        "dialogs": ("Complet",),
        "refused": ("GET /autre",),
    }
    return received(body, url=f"{HERE_URL}/page", **{**seen, **more})


def plain(web: Web, *steps: Step) -> Capture:
    return asyncio.run(web.sessions.as_over_http(Capture(transport=Transport.BROWSER, steps=steps)))


def test_only_the_documents_are_left_and_none_is_asked_for_again() -> None:
    web = Web(page())
    read = plain(web, shown(page()))
    (step,) = read.steps
    assert read.transport is Transport.HTTP
    assert step.body == page().encode()
    assert (step.rendered, step.settled, step.ink, step.dialogs, step.refused) == (None, None, None, (), ())
    assert (step.sheets, web.asked) == ((), [])


def test_its_style_sheets_are_read_as_in_any_visit_over_http() -> None:
    web = Web(page("/a.css", "/gone.css"), css(("/a.css", HIDE)))
    (step,) = plain(web, shown(web.page)).steps
    assert step.sheets == web.visit().steps[0].sheets
    assert step.sheets is not None
    assert LinkedSheet(url=f"{HERE_URL}/a.css", text=HIDE) in step.sheets


def test_a_sheet_that_a_visit_read_a_moment_ago_is_not_asked_for_again() -> None:
    web = Web(page("/a.css"), css(("/a.css", HIDE)))
    web.visit()
    before = list(web.asked)
    plain(web, shown(web.page))
    assert web.asked == before


def test_what_only_a_click_showed_is_left_out() -> None:
    first = shown(page())
    clicked, last = replace(first, n=1, action="unfold"), replace(first, n=2)
    read = plain(Web(page()), first, clicked, last)
    assert [(step.n, step.action) for step in read.steps] == [(0, "open"), (1, "open")]


def test_a_sheet_lies_beside_the_page_that_answered() -> None:
    web = Web(page("a.css"), css(("/suite/a.css", HIDE)))
    (step,) = plain(web, shown(page("a.css"), final_url=f"{HERE_URL}/suite/")).steps
    assert step.sheets == (LinkedSheet(url=f"{HERE_URL}/suite/a.css", text=HIDE),)


def test_data_and_failed_steps_have_no_style_sheets() -> None:
    web = Web(page("/a.css"), css(("/a.css", HIDE)))
    failed = shown(page("/a.css"), status=503, failure=Failure.HTTP_503)
    steps = (shown('{"a": 1}'), failed, shown(page("/a.css"), status=404), shown(page("/a.css"), status=None))
    assert [step.sheets for step in plain(web, *steps).steps] == [None] * 4
    assert web.asked == []
