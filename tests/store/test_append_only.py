"""The database itself refuses to change or remove a row, whoever asks."""

from __future__ import annotations

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from monitor.store import Store, SwitchScope
from monitor.store.record import draws, switches
from monitor.store.record.switches import Switch
from monitor.store.tables.record import metadata
from tests.cast.observations import NOON, draw, gap, observation
from tests.cast.transactions import tell

FACTS = ["blobs", "draws", "entries", "gaps", "observations", "switches", "target_versions"]
APPEND_ONLY = sorted(name for name, table in metadata.tables.items() if table.info.get("append_only"))

on_sqlite = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
on_postgresql = pytest.mark.parametrize(
    "database_url", [pytest.param("postgresql", marks=pytest.mark.postgresql)], indirect=True
)


@pytest.fixture
def filled(known: Store) -> Store:
    """A store with at least one row in every table of `FACTS`: SQLite asks its triggers row by row."""
    known.append_observation(observation())
    known.append_gap(gap(NOON.replace(hour=13)))
    tell(known, draws.commit, [draw()])
    tell(known, switches.turn, Switch(scope=SwitchScope.ALL, off=True, reason="test", author="me", at=NOON))
    return known


def refused(store: Store, statement: str) -> None:
    with pytest.raises(DBAPIError, match="append-only"), store._writer.begin() as conn:
        conn.execute(text(statement))


def test_all_facts_are_append_only() -> None:
    assert set(FACTS) <= set(APPEND_ONLY)


@on_sqlite
@pytest.mark.parametrize("table", APPEND_ONLY)
def test_every_append_only_table_has_its_guards(store: Store, table: str) -> None:
    guards = text("SELECT name FROM sqlite_master WHERE type = 'trigger' AND tbl_name = :table ORDER BY name")
    with store.read() as conn:
        names = conn.scalars(guards, {"table": table}).all()
    assert names == [f"{table}_no_delete", f"{table}_no_replace", f"{table}_no_update"]


@pytest.mark.parametrize("table", FACTS)
def test_it_refuses_to_update(filled: Store, table: str) -> None:
    column = next(iter(metadata.tables[table].c)).name
    refused(filled, f"UPDATE {table} SET {column} = {column}")


@pytest.mark.parametrize("table", FACTS)
def test_it_refuses_to_delete(filled: Store, table: str) -> None:
    refused(filled, f"DELETE FROM {table}")


@on_sqlite
@pytest.mark.parametrize("table", FACTS)
def test_it_refuses_to_replace(filled: Store, table: str) -> None:
    refused(filled, f"INSERT OR REPLACE INTO {table} SELECT * FROM {table}")


@on_sqlite
def test_it_refuses_to_replace_the_entry_of_an_instant_under_a_new_number(filled: Store) -> None:
    others = "kind, target, target_version_id, scheduled_at, at, day, simulated, recorded_at"
    refused(filled, f"INSERT OR REPLACE INTO entries ({others}) SELECT {others} FROM entries")


@on_postgresql
@pytest.mark.parametrize("table", FACTS)
def test_it_refuses_to_update_on_conflict(filled: Store, table: str) -> None:
    key = ", ".join(column.name for column in metadata.tables[table].primary_key)
    change = f"ON CONFLICT ({key}) DO UPDATE SET {key.partition(',')[0]} = excluded.{key.partition(',')[0]}"
    refused(filled, f"INSERT INTO {table} SELECT * FROM {table} {change}")


@on_postgresql
@pytest.mark.parametrize("table", APPEND_ONLY)
def test_it_refuses_to_truncate(filled: Store, table: str) -> None:
    refused(filled, f"TRUNCATE {table} CASCADE")


@on_postgresql
def test_it_refuses_a_session_that_calls_itself_a_replica(filled: Store) -> None:
    refused(filled, "SET session_replication_role = replica; DELETE FROM entries")
