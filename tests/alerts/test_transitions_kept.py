"""What the store gives back of transitions, entries to fold and suspicions: the limits of periods."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select, update

from monitor.model import Change, GapReason, Origin, Phase, Suspicion, Trouble
from monitor.rules.transitions import RepeatedTrouble, State
from monitor.store import LaterReading, Store
from monitor.store.alerts import outbox, transitions
from monitor.store.review import later_readings, suspicions
from monitor.store.review.suspicions import SuspectedObservation
from monitor.store.tables import alerts as tables
from probes.model import Outcome
from tests.alerts.office import HOUR, START, Office, open_office
from tests.alerts.stories import make_transition
from tests.cast.observations import gap, observation, reading, target
from tests.cast.transactions import ask, tell

SECOND = timedelta(seconds=1)
NAME = "vienne-titre"


@pytest.fixture
def office(store: Store) -> Office:
    return open_office(store, None, [target(), target("autre")])


def test_a_period_of_transitions_includes_its_start_and_not_its_end(office: Office) -> None:
    office.see_hourly(Outcome.NO_SLOTS, 26)
    (made,) = ask(office.store, transitions.told)
    at = made.transition.at
    assert ask(office.store, transitions.told, since=at, until=at + SECOND) == [made]
    assert ask(office.store, transitions.told, until=at) == []
    assert ask(office.store, transitions.told, since=at + SECOND) == []
    assert ask(office.store, transitions.told, target="autre") == []


def test_drawn_entries_are_counted_by_outcome_in_a_period_without_its_end(office: Office) -> None:
    for hours in range(3):
        office.store.append_observation(observation(START + hours * HOUR))
    office.store.append_observation(observation(START + HOUR, origin=Origin.MANUAL))
    office.store.append_gap(gap(START + HOUR / 2, GapReason.DOWNTIME))
    counted = ask(office.store, transitions.counts, START, START + 2 * HOUR)
    assert {one.outcome: one.n for one in counted} == {Outcome.NO_SLOTS: 2, None: 1}


def test_gaps_are_missed_from_the_first_to_the_last_instant(office: Office) -> None:
    for hours in range(4):
        office.store.append_gap(gap(START + hours * HOUR))
    assert ask(office.store, transitions.missed, NAME, START + HOUR, START + 2 * HOUR) == 2
    assert ask(office.store, transitions.missed, "autre", START, START + 3 * HOUR) == 0


def test_a_zero_is_suspected_by_a_visit_of_its_own_run_alone(office: Office) -> None:
    number = office.store.append_observation(observation(START))
    flagged = SuspectedObservation(observation=number, host="h", reason=Suspicion.ALL_AT_ONCE)
    tell(office.store, suspicions.flag, [flagged], START)
    assert ask(office.store, transitions.suspected, NAME, START, START)
    assert ask(office.store, transitions.suspected, NAME, START + HOUR, START + 2 * HOUR)  # it was late
    assert not ask(office.store, transitions.suspected, NAME, START + HOUR + SECOND, START + 2 * HOUR)
    assert not ask(office.store, transitions.suspected, NAME, START - 2 * HOUR, START - SECOND)
    assert not ask(office.store, transitions.suspected, "autre", START, START)


def test_the_facts_between_two_entries_are_those_of_the_target_alone(office: Office) -> None:
    numbers = [office.store.append_observation(observation(START + n * HOUR)) for n in range(4)]
    office.store.append_observation(observation(START, name="autre"))
    between = ask(office.store, transitions.unfolded, NAME, numbers[0], numbers[3])
    assert [number for number, _, _ in between] == numbers[1:3]
    with office.store.read() as conn:
        assert [number for number, _, _ in transitions.facts(conn, target=NAME)] == numbers


def test_the_record_begins_with_its_earliest_entry(office: Office) -> None:
    assert ask(office.store, transitions.first_entry_at) is None
    for hours in (1, 0, 2):
        office.store.append_observation(observation(START + hours * HOUR))
    assert ask(office.store, transitions.first_entry_at) == START


def test_a_gap_of_an_open_breaker_is_folded_as_a_refusal(office: Office) -> None:
    for hours, reason in enumerate((GapReason.BREAKER_OPEN, GapReason.DOWNTIME)):
        office.store.append_gap(gap(START + hours * HOUR, reason))
    with office.store.read() as conn:
        assert [fact.breaker for _, _, fact in transitions.facts(conn)] == [True, False]


def test_a_transition_by_a_gap_names_its_entry_and_no_observation(office: Office) -> None:
    office.see(Outcome.BLOCKED)
    office.wait(HOUR)
    office.miss(GapReason.BREAKER_OPEN)
    (made,) = ask(office.store, transitions.told)
    assert (made.transition.change, made.entry, made.transition.row) == (Change.TROUBLE, 2, None)


def test_a_fact_has_the_end_of_its_visit_and_whether_it_was_drawn(office: Office) -> None:
    drawn = office.store.append_observation(observation(START))
    asked = office.store.append_observation(observation(START + HOUR, origin=Origin.MANUAL))
    with office.store.read() as conn:
        seen = [(fact.at, fact.scheduled, fact.row) for _, _, fact in transitions.facts(conn)]
    assert seen == [(START + 4 * SECOND, True, drawn), (START + HOUR + 4 * SECOND, False, asked)]


def test_what_was_recorded_without_a_fold_is_folded_before_what_came_after(office: Office) -> None:
    for hours in range(25):
        office.store.append_observation(observation(START + hours * HOUR))
    office.wait(25 * HOUR)
    office.see(Outcome.SLOTS_OFFERED)
    told = ask(office.store, transitions.told)
    assert [(one.transition.change, one.entry) for one in told] == [(Change.ZERO, 25), (Change.SLOTS, 26)]


def test_a_state_is_kept_whole(office: Office) -> None:
    whole = State(
        target=NAME,
        zone="Indian/Reunion",
        phase=Phase.ZERO,
        since=START,
        drought=make_transition(Change.ZERO).drought,
        milestone=7,
        changes=(START, START + HOUR),
        repeated=RepeatedTrouble(trouble=Trouble.DOWN, since=START, count=3, confirmed=True),
        last=Outcome.SITE_DOWN,
        last_at=START + 3 * HOUR,
        conclusive=Outcome.NO_SLOTS,
        conclusive_at=START + 2 * HOUR,
        last_slot_at=START + HOUR,
    )
    number = office.store.append_observation(observation(START))
    tell(office.store, transitions.keep_state, whole, number, simulated=False)
    assert ask(office.store, transitions.state_of, NAME, "Europe/Paris") == (whole, number)
    assert ask(office.store, transitions.state_of, "autre", "Europe/Paris") == (
        State(target="autre", zone="Europe/Paris"),
        0,
    )


def test_a_state_kept_before_a_field_was_added_is_still_read(office: Office) -> None:
    office.see(Outcome.NO_SLOTS)
    with office.store.write() as conn:
        (kept,) = conn.execute(select(tables.alert_states.c.state)).scalars()
        old = {name: value for name, value in kept.items() if name != "last_slot_at"}
        conn.execute(update(tables.alert_states).values(state=old))
    (state,) = ask(office.store, transitions.states)
    assert (state.last, state.last_slot_at) == (Outcome.NO_SLOTS, None)


def test_a_visit_that_ends_a_trouble_and_a_zero_is_two_transitions(office: Office) -> None:
    office.see_hourly(Outcome.NO_SLOTS, 25)
    office.see_hourly(Outcome.BLOCKED, 2)
    office.see(Outcome.SLOTS_OFFERED)
    made = [one.transition for one in ask(office.store, transitions.told)]
    assert [one.change for one in made] == [Change.ZERO, Change.TROUBLE, Change.RECOVERED, Change.SLOTS]
    assert [one.row for one in made[-2:]] == [28, 28]


def test_local_days_are_those_of_the_target_s_zone(store: Store) -> None:
    office = open_office(store, None, [replace(target(), zone="Indian/Reunion")])
    office.see(Outcome.NO_SLOTS)
    (state,) = ask(store, transitions.states)
    assert state.zone == "Indian/Reunion"


def test_what_is_stored_has_the_names_that_old_rows_have(office: Office) -> None:
    office.see_hourly(Outcome.NO_SLOTS, 25)
    office.see(Outcome.BLOCKED)
    with office.store.read() as conn:
        (state,) = conn.execute(select(tables.alert_states.c.state)).scalars()
        (made,) = conn.execute(select(tables.transitions)).mappings()
    assert (state["tally"]["zeros"], state["ailment"]["trouble"]) == (25, "blocked")
    assert not {"drought", "repeated"} & set(state)
    assert (made["tally"]["zeros"], made["entry_id"], made["recorded_at"], made["news"]) == (
        *(25, 25, START + 24 * HOUR, True),
    )


@pytest.mark.parametrize("simulated", [True, False])
def test_what_follows_from_simulated_visits_is_simulated(office: Office, simulated: bool) -> None:
    for _ in range(26):
        office.see(Outcome.NO_SLOTS, simulated=simulated)
        office.wait(HOUR)
    (made,) = ask(office.store, transitions.told)
    assert (made.simulated, ask(office.store, transitions.simulated)) == (simulated, simulated)


@pytest.mark.parametrize("simulated", [True, False])
def test_a_gap_alone_says_whether_its_target_is_simulated(office: Office, simulated: bool) -> None:
    office.store.append_gap(gap(START, simulated=simulated), within=[office.fold.missed])
    assert ask(office.store, transitions.simulated) is simulated


def test_entries_are_counted_by_the_reading_in_force(office: Office) -> None:
    number = office.store.append_observation(observation(START))
    again = LaterReading(
        observation=number,
        platform="classic",
        reader_version="2",
        reading=reading(Outcome.CAPTCHA),
        read_at=START,
        cause="test",
    )
    tell(office.store, later_readings.append, NAME, [again], {}, START)
    (counted,) = ask(office.store, transitions.counts, START, START + HOUR)
    assert (counted.target, counted.outcome, counted.n) == (NAME, Outcome.CAPTCHA, 1)


def test_targets_with_entries_that_nobody_folded_are_behind(office: Office) -> None:
    office.see(Outcome.NO_SLOTS)
    assert ask(office.store, transitions.behind) == []
    office.store.append_observation(observation(START + HOUR, name="autre"))
    assert ask(office.store, transitions.behind) == ["autre"]


def test_what_was_folded_of_simulated_visits_says_so(office: Office) -> None:
    office.see_hourly(Outcome.NO_SLOTS, 26)
    assert not ask(office.store, transitions.simulated)
    for hours in range(26):
        seen = observation(START + hours * HOUR, name="autre", simulated=True)
        office.store.append_observation(seen, within=[office.fold.observed])
    assert ask(office.store, transitions.simulated)
    kinds = {one.transition.target: one.simulated for one in ask(office.store, transitions.told)}
    assert kinds == {NAME: False, "autre": True}


def changed(office: Office, change: Change, *heard: str, name: str = NAME, **more: Any) -> int:
    """The number of a transition just recorded, of which `heard` are to hear."""
    seen = observation(office.clock.now(), name=name)
    office.wait(HOUR)
    entry = office.store.append_observation(seen)
    made = replace(make_transition(change), target=name, **more)
    with office.store.write() as conn:
        number = transitions.append_transition(conn, made, entry, simulated=False, recorded_at=START)
        outbox.queue(conn, number, [(who, START) for who in heard])
    return number


def overtaken(office: Office, *numbers: int) -> set[int]:
    return ask(office.store, outbox.overtaken, "one", numbers)


def test_a_drought_is_no_news_once_news_ended_it_whoever_heard_of_that(office: Office) -> None:
    zero = changed(office, Change.ZERO, "one")
    changed(office, Change.SLOTS, name="autre")
    changed(office, Change.SLOTS, before=Phase.UNKNOWN)  # no news: nobody is told of these
    assert overtaken(office, zero) == set()
    ended = changed(office, Change.SLOTS, "another")
    assert overtaken(office, zero, ended) == {zero}
    assert overtaken(office, ended) == set()


def test_an_opening_is_no_news_once_its_recipient_is_to_hear_of_what_came_after(office: Office) -> None:
    opened = changed(office, Change.SLOTS, "one")
    changed(office, Change.ZERO, "another")
    changed(office, Change.SLOTS, "another")
    assert overtaken(office, opened) == set()
    again = changed(office, Change.MILESTONE, "one")
    assert overtaken(office, opened, again) == {opened}
