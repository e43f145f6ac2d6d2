"""What is kept beside the rows equals what the rows say, in whatever order they came."""

from __future__ import annotations

from datetime import timedelta
from itertools import count
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from monitor.model import GapReason, Origin
from monitor.store import InstantTaken, Store
from monitor.store.record import projections, standings
from monitor.store.tables.record import day_counts, entry_counts, latest, targets
from probes.model import Outcome
from tests.cast.observations import HOUR, NOON, gap, observation, rows_of, target
from tests.cast.transactions import ask, tell

PROJECTIONS = (targets, entry_counts, day_counts, latest)
numbers = count()

outcomes = st.sampled_from([Outcome.NO_SLOTS, Outcome.NO_SLOTS, *Outcome])
entries = st.tuples(st.integers(0, 12), st.integers(0, 1), outcomes, st.sampled_from(Origin))
missed = st.tuples(st.integers(0, 12), st.integers(0, 1), st.sampled_from(GapReason))
histories = st.lists(entries | missed, max_size=25)


def live(store: Store, history: list[tuple[Any, ...]], zone: str) -> None:
    """Append a history of observations and gaps, for two new targets; what collides is refused."""
    names = [f"t{next(numbers)}", f"t{next(numbers)}"]
    store.record_targets(target(name, zone=zone) for name in names)
    for hours, which, result, *origin in history:
        at = NOON + hours * HOUR
        try:
            if origin:
                store.append_observation(observation(at, result, name=names[which], origin=origin[0]))
            else:
                store.append_gap(gap(at, result, name=names[which]))
        except InstantTaken:
            pass


def equals_its_rebuild(store: Store) -> bool:
    kept = rows_of(store, *PROJECTIONS)
    tell(store, projections.rebuild)
    return rows_of(store, *PROJECTIONS) == kept


@given(history=histories, zone=st.sampled_from(["Europe/Paris", "Pacific/Tahiti", "America/Miquelon"]))
@settings(max_examples=60, suppress_health_check=[HealthCheck.too_slow])
@pytest.mark.slow
def test_any_history_equals_its_rebuild(history: list[tuple[Any, ...]], zone: str, busy: Store) -> None:
    live(busy, history, zone)
    assert equals_its_rebuild(busy)


def test_a_history_equals_its_rebuild_on_both(store: Store) -> None:
    outcome = list(Outcome)
    for seed in range(6):
        history = [
            ((7 * n * (seed + 1)) % 41, n % 2, outcome[n * (seed + 2) % 12], list(Origin)[n % 3])
            for n in range(20)
        ]
        live(store, [*history, (40 - seed, 1, GapReason.MISFIRE)], "Indian/Reunion")
    assert equals_its_rebuild(store)


def test_a_rebuild_repairs_what_was_spoilt(known: Store) -> None:
    known.append_observation(observation())
    kept = rows_of(known, *PROJECTIONS)
    with known.write() as conn:
        conn.execute(entry_counts.update().values(n=99))
        conn.execute(latest.delete())
    tell(known, projections.rebuild)
    assert rows_of(known, *PROJECTIONS) == kept


def zeros(store: Store) -> tuple[object, ...]:
    (standing,) = ask(store, standings.every)
    return standing.zeros, standing.zero_start_at, standing.zero_last_at


def test_a_run_of_zeros_grows(known: Store) -> None:
    for hours in range(3):
        known.append_observation(observation(NOON + hours * HOUR))
    assert zeros(known) == (3, NOON, NOON + 2 * HOUR)


def test_a_slot_ends_a_run_of_zeros(known: Store) -> None:
    known.append_observation(observation(NOON))
    known.append_observation(observation(NOON + HOUR, Outcome.SLOTS_OFFERED))
    assert zeros(known) == (0, None, None)


@pytest.mark.parametrize("between", [o for o in Outcome if not o.conclusive])
def test_what_is_inconclusive_neither_ends_nor_lengthens_a_run(known: Store, between: Outcome) -> None:
    known.append_observation(observation(NOON))
    known.append_observation(observation(NOON + HOUR, between))
    assert zeros(known) == (1, NOON, NOON)


def test_a_slot_recorded_late_splits_the_run_where_it_stands(known: Store) -> None:
    for hours in range(4):
        known.append_observation(observation(NOON + hours * HOUR))
    known.append_observation(observation(NOON + 1.5 * HOUR, Outcome.SLOTS_OFFERED))
    assert zeros(known) == (2, NOON + 2 * HOUR, NOON + 3 * HOUR)


@pytest.mark.parametrize("order", [1, -1])
def test_a_zero_of_the_same_instant_as_a_slot_begins_no_run(known: Store, order: int) -> None:
    for outcome in (Outcome.SLOTS_OFFERED, Outcome.NO_SLOTS)[::order]:
        known.append_observation(observation(NOON, outcome, origin=Origin.MANUAL))
    assert zeros(known) == (0, None, None)
    assert equals_its_rebuild(known)


def test_of_two_visits_at_one_instant_the_one_recorded_last_is_the_latest(known: Store) -> None:
    for outcome in (Outcome.SLOTS_OFFERED, Outcome.NO_SLOTS, Outcome.CAPTCHA):
        last = known.append_observation(observation(NOON, outcome, origin=Origin.MANUAL))
    (standing,) = ask(known, standings.every)
    assert (standing.last_id, standing.outcome) == (last, Outcome.CAPTCHA)
    assert standing.conclusive_outcome is Outcome.NO_SLOTS
    assert equals_its_rebuild(known)


def test_history_recorded_after_the_present_does_not_pass_for_the_latest(known: Store) -> None:
    now = known.append_observation(observation(NOON, Outcome.SLOTS_OFFERED))
    for days in range(1, 4):
        known.append_observation(observation(NOON - timedelta(days=days), Outcome.CAPTCHA))
    (standing,) = ask(known, standings.every)
    assert (standing.last_id, standing.outcome) == (now, Outcome.SLOTS_OFFERED)


def test_attended_and_scheduled_visits_never_mix(known: Store) -> None:
    known.append_observation(observation(NOON, Outcome.CAPTCHA))
    known.append_observation(observation(NOON + HOUR, origin=Origin.ATTENDED))
    seen = {standing.origin: (standing.outcome, standing.zeros) for standing in ask(known, standings.every)}
    assert seen == {Origin.SCHEDULED: (Outcome.CAPTCHA, 0), Origin.ATTENDED: (Outcome.NO_SLOTS, 1)}
