"""Rows wait for the disk, working state does not."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, closing
from pathlib import Path

import pytest
from sqlalchemy import Connection

from monitor.store import Store, StoreError, open_store
from monitor.store.database import engine
from monitor.store.record import target_versions
from tests.cast.observations import target
from tests.cast.transactions import ask

ASKED = {"sqlite": "PRAGMA synchronous", "postgresql": "SHOW synchronous_commit"}
WAITS = {"sqlite": 2, "postgresql": "on"}
DOES_NOT_WAIT = {"sqlite": 1, "postgresql": "off"}


def promised(store: Store, transaction: Callable[[], AbstractContextManager[Connection]]) -> object:
    with transaction() as conn:
        return conn.exec_driver_sql(ASKED[conn.dialect.name]).scalar()


@pytest.fixture
def usual(database_url: str, tmp_path: Path) -> Iterator[Store]:
    """A store as the service opens it."""
    opened = open_store(database_url, media=tmp_path / "media")
    yield opened
    opened.close()


def test_rows_wait_for_the_disk(usual: Store) -> None:
    assert promised(usual, usual.write) == WAITS[usual.url.get_backend_name()]


def test_working_state_does_not(usual: Store) -> None:
    assert promised(usual, usual.note) == DOES_NOT_WAIT[usual.url.get_backend_name()]


def test_rows_wait_again_after_working_state(usual: Store) -> None:
    promised(usual, usual.note)
    test_rows_wait_for_the_disk(usual)


def test_a_store_may_be_asked_not_to_wait(store: Store) -> None:
    assert promised(store, store.write) == DOES_NOT_WAIT[store.url.get_backend_name()]


def test_a_file_is_in_write_ahead_mode(sqlite_url: str) -> None:
    store = open_store(sqlite_url, media=Path())
    with store.read() as conn:
        assert conn.exec_driver_sql("PRAGMA journal_mode").scalar() == "wal"
        assert conn.exec_driver_sql("PRAGMA foreign_keys").scalar() == 1
    store.close()


def test_all_that_is_read_in_one_block_is_of_one_moment(usual: Store) -> None:
    with usual.read() as conn:
        assert target_versions.recorded(conn) == ()
        usual.record_targets([target()])
        assert target_versions.recorded(conn) == ()
    assert len(ask(usual, target_versions.recorded)) == 1


def test_a_writer_has_the_lock_from_the_start_of_its_block(
    sqlite_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Else it could read first, and fail to write after another has written."""
    monkeypatch.setattr(engine, "BUSY_SECONDS", 0.01)
    store = open_store(sqlite_url, media=Path())
    with closing(store), store.write(), pytest.raises(StoreError, match="is locked"), store.write():
        pass


def test_forgetting_leaves_nothing_in_the_log_of_a_file(sqlite_url: str) -> None:
    log = Path(sqlite_url.removeprefix("sqlite:///") + "-wal")
    with closing(open_store(sqlite_url, media=Path())) as store:
        store.record_targets([target()])
        assert log.stat().st_size > 0
        store.forget()
        assert log.stat().st_size == 0


def test_what_is_kept_as_json_is_compact_and_can_be_read_by_people(sqlite_url: str) -> None:
    with closing(open_store(sqlite_url, media=Path())) as store:
        store.record_targets([target()])
        with store.read() as conn:
            text = str(conn.exec_driver_sql("SELECT content FROM target_versions").scalar())
    assert '"demarche":"titre de séjour"' in text
    assert '", "' not in text


def test_a_file_that_cannot_be_in_write_ahead_mode_is_not_used(sqlite_url: str) -> None:
    path = sqlite_url.removeprefix("sqlite:///")
    with closing(sqlite3.connect(path)) as file:
        file.execute("PRAGMA journal_mode = DELETE")
    Path(f"{path}-wal").mkdir()
    with pytest.raises(StoreError, match="cannot be opened"):
        open_store(sqlite_url, media=Path())
