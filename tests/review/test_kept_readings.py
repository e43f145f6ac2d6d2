"""A capture that was kept and loaded reads as it did during the visit, whatever its reading stands on."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from monitor.rules import scrub
from monitor.store import Store
from probes.model import Capture, Ink, LinkedSheet, Outcome, Platform, Step, Target, Transport
from probes.pages.seen import deciding
from probes.registry import platform
from tests.cast.observations import observation, target
from tests.cast.saved_pages import PAGES, Case, load

CLASSIC = platform("classic")
UNREAD = LinkedSheet(url="https://www.ain.gouv.fr/a.css")
READ = LinkedSheet(url="https://www.ain.gouv.fr/a.css", text="nav { color: #333 }")


@pytest.fixture
def zero() -> Case:
    return load(PAGES / "classic" / "no_slots-chosen_desk")


def over_chromium(capture: Capture, *, seen: bool = True, settled: bool = True) -> Capture:
    """The same pages as Chromium would have shown them, their words with ink if `seen`."""

    def shown(step: Step) -> Step:
        rendered = replace(step, rendered=step.body.decode(), settled=settled)
        words = deciding(CLASSIC.answer, rendered) if seen else ()
        return replace(
            rendered, ink=tuple(Ink(words=each, left=1, top=2, width=3, height=4) for each in words)
        )

    steps = tuple(map(shown, capture.steps))
    return replace(capture, transport=Transport.BROWSER, steps=steps, pictured=steps[-1].n)


def over_http(capture: Capture, *sheets: LinkedSheet) -> Capture:
    steps = tuple(replace(step, rendered=None, sheets=sheets) for step in capture.steps)
    return replace(capture, transport=Transport.HTTP, steps=steps)


def kept(store: Store, here: Target, capture: Capture, reader: Platform) -> Capture:
    """The capture as it comes back from the store, scrubbed as a visit's is."""
    clean = scrub.capture(capture, scrub.vocabulary(here.url, *reader.stop_line.paths))
    seen = observation(name=here.id, capture=clean, reading=reader.read(here, clean))
    return store.load_capture(store.append_observation(seen))


@pytest.mark.parametrize(
    ("known", "rule"),
    [({}, ""), ({"settled": False}, "restless"), ({"seen": False}, "not_seen")],
    ids=["seen", "restless", "not seen"],
)
def test_over_chromium(store: Store, zero: Case, known: dict[str, Any], rule: str) -> None:
    reads_the_same(store, zero, over_chromium(zero.capture, **known), rule)


@pytest.mark.parametrize(("sheet", "rule"), [(READ, ""), (UNREAD, "unread_parts")], ids=["read", "unread"])
def test_over_http(store: Store, zero: Case, sheet: LinkedSheet, rule: str) -> None:
    reads_the_same(store, zero, over_http(zero.capture, sheet), rule)


def reads_the_same(store: Store, zero: Case, capture: Capture, rule: str) -> None:
    here = replace(zero.target, id=target().id)
    store.record_targets([here])
    before = CLASSIC.read(here, capture)
    assert (before.rule == rule) if rule else (before.outcome is Outcome.NO_SLOTS)
    back = kept(store, here, capture, CLASSIC)
    assert CLASSIC.read(here, back) == before
    assert (back.pictured, [step.ink for step in back.steps]) == (
        capture.pictured,
        [step.ink for step in capture.steps],
    )
