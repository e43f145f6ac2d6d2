"""Words count as seen only when covering them changes the picture of the still page."""

from __future__ import annotations

import asyncio
import io
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from PIL import Image, ImageChops

from monitor.clock import SystemClock
from probes.model import Capture, Session, Step
from probes.sessions.browser.session import BrowserSessions
from tests.sessions.site import Site
from tests.sessions.visiting import HERE, LIMITS, USER_AGENT, Visitor

pytestmark = pytest.mark.browser

SAID = "Aucun créneau disponible"


def visited(visitor: Visitor, site: Site, *pages: str, words: Sequence[str] = (SAID,)) -> Capture:
    """The capture of a visit to each page in turn, where `words` could decide."""

    async def walk(session: Session) -> None:
        for n, page in enumerate(pages):
            await session.open(site.put(f"/page{n}", f"<!doctype html><body>{page}"))

    return visitor.visit(walk, lambda step: words)


def seen(visitor: Visitor, site: Site, page: str, *, words: Sequence[str] = (SAID,)) -> list[str]:
    (step,) = visited(visitor, site, page, words=words).steps
    assert step.failure is None, step.detail
    assert step.ink is not None
    return [ink.words for ink in step.ink]


@contextmanager
def another_browser(runner: asyncio.Runner, **rules: Any) -> Iterator[Visitor]:
    """A visitor with a browser of its own, for one test."""
    usual = {"limits": LIMITS, "settle": timedelta(seconds=4)}
    sessions = BrowserSessions(
        allowance=HERE, user_agent=USER_AGENT, clock=SystemClock(), **{**usual, **rules}
    )
    try:
        yield Visitor(runner, sessions)
    finally:
        runner.run(sessions.close())


def pages(name: str) -> dict[str, str]:
    """The pages of `ink/<name>.txt`, one a line: name, colon, HTML with SAID where the words stand."""
    text = (Path(__file__).parent / "ink" / f"{name}.txt").read_text(encoding="utf-8")
    named = (line.split(": ", 1) for line in text.splitlines())
    return {name: page.replace("SAID", SAID) for name, page in named}


HIDDEN, SHOWN = pages("hidden"), pages("shown")


@pytest.mark.parametrize("page", HIDDEN.values(), ids=HIDDEN.keys())
def test_words_that_nobody_could_see_have_no_ink(in_browser: Visitor, site: Site, page: str) -> None:
    assert seen(in_browser, site, page) == []


@pytest.mark.parametrize("page", SHOWN.values(), ids=SHOWN.keys())
def test_words_that_a_person_could_see_have_ink(in_browser: Visitor, site: Site, page: str) -> None:
    assert seen(in_browser, site, page) == [SAID]


def test_each_text_has_its_own_rectangle_on_the_page(in_browser: Visitor, site: Site) -> None:
    page = (
        "<body style='margin:0'><p style='margin:0; height:50px'>un mot</p>"
        "<p style='margin:2000px 0 0 100px'>un autre</p>"
    )
    (step,) = visited(in_browser, site, page, words=("un mot", "absent", "un autre")).steps
    first, second = step.ink or ()
    assert (first.words, first.left, first.top) == ("un mot", 0, 0)
    assert (second.words, second.left, second.top) == ("un autre", 100, 2050)
    assert 30 < second.width < 120
    assert 10 < second.height < 30


def test_a_part_of_another_word_is_no_place(in_browser: Visitor, site: Site) -> None:
    assert seen(in_browser, site, "<p>19 mars, 2012, Créneaux</p>", words=("9", "12", "Créneau", "mars")) == [
        "mars"
    ]


def test_the_test_leaves_the_page_as_it_was(in_browser: Visitor, site: Site) -> None:
    async def walk(session: Session) -> None:
        await session.open(
            site.put(
                "/page",
                f"<!doctype html><input type=button value='{SAID}'><p>{SAID}</p><div style='height:3000px'>",
            )
        )
        sheets = "document.adoptedStyleSheets.length"
        state = f"() => [document.body.outerHTML, {sheets}, CSS.highlights.size, scrollY]"
        html, *rest = await session.tab.run(state)  # type: ignore[attr-defined]
        assert 'style=""' not in html
        assert rest == [0, 0, 0]

    in_browser.visit(walk, lambda step: (SAID,))


