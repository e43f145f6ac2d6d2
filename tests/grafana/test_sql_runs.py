"""Droughts, openings and appearances: the dashboards' SQL and Python agree to the last digit."""

from __future__ import annotations

import functools
import operator
from collections.abc import Iterable
from datetime import timedelta

import pytest

from grafana.queries import query
from monitor.figures.period import Insufficient
from monitor.figures.runs import Appearances, Lifetimes, appearances, droughts, lifetimes, openings
from monitor.store import Store
from tests.grafana.weeks import GUICHETS, Query, load

pytestmark = pytest.mark.postgresql


def days(length: timedelta) -> float:
    return length.total_seconds() / 86400


def hours(length: timedelta) -> float:
    return length.total_seconds() / 3600


def test_the_droughts(sql: Query, seeded: tuple[str, Store], name: str) -> None:
    rows = sql(query("droughts"), target=name)
    found = sorted(droughts(load(seeded, name)), key=lambda d: (-d.at_least, d.first))[:20]
    assert [(row["début"], row["dernier zéro"]) for row in rows] == [(d.first, d.last) for d in found]
    assert [row["au moins"] for row in rows] == [days(d.at_least) for d in found]
    assert [row["au plus"] for row in rows] == [d.at_most and days(d.at_most) for d in found]
    assert [row["n"] for row in rows] == [d.counts.zeros for d in found]
    assert [row["couverture"] for row in rows] == [d.counts.coverage for d in found]
    edges = [(d.open_start, d.open_end) for d in found]
    assert [("début non" in row["réserve"], "fin non" in row["réserve"]) for row in rows] == edges


def test_the_openings_between_their_bounds(sql: Query, seeded: tuple[str, Store], name: str) -> None:
    rows = sql(query("openings"), target=name)
    found = openings(load(seeded, name))[::-1][:50]
    assert [row["vue la première fois"] for row in rows] == [o.first_seen for o in found]
    assert [row["vue la dernière fois"] for row in rows] == [o.last_seen for o in found]
    assert [row["au moins"] for row in rows] == [hours(o.at_least) for o in found]
    assert [row["au plus"] for row in rows] == [o.at_most and hours(o.at_most) for o in found]


def test_the_band_of_the_median_lifetime(sql: Query, seeded: tuple[str, Store], name: str) -> None:
    (row,) = sql(query("lifetimes"), target=name)
    record = load(seeded, name)
    found = lifetimes(record)
    assert (row["n"], row["couverture"]) == (record.counts.conclusive, record.counts.coverage)
    assert row["ouvertures"] == len(openings(record))
    if isinstance(found, Insufficient):
        assert (row["médiane, au moins"], row["réserve"]) == (None, "données insuffisantes")
        return
    assert row["médiane, au moins"] == hours(found.median_at_least)
    most = found.median_at_most
    assert row["médiane, au plus"] == (most and hours(most))
    assert (row["réserve"] == "sans borne supérieure") == (most is None)


def test_a_few_openings_are_insufficient_and_enough_are_not(seeded: tuple[str, Store]) -> None:
    """The comparison above meets both."""
    kinds = {type(lifetimes(load(seeded, name))) for name in GUICHETS}
    assert kinds == {Lifetimes, Insufficient}


@pytest.mark.parametrize("name", [*GUICHETS, "lyon"])
def test_when_slots_appear(sql: Query, seeded: tuple[str, Store], name: str) -> None:
    rows = sql(query("appearances"), target=name)
    found = appearances(load(seeded, name), trials=1)
    assert [row["jour"] for row in rows][::6] == ["lundi", "dimanche"]
    if isinstance(found, Insufficient):
        assert {row[f"{hour} h"] for row in rows for hour in range(24)} == {None}
        return
    for weekday, row in enumerate(rows):
        assert row["apparitions"] == added(found.events[weekday])
        assert row["heures observées"] == added(found.hours[weekday])
        for hour in range(24):
            watched = found.hours[weekday, hour]
            expected = 100 * found.events[weekday, hour] / watched if watched else None
            assert row[f"{hour} h"] == expected


def added(cells: Iterable[float]) -> float:
    """In order: what a database adds up, it adds up so."""
    return functools.reduce(operator.add, cells, 0.0)


def test_some_appearances_are_told_and_some_are_insufficient(seeded: tuple[str, Store]) -> None:
    """Or the comparison above could not fail."""
    found = [appearances(load(seeded, name), trials=1) for name in [*GUICHETS, "lyon"]]
    assert {type(one) for one in found} == {Appearances, Insufficient}
    assert sum(isinstance(one, Appearances) and one.n > 5 for one in found) >= 3
