"""Streams: time order, bounds, and batches that nobody notices."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any

import pytest

from monitor.model import Origin
from monitor.store import GapRow, ObservationRow, Store
from monitor.store.record import entries
from tests.cast.observations import HOUR, NOON, gap, observation
from tests.cast.transactions import ask


@pytest.fixture
def ten_hours(known: Store) -> Store:
    """Observations at even hours, gaps at odd ones, appended in no particular order."""
    for hours in (4, 0, 8, 2, 6):
        known.append_observation(observation(NOON + hours * HOUR))
        known.append_gap(gap(NOON + (hours + 1) * HOUR))
    return known


def hours_of(rows: Iterator[Any]) -> list[float]:
    return [(row.at - NOON) / HOUR for row in rows]


def test_entries_come_in_time_order(ten_hours: Store) -> None:
    rows = list(ten_hours.entries())
    assert hours_of(iter(rows)) == list(range(10))
    assert [type(row) for row in rows] == [ObservationRow, GapRow] * 5


def test_each_kind_has_its_stream(ten_hours: Store) -> None:
    assert hours_of(ten_hours.observations()) == [0, 2, 4, 6, 8]
    assert hours_of(ten_hours.gaps()) == [1, 3, 5, 7, 9]


def test_newest_first_turns_the_order(ten_hours: Store) -> None:
    assert hours_of(ten_hours.entries(newest_first=True, limit=3)) == [9, 8, 7]


@pytest.mark.parametrize("stream", [Store.entries, Store.observations, Store.gaps])
def test_since_is_included_and_until_is_not(ten_hours: Store, stream: Callable[..., Iterator[Any]]) -> None:
    found = hours_of(stream(ten_hours, since=NOON + 2 * HOUR, until=NOON + 7 * HOUR))
    assert found == [hour for hour in hours_of(stream(ten_hours)) if 2 <= hour < 7]


@pytest.mark.parametrize("limit", [0, 1, 4, 10, 11])
def test_a_limit_is_kept_over_batches(ten_hours: Store, monkeypatch: pytest.MonkeyPatch, limit: int) -> None:
    monkeypatch.setattr(entries, "BATCH", 3)
    assert hours_of(ten_hours.entries(limit=limit)) == list(range(10))[:limit]


@pytest.mark.parametrize("newest_first", [False, True])
@pytest.mark.parametrize("batch", [1, 2, 3, 5, 10])
def test_batches_neither_lose_nor_double_rows_of_one_instant(
    known: Store, monkeypatch: pytest.MonkeyPatch, batch: int, newest_first: bool
) -> None:
    numbers = [known.append_observation(observation(origin=Origin.MANUAL)) for _ in range(5)]
    monkeypatch.setattr(entries, "BATCH", batch)
    found = [row.id for row in known.observations(newest_first=newest_first)]
    assert found == (numbers[::-1] if newest_first else numbers)


def test_a_stream_is_about_one_target(ten_hours: Store) -> None:
    ten_hours.append_gap(gap(name="reunion-titre"))
    assert hours_of(ten_hours.entries("reunion-titre")) == [0]


def test_a_bound_without_a_zone_is_refused(known: Store) -> None:
    with pytest.raises(ValueError, match="since has no time zone"):
        known.observations(since=datetime(2026, 11, 23))  # noqa: DTZ001


def test_a_slow_reader_does_not_hold_back_a_writer(ten_hours: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(entries, "BATCH", 2)
    slow = ten_hours.entries()
    next(slow)
    ten_hours.append_gap(gap(NOON + 20 * HOUR))
    assert hours_of(slow)[-1] == 20


def test_gaps_are_not_counted_as_observations(known: Store) -> None:
    for hours in range(3):
        known.append_observation(observation(NOON + hours * HOUR))
    known.append_gap(gap(NOON + 3 * HOUR))
    assert ask(known, entries.count_observations) == 3
    assert (
        ask(known, entries.count_observations, "vienne-titre", since=NOON + HOUR, until=NOON + 2 * HOUR) == 1
    )
    assert ask(known, entries.count_observations, "reunion-titre") == 0