def test_without_words_that_decide_no_ink_is_measured(in_browser: Visitor, site: Site) -> None:
    assert in_browser.open(site.url("/conditions")).ink is None
    assert seen(in_browser, site, f"<p>{SAID}</p>", words=()) == []


def test_the_words_are_asked_of_the_page_as_it_is_copied(in_browser: Visitor, site: Site) -> None:
    asked: list[Step] = []

    def deciding(step: Step) -> Sequence[str]:
        asked.append(step)
        return ()

    in_browser.visit(lambda session: session.open(site.put("/page", f"<p>{SAID}</p>")), deciding)
    assert [step.settled for step in asked] == [True]
    assert SAID in (asked[0].rendered or "")


def opened(picture: bytes | None) -> Image.Image:
    """A kept picture, in grey."""
    assert picture is not None
    return Image.open(io.BytesIO(picture)).convert("L")


RED = "<body style='background:red'>"


def colour(picture: bytes | None, at: tuple[int, int] = (5, 5)) -> tuple[int, ...]:
    assert picture is not None
    found = Image.open(io.BytesIO(picture)).convert("RGB").getpixel(at)
    assert isinstance(found, tuple)
    return found


def test_the_picture_is_of_the_last_page_that_had_words(in_browser: Visitor, site: Site) -> None:
    words: dict[str, Sequence[str]] = {site.url("/page1"): (SAID,)}

    async def walk(session: Session) -> None:
        for n, page in enumerate(("<p>a", f"{RED}<p>{SAID}", "<p>c")):
            await session.open(site.put(f"/page{n}", f"<!doctype html>{page}"))

    capture = in_browser.visit(walk, lambda step: words.get(step.final_url, ()))
    red, green, blue = colour(capture.screenshot)
    assert red > 200 > 100 > max(green, blue)
    assert capture.pictured == 1


def test_without_words_the_picture_is_of_the_last_page(in_browser: Visitor, site: Site) -> None:
    capture = visited(in_browser, site, "<p>a", "<p>b", "<p>c", words=())
    assert (capture.pictured, capture.screenshot is None) == (2, False)


def test_the_picture_shows_the_words_below_the_fold(in_browser: Visitor, site: Site) -> None:
    page = f"<div style='height:3000px'></div><p style='background:red; margin:0'>{SAID}</p>"
    capture = visited(in_browser, site, page)
    (ink,) = capture.steps[0].ink or ()
    red, green, _ = colour(capture.screenshot, (600, ink.top + 2))
    assert red > 200 > 100 > green


def test_the_picture_is_not_endless(in_browser: Visitor, site: Site) -> None:
    capture = visited(in_browser, site, "<div style='height:90000px'>")
    assert capture.screenshot is not None
    assert Image.open(io.BytesIO(capture.screenshot)).height == 16_000


def test_words_below_the_picture_that_is_kept_have_no_ink(in_browser: Visitor, site: Site) -> None:
    assert seen(in_browser, site, f"<div style='height:15900px'></div><p>{SAID}</p>") == [SAID]
    assert seen(in_browser, site, f"<div style='height:16000px'></div><p>{SAID}</p>") == []


def test_words_that_were_scrolled_out_of_the_picture_have_no_ink(in_browser: Visitor, site: Site) -> None:
    inside = f"<p>{SAID}</p><div style='height:900px'></div><p>Fin</p>"
    page = f"<div style='height:100px; overflow:auto'>{inside}</div>"
    assert seen(in_browser, site, page, words=(SAID, "Fin")) == ["Fin"]


def test_the_places_of_the_same_words_are_counted(in_browser: Visitor, site: Site) -> None:
    page = "<p>9 h</p><p>10 h</p><p hidden>9 h</p><p>9 h</p><button>9 h</button>"
    (step,) = visited(in_browser, site, page, words=("9 h", "10 h")).steps
    assert [(ink.words, ink.places) for ink in step.ink or ()] == [("9 h", 3), ("10 h", 1)]


def dark(picture: Image.Image) -> tuple[int, int, int, int]:
    """The rectangle around all that is dark on a picture."""
    found = picture.point(lambda level: 255 if level < 128 else 0).getbbox()
    assert found is not None
    return found


