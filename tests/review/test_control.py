"""Annex A's truth table, and the flags of a soft block: pure decisions."""

from __future__ import annotations

from datetime import timedelta
from itertools import count

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.model import Corroboration
from monitor.rules.controls import (
    ERRORS,
    PAIRED_WITHIN,
    ControlVisit,
    all_at_once,
    contradicts_control,
    contradicts_person,
    corroboration,
    must_visit,
    nearest,
    turned_at_once,
)
from probes.model import Outcome
from tests.cast.observations import HOUR, NOON

MINUTE = timedelta(minutes=1)
ZERO, SLOTS, CAPTCHA, DOWN = Outcome.NO_SLOTS, Outcome.SLOTS_OFFERED, Outcome.CAPTCHA, Outcome.SITE_DOWN
numbers = count(1)
minutes = st.integers(-30, 30)
outcomes = st.sampled_from(list(Outcome))


def seen(minute: float, outcome: Outcome = ZERO, target: str = "a") -> ControlVisit:
    return ControlVisit(id=next(numbers), target=target, at=NOON + minute * MINUTE, outcome=outcome)


visits = st.builds(seen, minutes, outcomes)
histories = st.lists(st.tuples(st.integers(-300, 0), outcomes), min_size=1, max_size=6).map(
    lambda found: [seen(minute, outcome) for minute, outcome in sorted(found, key=lambda one: one[0])]
)
hosts = st.dictionaries(st.sampled_from("abcdef"), histories, max_size=6)


@pytest.mark.parametrize(
    ("here", "there", "word"),
    [
        (ZERO, SLOTS, Corroboration.CORROBORATED),
        (ZERO, ZERO, Corroboration.NOT_CORROBORATED),
        (ZERO, CAPTCHA, Corroboration.NOT_CORROBORATED),
        (ZERO, DOWN, Corroboration.NOT_CORROBORATED),
        (ZERO, None, Corroboration.NOT_CORROBORATED),
        (DOWN, SLOTS, Corroboration.PAGE_ALONE),
        (DOWN, ZERO, Corroboration.PAGE_ALONE),
        (DOWN, Outcome.BLOCKED, Corroboration.WHOLE_SITE),
        (DOWN, CAPTCHA, Corroboration.NO_CONTROL),
        (DOWN, None, Corroboration.NO_CONTROL),
        (SLOTS, ZERO, None),
        (CAPTCHA, SLOTS, None),
        (Outcome.PROBE_ERROR, SLOTS, None),
    ],
)
def test_the_truth_table_of_annex_a(here: Outcome, there: Outcome | None, word: Corroboration | None) -> None:
    assert corroboration(here, there) is word


@given(here=outcomes, there=st.none() | outcomes)
def test_only_slots_at_the_control_corroborate_and_only_a_zero(here: Outcome, there: Outcome | None) -> None:
    corroborated = corroboration(here, there) is Corroboration.CORROBORATED
    assert corroborated == (here is ZERO and there is SLOTS)


@given(here=outcomes, there=st.none() | outcomes)
def test_every_zero_and_every_error_is_compared_and_nothing_else(
    here: Outcome, there: Outcome | None
) -> None:
    assert (corroboration(here, there) is not None) == (here is ZERO or here in ERRORS)


@given(here=visits, found=st.lists(visits))
def test_the_visit_held_beside_another_is_never_more_than_ten_minutes_away(
    here: ControlVisit, found: list[ControlVisit]
) -> None:
    chosen = nearest(here, found)
    near = [one for one in found if abs(one.at - here.at) <= PAIRED_WITHIN]
    assert (chosen is None) == (not near)
    assert chosen is None or chosen in near


@given(here=visits, found=st.lists(visits, min_size=1))
def test_an_answer_is_preferred_and_then_the_nearest(here: ControlVisit, found: list[ControlVisit]) -> None:
    chosen = nearest(here, found)
    if chosen:
        near = [one for one in found if abs(one.at - here.at) <= PAIRED_WITHIN]
        better = [one for one in near if one.outcome.conclusive == chosen.outcome.conclusive]
        assert chosen.outcome.conclusive == any(one.outcome.conclusive for one in near)
        assert abs(chosen.at - here.at) == min(abs(one.at - here.at) for one in better)


