"""SQLAlchemy engines for SQLite and PostgreSQL, set up with the guarantees that the record needs.

SQLite uses a write-ahead log, so that readers never wait. A write transaction takes the write lock when it
begins, so that none fails half-way. `synchronous=FULL`: a commit survives `kill -9` and a power cut. With
`durable=False` a commit survives only `kill -9`, and does not wait for the disk. PostgreSQL is set up to give
the same guarantees.
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
"""What callers pass to the functions of the store. They need not know that it is SQLAlchemy's connection."""

BUSY_SECONDS = 10.0
"""Seconds a writer waits for another writer before the database is reported as locked (SQLite), and seconds
to wait for a connection (PostgreSQL)."""

_compact = partial(json.dumps, ensure_ascii=False, separators=(",", ":"))


def parse(url: str) -> URL:
    """Parse a database address. Raises `StoreError` unless it names PostgreSQL, or an SQLite file in a folder
    that exists.
    """
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
    """Whether the SQLite file exists; always true for PostgreSQL.

    To be asked before connecting, because SQLite creates a missing file.
    """
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
    """The same engine and pool, for transactions that write; see the module for `durable`."""
    return engine.execution_options(writes=True, durable=durable)


def forget(engine: Engine) -> None:
    """Make the database overwrite what is left on disk of deleted rows of `subscriptions`."""
    if engine.dialect.name == "sqlite":
        # Through the driver: SQLAlchemy would begin a transaction, in which SQLite cannot empty its log.
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
    # Otherwise the driver decides when a transaction begins, and leaves DDL outside of it.
    raw.isolation_level = None
    raw.execute("PRAGMA foreign_keys=ON").close()
    try:
        raw.execute("PRAGMA journal_mode=WAL").close()
    except sqlite3.OperationalError as error:
        # Two programs open a new file at once. The mode is stored in the file: it is enough if one sets it.
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
        # All queries of the transaction see the same state of the database, as on SQLite.
        conn.exec_driver_sql("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
    elif not asked["durable"]:
        conn.exec_driver_sql("SET LOCAL synchronous_commit = off")