WINDOWS = {"phone": (360, 640), "usual": (1280, 900), "big": (2560, 1440)}
BLANK = f"<span style='color:transparent'>{SAID}</span>"
STANDING = {
    "at the top": "<p>SAID</p>",
    "far down": "<p style='margin:4000px 0 900px 60px'>SAID</p>",
    "at the window's end": "<div style='height:3000px'></div><p style='position:fixed; bottom:0'>SAID</p>",
    "by the window's height": "<div style='height:150vh'></div><p>SAID</p><div style='height:100vh'></div>",
    "in a long box": "<div style='height:200px; overflow:auto'><p style='margin-top:900px'>SAID</p></div>",
}


def pictured(visitor: Visitor, site: Site, page: str, window: tuple[int, int]) -> Capture:
    """The capture of a page in a window of that size."""
    size = {"width": window[0], "height": window[1], "deviceScaleFactor": 1, "mobile": False}

    async def walk(session: Session) -> None:
        await session.tab.call("Emulation.setDeviceMetricsOverride", size)  # type: ignore[attr-defined]
        await session.open(site.put("/page", f"<!doctype html><body>{page}"))

    return visitor.visit(walk, lambda step: (SAID,))


@pytest.mark.parametrize("window", WINDOWS.values(), ids=WINDOWS.keys())
@pytest.mark.parametrize("page", STANDING.values(), ids=STANDING.keys())
def test_blanking_the_words_changes_the_kept_picture_in_their_rectangle_alone(
    in_browser: Visitor, site: Site, page: str, window: tuple[int, int]
) -> None:
    capture = pictured(in_browser, site, page.replace("SAID", SAID), window)
    without = pictured(in_browser, site, page.replace("SAID", BLANK), window)
    assert without.steps[0].ink == ()
    (ink,) = capture.steps[0].ink or ()
    kept, blank = (opened(each.screenshot) for each in (capture, without))
    assert kept.width == window[0]
    changed = ImageChops.difference(kept, blank).point(lambda level: 255 if level > 40 else 0).getbbox()
    assert changed is not None
    left, top, right, bottom = changed
    # JPEG spreads a change over its blocks of sixteen pixels.
    assert ink.left - 16 <= left <= right <= ink.left + ink.width + 16
    assert ink.top - 16 <= top <= bottom <= ink.top + ink.height + 16
    assert right - left > ink.width / 2


def test_on_a_fine_screen_the_rectangle_still_fits_the_picture(runner: asyncio.Runner, site: Site) -> None:
    with another_browser(runner, arguments=("--force-device-scale-factor=2",)) as visitor:
        capture = visited(visitor, site, f"<p style='margin-top:2000px'>{SAID}</p>")
    assert opened(capture.screenshot).width == 2560
    (ink,) = capture.steps[0].ink or ()
    box = (ink.left, ink.top, ink.left + ink.width, ink.top + ink.height)
    assert ink.top == 4000
    left, top, right, bottom = dark(opened(capture.screenshot))
    assert (box[0] <= left, box[1] <= top, right <= box[2], bottom <= box[3]) == (True,) * 4


@pytest.mark.slow
def test_words_of_an_answer_that_came_late_are_on_its_picture(runner: asyncio.Runner, site: Site) -> None:
    patient = replace(LIMITS, read=timedelta(seconds=20))
    form = "<form id=create method=post action=/late><input name=nextButton type=submit></form>"

    async def walk(session: Session) -> None:
        site.put("/late", f"<!doctype html><p>{SAID}</p>", after=11_000)
        await session.open(site.put("/asking", form))
        await session.submit("form#create", {}, button="nextButton")

    with another_browser(runner, limits=patient) as visitor:
        capture = visitor.visit(walk, lambda step: (SAID,))
    assert [ink.words for ink in capture.steps[-1].ink or ()] == [SAID]
    assert opened(capture.screenshot).width == 1280


def test_the_stop_line_is_kept_while_the_page_is_looked_at(in_browser: Visitor, site: Site) -> None:
    page = f"<p>{SAID}</p><div style='height:4000px'></div><img loading=lazy src=/off/book><p>Fin</p>"
    visited(in_browser, site, page, words=(SAID, "Fin"))
    assert not any("/off/" in asked for asked in site.asked)