@pytest.mark.parametrize(
    ("made", "drawn", "must"),
    [
        ([], None, True),
        ([], 60, True),
        ([], 11, True),
        ([], 10, False),
        ([], -3, False),
        ([-10], None, False),
        ([-11], None, True),
        ([9], 60, False),
    ],
)
def test_a_control_is_visited_unless_it_is_seen_in_time_anyway(
    made: list[int], drawn: int | None, must: bool
) -> None:
    next_drawn = None if drawn is None else NOON + drawn * MINUTE
    assert must_visit(NOON, [seen(minute) for minute in made], next_drawn) is must


def host(*turns: float, before: Outcome = SLOTS) -> dict[str, list[ControlVisit]]:
    """A host whose targets turned to zero at these minutes."""
    return {
        str(n): [seen(turn - 60, before, str(n)), seen(turn, ZERO, str(n))] for n, turn in enumerate(turns)
    }


def test_a_whole_host_that_turns_to_zero_within_an_interval_has_turned() -> None:
    turned = turned_at_once(host(0, 20, 59), HOUR)
    assert [one.target for one in turned] == ["0", "1", "2"]
    assert all_at_once(turned)


def test_pages_that_could_not_be_read_before_count_as_turning() -> None:
    assert all_at_once(turned_at_once(host(0, 20, 59, before=DOWN), HOUR))


def test_one_target_with_slots_clears_its_host() -> None:
    assert turned_at_once(host(0, 20, 59) | {"9": [seen(30, SLOTS)]}, HOUR) == ()


def test_one_target_that_gave_no_answer_leaves_it_open() -> None:
    assert turned_at_once(host(0, 20, 59) | {"9": [seen(30, CAPTCHA)]}, HOUR) == ()
    assert turned_at_once(host(0, 20, 59) | {"9": []}, HOUR) == ()


def test_two_targets_are_not_enough() -> None:
    assert not all_at_once(turned_at_once(host(0, 20), HOUR))


def test_what_turned_earlier_is_no_part_of_it() -> None:
    assert [one.target for one in turned_at_once(host(0, 90, 100), HOUR)] == ["1", "2"]


def test_what_was_at_zero_all_along_neither_clears_nor_counts() -> None:
    standing = {"9": [seen(-60), seen(0)]}
    assert len(turned_at_once(host(0, 1, 2) | standing, HOUR)) == 3


@given(host=hosts, interval=st.integers(1, 120))
def test_whatever_turned_is_a_zero_after_something_else_and_within_one_interval(
    host: dict[str, list[ControlVisit]], interval: int
) -> None:
    turned = turned_at_once(host, interval * MINUTE)
    assert all(one.outcome is ZERO for one in turned)
    assert not turned or max(o.at for o in turned) - min(o.at for o in turned) <= interval * MINUTE
    assert not turned or all(found[-1].outcome is ZERO for found in host.values())
    assert len(turned) <= len(host)


def test_slots_at_every_control_elsewhere_contradict_a_host() -> None:
    turned = turned_at_once(host(0, 20), HOUR)
    assert contradicts_control(turned, {one.id: SLOTS for one in turned})
    assert not contradicts_control(turned, {turned[0].id: SLOTS, turned[1].id: ZERO})
    assert not contradicts_control(turned, {turned[0].id: SLOTS})


def test_a_host_of_one_target_is_never_contradicted_by_its_control() -> None:
    turned = turned_at_once(host(0), HOUR)
    assert not contradicts_control(turned, {one.id: SLOTS for one in turned})


@given(here=visits, found=st.lists(visits))
def test_only_slots_seen_by_a_person_within_ten_minutes_contradict_a_zero(
    here: ControlVisit, found: list[ControlVisit]
) -> None:
    seen_there = any(one.outcome is SLOTS and abs(one.at - here.at) <= PAIRED_WITHIN for one in found)
    assert contradicts_person(here, found) == (here.outcome is ZERO and seen_there)


def test_slots_of_another_page_contradict_nothing() -> None:
    assert not contradicts_person(seen(0), [seen(0, SLOTS, "b")])


def test_what_turned_exactly_an_interval_earlier_is_part_of_it() -> None:
    assert [one.target for one in turned_at_once(host(0, 20, 60), HOUR)] == ["0", "1", "2"]


def test_slots_that_a_person_saw_contradict_no_other_answer_than_a_zero() -> None:
    assert contradicts_person(seen(0, ZERO), [seen(10, SLOTS)])
    assert not contradicts_person(seen(0, CAPTCHA), [seen(10, SLOTS)])
    assert not contradicts_person(seen(0, ZERO), [seen(11, SLOTS)])
