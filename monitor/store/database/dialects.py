"""The few sentences the two databases do not share: insert-or-update, and waiting for one another.

Statements are made once and kept: to build one takes longer than to run it.
"""

from __future__ import annotations

from functools import cache

from sqlalchemy import Connection, Executable, Table
from sqlalchemy.dialects import postgresql, sqlite

Insert = postgresql.Insert | sqlite.Insert


def insert_new(conn: Connection, table: Table) -> Executable:
    """Insert rows, but for those whose key another writer took; gives back the keys inserted."""
    return _insert_new(conn.dialect.name, table)


def upsert(conn: Connection, table: Table) -> Insert:
    """Insert rows, or replace the values under the same primary key."""
    return _upsert(conn.dialect.name, table)


def count_up(conn: Connection, table: Table) -> Insert:
    """Insert rows, or add their `n` to the one under the same primary key."""
    return _count_up(conn.dialect.name, table)


def lock(conn: Connection, table: Table) -> None:
    """Let no other transaction write `table`, or lock one of its rows, until this one ends. Readers go on.

    On SQLite every write transaction holds the one write lock already.
    """
    if conn.dialect.name == "postgresql":
        conn.exec_driver_sql(f"LOCK TABLE {table.name} IN EXCLUSIVE MODE")


@cache
def _insert_new(dialect: str, table: Table) -> Executable:
    return _insert(dialect, table).on_conflict_do_nothing().returning(*table.primary_key.columns)


@cache
def _upsert(dialect: str, table: Table) -> Insert:
    statement = _insert(dialect, table)
    others = [column.name for column in table.c if not column.primary_key]
    values = {name: statement.excluded[name] for name in others}
    return statement.on_conflict_do_update(index_elements=table.primary_key.columns, set_=values)


@cache
def _count_up(dialect: str, table: Table) -> Insert:
    statement = _insert(dialect, table)
    more = {"n": table.c.n + statement.excluded.n}
    return statement.on_conflict_do_update(index_elements=table.primary_key.columns, set_=more)


def _insert(dialect: str, table: Table) -> Insert:
    return postgresql.insert(table) if dialect == "postgresql" else sqlite.insert(table)
