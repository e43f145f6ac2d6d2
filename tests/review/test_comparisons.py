"""Comparisons of visits with those of their controls, as the store makes and keeps them."""

from __future__ import annotations

from datetime import timedelta

import pytest

from monitor.model import Corroboration, Origin
from monitor.store import Store
from monitor.store.review import controls
from monitor.store.tables.review import corroborations
from probes.model import Outcome
from tests.cast.observations import HOUR, NOON, observation, rows_of, target
from tests.cast.transactions import ask, tell

MINUTE = timedelta(minutes=1)
PAIRS = {"vienne-titre": "temoin"}
LATER = NOON + HOUR


@pytest.fixture
def known(store: Store) -> Store:
    store.record_targets([target(), target("temoin")])
    return store


def judged(store: Store) -> list[controls.ControlComparison]:
    return tell(store, controls.judge, PAIRS, NOON, NOON + 5 * MINUTE, LATER)


@pytest.mark.parametrize("minutes", [-10, 10, 14])
def test_a_control_just_outside_the_period_is_found_too(known: Store, minutes: int) -> None:
    number = known.append_observation(observation(NOON + max(0, minutes - 10) * MINUTE))
    control = known.append_observation(
        observation(NOON + minutes * MINUTE, Outcome.SLOTS_OFFERED, "temoin", origin=Origin.CONTROL)
    )
    (made,) = judged(known)
    assert (made.observation, made.control) == (number, control)
    assert made.corroboration is Corroboration.CORROBORATED
    assert ask(known, controls.judged, number) == made


def test_only_drawn_visits_are_compared_and_each_of_them_once(known: Store) -> None:
    number = known.append_observation(observation(NOON))
    known.append_observation(observation(NOON + MINUTE, origin=Origin.MANUAL))
    assert [one.observation for one in judged(known)] == [number]
    assert judged(known) == []


def test_comparing_again_adds_nothing_where_nothing_changed(known: Store) -> None:
    number = known.append_observation(observation(NOON))
    judged(known)
    tell(known, controls.judge_again, [number], LATER)
    assert len(rows_of(known, corroborations)[0]) == 1
