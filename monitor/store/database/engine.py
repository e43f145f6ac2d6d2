"""Engines: one per database, speaking SQLite or PostgreSQL, with the guarantees the record needs.

SQLite: write-ahead log, so that readers never wait; every write transaction takes the write lock at once, so
that none fails half-way; `synchronous=FULL`, so that a commit outlives kill −9 *and* a power cut. What need
not be `durable` outlives only kill −9, and does not wait for the disk. PostgreSQL is asked for the same.
"""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from functools import partial
from pathlib import Path
from typing import Any, TypeAlias

from sqlalchemy import URL, Connection, Engine, create_engine, event, make_url
from sqlalchemy.exc import ArgumentError

from monitor.store.database.errors import StoreError

Transaction: TypeAlias = Connection
"""What the functions of the store run in; who calls them need not know more of it."""

BUSY_SECONDS = 10.0
"""How long a writer waits for another one before it says that the database is locked."""

_compact = partial(json.dumps, ensure_ascii=False, separators=(",", ":"))


def parse(url: str) -> URL:
    """The address, read. Raises `StoreError` unless it is PostgreSQL or a file in an existing folder."""
    try:
        parsed = make_url(url)
    except (ArgumentError, ValueError):
        raise StoreError(f"The database address {url!r} cannot be read: {_EXPECTED}.") from None
    match parsed.get_backend_name():
        case "sqlite":
            return _sqlite_file(parsed)
        case "postgresql" | "postgres":
            return parsed.set(drivername="postgresql+psycopg")
        case other:
            raise StoreError(
                f"The database address names {other}, which the store does not speak: {_EXPECTED}."
            )


def exists(url: URL) -> bool:
    """Whether there is anything to connect to: SQLite would quietly make the file."""
    return url.get_backend_name() != "sqlite" or Path(str(url.database)).exists()


def connect(url: URL) -> Engine:
    """An engine for an address that `parse` accepted. Connects only when first used."""
    if url.get_backend_name() == "sqlite":
        engine = create_engine(url, json_serializer=_compact, connect_args={"timeout": BUSY_SECONDS})
        event.listen(engine, "connect", _prepare_sqlite)
        event.listen(engine, "begin", _begin_sqlite)
        return engine
    patience = {"connect_timeout": int(BUSY_SECONDS)}
    engine = create_engine(url, json_serializer=_compact, pool_pre_ping=True, connect_args=patience)
    event.listen(engine, "begin", _begin_postgresql)
    return engine


def for_writing(engine: Engine, *, durable: bool = True) -> Engine:
    """The same engine and pool, for transactions that write."""
    return engine.execution_options(writes=True, durable=durable)


def forget(engine: Engine) -> None:
    """Have the database overwrite what it keeps of rows of `subscriptions` that were deleted."""
    if engine.dialect.name == "sqlite":
        # By the driver: the library would begin a transaction, in which the log cannot be emptied.
        with closing(engine.raw_connection()) as raw:
            raw.cursor().execute("PRAGMA wal_checkpoint(TRUNCATE)")
    else:
        with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as conn:
            conn.exec_driver_sql("VACUUM (FULL) subscriptions")


_EXPECTED = "write sqlite:////folder/vigie.db or postgresql://user@server/vigie"


def _sqlite_file(url: URL) -> URL:
    if not url.database or url.database == ":memory:":
        raise StoreError(f"The database address {url} names no file, and the record must last: {_EXPECTED}.")
    folder = Path(url.database).resolve().parent
    if not folder.is_dir():
        raise StoreError(
            f"The folder {folder} of the database does not exist: create it or change the address."
        )
    return url.set(drivername="sqlite")


def _prepare_sqlite(raw: Any, _record: object) -> None:
    raw.isolation_level = None  # else the driver decides when a transaction begins, and DDL is outside it
    raw.execute("PRAGMA foreign_keys=ON").close()
    try:
        raw.execute("PRAGMA journal_mode=WAL").close()
    except sqlite3.OperationalError as error:
        # Two programs opening a new file: the mode stays with the file, so one of them setting it is enough.
        if error.sqlite_errorcode != sqlite3.SQLITE_BUSY:
            raise


def _begin_sqlite(conn: Connection) -> None:
    asked = conn.get_execution_options()
    if asked.get("writes"):
        conn.exec_driver_sql(f"PRAGMA synchronous={'FULL' if asked['durable'] else 'NORMAL'}")
        conn.exec_driver_sql("BEGIN IMMEDIATE")
    else:
        conn.exec_driver_sql("BEGIN")


def _begin_postgresql(conn: Connection) -> None:
    asked = conn.get_execution_options()
    if not asked.get("writes"):
        conn.exec_driver_sql("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")  # one moment, as on SQLite
    elif not asked["durable"]:
        conn.exec_driver_sql("SET LOCAL synchronous_commit = off")
