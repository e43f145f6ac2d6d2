"""The classic module's zeros: the sentence on its own step, and every page of the round sound."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pytest

from probes.model import Outcome, Reading, Step
from probes.platforms.classic import Classic
from tests.cast.saved_pages import PAGES, Case, load

ONE_DESK = load(PAGES / "classic/no_slots-one_desk")
THREE_DESKS = load(PAGES / "classic/no_slots-three_desks")
BLOCKED = load(PAGES / "classic/blocked-haproxy_status_200")


def read(case: Case, steps: Sequence[Step]) -> Reading:
    return Classic().read(case.target, replace(case.capture, steps=tuple(steps)))


@pytest.mark.parametrize("step", ["", "/", "/0", "/1", "/3", "/4", "/5", "/2/1"])
def test_the_sentence_counts_on_the_second_step_alone(step: str) -> None:
    *before, last = ONE_DESK.capture.steps
    moved = last.final_url.removesuffix("/2") + step
    elsewhere = replace(last, final_url=moved)
    assert read(ONE_DESK, [*before, last]).outcome is Outcome.NO_SLOTS
    assert read(ONE_DESK, [*before, elsewhere]).outcome is Outcome.UNRECOGNISED


@pytest.mark.parametrize("place", [0, 1, 3, 5])
def test_a_page_of_the_round_that_is_none_of_the_module_leaves_no_zero(place: int) -> None:
    steps = list(THREE_DESKS.capture.steps)
    assert read(THREE_DESKS, steps).outcome is Outcome.NO_SLOTS
    refused = BLOCKED.capture.steps[-1]
    steps[place] = replace(steps[place], body=refused.body, rendered=None)
    assert not read(THREE_DESKS, steps).outcome.conclusive
