"""Several desks, one procedure: none only when every desk says none."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from probes.model import NoSlotsKind, Outcome, Reading, Slot
from probes.pages import starts
from probes.pages.combine import combine

PARIS = ZoneInfo("Europe/Paris")
TAKEN = Reading(outcome=Outcome.NO_SLOTS, rule="a", words="complet", kind=NoSlotsKind.ALL_TAKEN)
UNPUBLISHED = Reading(outcome=Outcome.NO_SLOTS, rule="b", words="pas", kind=NoSlotsKind.NO_CALENDAR)
DOWN = Reading(outcome=Outcome.SITE_DOWN, rule="c")
CAPTCHA = Reading(outcome=Outcome.CAPTCHA, rule="d")


def offered(*days: int, **more: Any) -> Reading:
    slots = [Slot(starts_at=datetime(2026, 1, day, 9, tzinfo=UTC)) for day in days]
    earliest, second = starts.first_two(slots, PARIS)
    return Reading(
        outcome=Outcome.SLOTS_OFFERED, rule="e", words="libre", earliest=earliest, second=second, **more
    )


def combined(*readings: Reading) -> Reading:
    return combine([(f"Guichet {n}", reading) for n, reading in enumerate(readings, start=1)], PARIS)


@pytest.mark.parametrize(
    ("readings", "outcome"),
    [
        ((TAKEN, TAKEN), Outcome.NO_SLOTS),
        ((TAKEN, offered(5)), Outcome.SLOTS_OFFERED),
        ((DOWN, offered(5)), Outcome.SLOTS_OFFERED),
        ((TAKEN, DOWN), Outcome.SITE_DOWN),
        ((TAKEN, CAPTCHA, DOWN), Outcome.CAPTCHA),
    ],
)
def test_the_whole_is_what_its_parts_allow(readings: tuple[Reading, ...], outcome: Outcome) -> None:
    assert combined(*readings).outcome is outcome


def test_every_desk_is_kept_as_a_part_with_its_words() -> None:
    parts = combined(TAKEN, DOWN).parts
    assert [(part.label, part.outcome, part.words) for part in parts] == [
        ("Guichet 1", Outcome.NO_SLOTS, "complet"),
        ("Guichet 2", Outcome.SITE_DOWN, ""),
    ]


def test_two_kinds_of_none_are_none_of_no_single_kind() -> None:
    assert combined(TAKEN, TAKEN).kind is NoSlotsKind.ALL_TAKEN
    assert combined(UNPUBLISHED, UNPUBLISHED).kind is NoSlotsKind.NO_CALENDAR
    assert combined(TAKEN, UNPUBLISHED).kind is NoSlotsKind.UNSPECIFIED


def test_counts_add_up_and_the_nearest_horizon_holds() -> None:
    near, far = date(2026, 1, 12), date(2026, 2, 12)
    whole = combined(offered(5, slots=2, horizon=far), TAKEN, offered(6, slots=3, horizon=near))
    assert (whole.slots, whole.horizon) == (5, near)


def test_none_anywhere_is_known_only_up_to_the_nearest_horizon() -> None:
    near, far = date(2026, 1, 12), date(2026, 2, 12)
    assert combined(replace(TAKEN, horizon=far), replace(TAKEN, horizon=near), TAKEN).horizon == near


def test_the_words_are_those_of_the_desk_with_the_first_slot() -> None:
    later, first = replace(offered(9), words="le 9", rule="later"), replace(offered(4), words="le 4")
    assert combined(later, first, later).words == "le 4"


def test_slots_that_no_desk_counts_stay_uncounted() -> None:
    assert combined(offered(4), offered(5)).slots is None
    assert combined(offered(4, slots=2), offered(5)).slots == 2


@given(st.lists(st.lists(st.integers(1, 31), min_size=1, max_size=5), min_size=1, max_size=4))
def test_the_two_dates_are_those_of_all_slots_together(desks: list[list[int]]) -> None:
    whole = combined(*(offered(*days) for days in desks))
    every = offered(*(day for days in desks for day in days))
    assert (whole.earliest, whole.second) == (every.earliest, every.second)


@given(st.lists(st.sampled_from([TAKEN, UNPUBLISHED, DOWN, CAPTCHA]), min_size=1, max_size=6))
def test_one_unsure_desk_is_enough_to_know_nothing(readings: list[Reading]) -> None:
    sure = all(reading.outcome.conclusive for reading in readings)
    assert combined(*readings).outcome.conclusive is sure
