"""Targets: a version is appended when something changed, and only then."""

from __future__ import annotations

from types import MappingProxyType

import pytest

from monitor.clock import SimulatedClock
from monitor.store import Store, StoreError
from monitor.store.record.target_versions import of, recorded
from monitor.store.tables.record import target_versions
from tests.cast.observations import HOUR, NOON, rows_of, target
from tests.cast.transactions import ask


def versions(store: Store) -> int:
    return len(rows_of(store, target_versions)[0])


def test_a_target_comes_back(store: Store) -> None:
    known = target(desk="Guichet 3", options=MappingProxyType({"motif": "12"}), departement="01")
    store.record_targets([known])
    (version,) = ask(store, recorded)
    assert version.target == known


def test_the_same_target_is_recorded_once(store: Store) -> None:
    for _ in range(3):
        store.record_targets([target(), target("autre")])
    assert versions(store) == 2


def test_a_changed_target_gets_a_new_version(store: Store) -> None:
    store.record_targets([target()])
    store.record_targets([target(url="http://vienne.localhost/booking/create/2")])
    (version,) = ask(store, recorded)
    assert version.target.url.endswith("/2")
    assert versions(store) == 2


def test_going_back_is_a_change_too(store: Store) -> None:
    for url in ("http://a.localhost/", "http://b.localhost/", "http://a.localhost/"):
        store.record_targets([target(url=url)])
    (version,) = ask(store, recorded)
    assert (version.target.url, versions(store)) == ("http://a.localhost/", 3)


def test_a_target_left_out_stays_known(store: Store) -> None:
    store.record_targets([target(), target("autre")])
    store.record_targets([target()])
    assert [version.target.id for version in ask(store, recorded)] == ["autre", "vienne-titre"]


def test_the_same_content_has_the_same_digest(store: Store) -> None:
    store.record_targets([target(options={"a": "1", "b": "2"})])
    (first,) = ask(store, recorded)
    store.record_targets([target(options={"b": "2", "a": "1"})])
    assert ask(store, recorded) == (first,)


def test_a_version_is_dated(store: Store) -> None:
    store._clock = SimulatedClock(NOON + HOUR)
    store.record_targets([target()])
    (version,) = ask(store, recorded)
    assert version.recorded_at == NOON + HOUR


def test_a_version_that_is_not_there_is_one_sentence(store: Store) -> None:
    with pytest.raises(StoreError, match="There is no version 7 of any target"):
        ask(store, of, 7)
