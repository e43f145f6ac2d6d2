"""The migrations make exactly the tables of the code, once, and never go back."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from alembic.util import CommandError
from sqlalchemy import Connection, insert, inspect

from monitor.model import Observation
from monitor.store import StoreError, open_store, upgrade
from monitor.store.captures import captures
from monitor.store.database import migrate, schema
from monitor.store.database.engine import connect, for_writing, parse
from monitor.store.record import target_versions
from monitor.store.record.rows import observation_columns
from monitor.store.review import acceptances
from monitor.store.tables.record import EntryKind, entries, metadata, observations
from tests.cast.observations import NOON, observation, target
from tests.cast.schema import schema_is_current


@contextmanager
def opened(url: str) -> Iterator[Connection]:
    engine = connect(parse(url))
    with for_writing(engine).begin() as conn:
        yield conn
    engine.dispose()


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgresql)])
def empty_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The address of a database without a table, of each kind."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'vigie.db'}"
    return str(request.getfixturevalue("postgresql_url"))


def test_an_upgrade_makes_the_tables_of_the_code(empty_url: str) -> None:
    upgrade(empty_url)
    with opened(empty_url) as conn:
        assert compare_metadata(MigrationContext.configure(conn), metadata) == []


def test_keys_and_uniqueness_are_those_of_the_code(database_url: str) -> None:
    with opened(database_url) as conn:
        inspector = inspect(conn)
        for name, table in metadata.tables.items():
            key = inspector.get_pk_constraint(name)["constrained_columns"]
            assert key == [column.name for column in table.primary_key], name
        (unique,) = inspector.get_unique_constraints("entries")
        assert unique["column_names"] == ["target", "scheduled_at"]


def test_there_is_one_head() -> None:
    assert len(ScriptDirectory.from_config(migrate.config(schema.scripts())).get_heads()) == 1


def test_the_files_are_numbered_as_they_follow_each_other() -> None:
    walked = ScriptDirectory.from_config(migrate.config(schema.scripts())).walk_revisions()
    assert tuple(script.revision for script in walked)[::-1] == schema.revisions()


def test_a_second_upgrade_changes_nothing(empty_url: str) -> None:
    upgrade(empty_url)
    with opened(empty_url) as conn:
        before = inspect(conn).get_table_names()
    upgrade(empty_url)
    with opened(empty_url) as conn:
        assert inspect(conn).get_table_names() == before


def test_a_schema_is_current_after_an_upgrade(empty_url: str) -> None:
    assert not schema_is_current(empty_url)
    upgrade(empty_url)
    assert schema_is_current(empty_url)


def test_every_downgrade_is_refused(database_url: str) -> None:
    with opened(database_url) as conn, pytest.raises(CommandError, match="schema never goes back: restore"):
        command.downgrade(migrate.config(schema.scripts(), conn), "base")
    assert schema_is_current(database_url)


def test_an_upgrade_that_fails_leaves_nothing(empty_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def half(conn: Connection, *_: object) -> None:
        conn.exec_driver_sql("CREATE TABLE half (id INTEGER)")
        raise RuntimeError("power cut")

    monkeypatch.setattr(
        "monitor.store.database.migrate.command.upgrade", lambda made, _: half(made.attributes["connection"])
    )
    with pytest.raises(RuntimeError, match="power cut"):
        upgrade(empty_url)
    with opened(empty_url) as conn:
        assert inspect(conn).get_table_names() == []


def test_migrations_run_through_vigie_alone() -> None:
    with pytest.raises(CommandError, match="Run migrations with `vigie db upgrade`"):
        command.upgrade(migrate.config(schema.scripts()), "head")


@pytest.mark.slow
def test_two_services_may_start_together(empty_url: str) -> None:
    code = "import sys; from monitor.store import upgrade; upgrade(sys.argv[1])"
    both = [subprocess.Popen([sys.executable, "-c", code, empty_url]) for _ in range(2)]
    assert [process.wait(timeout=60) for process in both] == [0, 0]
    assert schema_is_current(empty_url)


def test_the_migrations_are_found_inside_an_installed_package(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shutil.copytree(schema.scripts(), tmp_path / "monitor" / "migrations")
    monkeypatch.setattr(schema, "PACKAGE", tmp_path / "monitor")
    upgrade(f"sqlite:///{tmp_path / 'vigie.db'}")
    assert schema_is_current(f"sqlite:///{tmp_path / 'vigie.db'}")


def test_missing_migrations_are_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(schema, "PACKAGE", tmp_path / "monitor")
    with pytest.raises(StoreError, match="The migrations are missing from this installation"):
        upgrade(f"sqlite:///{tmp_path / 'vigie.db'}")


def test_a_row_from_before_accepted_lines_reads_as_it_did(empty_url: str, tmp_path: Path) -> None:
    seen = observation()
    with opened(empty_url) as conn:
        command.upgrade(migrate.config(schema.scripts(), conn), "0006")
        target_versions.record(conn, [target()], NOON)
        conn.execute(insert(entries), _entry_of(conn, seen))
        manifest = captures.keep(conn, seen.target, seen.capture, None)
        columns = observation_columns(seen, manifest, None)
        del columns["accepted"]
        conn.execute(insert(observations), {"id": 1, **columns})
    upgrade(empty_url)
    store = open_store(empty_url, media=tmp_path / "media")
    (row,) = store.observations()
    assert row.reading == seen.reading
    assert row.reading.accepted == ()
    with store.read() as conn:
        assert acceptances.every(conn) == []
    store.close()


def _entry_of(conn: Connection, seen: Observation) -> dict[str, object]:
    """The entry of a first observation, as every version since 0001 has it."""
    return {
        "id": 1,
        "kind": EntryKind.OBSERVATION,
        "target": seen.target,
        "target_version_id": target_versions.in_force(conn, seen.target).version_id,
        "scheduled_at": seen.scheduled_at,
        "at": seen.scheduled_at,
        "day": NOON.date(),
        "simulated": False,
        "recorded_at": NOON,
    }
