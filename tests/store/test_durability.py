"""Rows wait for the disk, working state does not."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path

import pytest
from sqlalchemy import Connection

from monitor.store import Store, open_store

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
