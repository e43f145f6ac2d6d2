"""What a column gives back is what it was given, in UTC."""

from __future__ import annotations

from datetime import UTC, datetime, timezone
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select
from sqlalchemy.exc import StatementError

from monitor.store import Store
from monitor.store.database.types import storable
from monitor.store.record import host_states
from monitor.store.tables.record import hosts
from probes.sessions.pace import HostState
from tests.cast.observations import HOUR, NOON
from tests.cast.transactions import ask

zones = st.sampled_from([UTC, ZoneInfo("Europe/Paris"), ZoneInfo("Pacific/Noumea"), timezone(-3 * HOUR)])


def round_trip(store: Store, instant: datetime | None) -> datetime | None:
    with store.write() as conn:
        conn.execute(hosts.delete())
        conn.execute(hosts.insert(), {"host": "h", "pages": 0, "refusals": 0, "open_until": instant})
        return conn.scalar(select(hosts.c.open_until))


@given(instant=st.datetimes(datetime(1970, 1, 2), datetime(2100, 1, 1), timezones=zones))  # noqa: DTZ001
def test_any_instant_comes_back_in_utc(instant: datetime, busy: Store) -> None:
    read = round_trip(busy, instant)
    assert read is not None
    assert read == instant.astimezone(UTC)  # an hour that a zone skips equals nothing, not even itself
    assert read.tzinfo is UTC


@pytest.mark.parametrize("fold", [0, 1])
def test_both_hours_of_an_autumn_night_come_back(store: Store, fold: int) -> None:
    ambiguous = datetime(2026, 10, 25, 2, 30, tzinfo=ZoneInfo("Europe/Paris"), fold=fold)
    assert round_trip(store, ambiguous) == datetime(2026, 10, 25, fold, 30, tzinfo=UTC)


def test_microseconds_come_back(store: Store) -> None:
    assert round_trip(store, NOON.replace(microsecond=1)) == NOON.replace(microsecond=1)


def test_an_instant_without_a_zone_is_refused(store: Store) -> None:
    with pytest.raises(StatementError, match="has no time zone"):
        round_trip(store, datetime(2026, 11, 23))  # noqa: DTZ001


def test_a_postgresql_in_another_zone_still_answers_in_utc(store: Store) -> None:
    if store.url.get_backend_name() == "postgresql":
        with store.write() as conn:
            conn.exec_driver_sql("ALTER ROLE postgres SET timezone = 'Pacific/Noumea'")
        store.close()
    read = round_trip(store, NOON)
    assert read is not None
    assert read.tzinfo is UTC


@given(st.text())
def test_storable_text_changes_only_what_cannot_be_stored(text: str) -> None:
    kept = storable(text)
    assert len(kept) == len(text)
    assert all(a == b or (b == "\ufffd" and a in "\0") for a, b in zip(text, kept, strict=True))


def test_a_state_may_be_empty(store: Store) -> None:
    assert round_trip(store, None) is None
    assert ask(store, host_states.every) == {"h": HostState()}
