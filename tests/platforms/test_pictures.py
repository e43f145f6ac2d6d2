"""The picture kept of a visit is that of the page whose words decided."""

from __future__ import annotations

import pytest

from probes.model import Capture, Ink, Outcome, Part, Reading, Step, Transport
from probes.pages.seen import shown_by
from tests.cast.observations import step

PICTURES = {1: b"of the first desk", 2: b"of the second desk"}


def inked(n: int, words: str) -> Step:
    ink = Ink(words=words, left=0, top=0, width=90, height=10, places=1)
    return step(n=n, ink=(ink,))


def visited(*said: str) -> Capture:
    steps = (step(n=0, ink=()), *(inked(n, words) for n, words in enumerate(said, 1)))
    return Capture(transport=Transport.BROWSER, steps=steps, screenshot=PICTURES[2], pictured=2)


def reading(outcome: Outcome, words: str, *parts: Part) -> Reading:
    return Reading(outcome=outcome, rule="r", words=words, parts=parts)


@pytest.mark.parametrize(("words", "pictured"), [("09:30 libre", 1), ("10:30 libre", 2)])
def test_the_picture_of_slots_is_that_of_the_hour_quoted(words: str, pictured: int) -> None:
    desks = [
        Part(label=hour, outcome=Outcome.SLOTS_OFFERED, words=hour) for hour in ("09:30 libre", "10:30 libre")
    ]
    kept = shown_by(
        reading(Outcome.SLOTS_OFFERED, words, *desks), visited("09:30 libre", "10:30 libre"), PICTURES
    )
    assert (kept.pictured, kept.screenshot) == (pictured, PICTURES[pictured])


def test_the_picture_of_slots_is_no_other_desks_none() -> None:
    desks = [
        Part(label="1", outcome=Outcome.SLOTS_OFFERED, words="09:30 libre"),
        Part(label="2", outcome=Outcome.NO_SLOTS, words="Il n'existe plus de plage"),
    ]
    seen = visited("09:30 libre", "Il n'existe plus de plage")
    assert shown_by(reading(Outcome.SLOTS_OFFERED, "09:30 libre", *desks), seen, PICTURES).pictured == 1


def test_without_such_a_picture_the_last_one_stays() -> None:
    seen = visited("09:30 libre", "autre chose")
    assert shown_by(reading(Outcome.SLOTS_OFFERED, "09:30 libre"), seen, {}) == seen
    assert shown_by(reading(Outcome.UNRECOGNISED, "autre"), seen, PICTURES) == seen
