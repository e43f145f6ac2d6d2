"""The few statements that differ between SQLite and PostgreSQL: insert-or-update, and table locks.

Statements are cached: building one takes longer than running it.
"""

from __future__ import annotations

from functools import cache

from sqlalchemy import Connection, Executable, Table
from sqlalchemy.dialects import postgresql, sqlite

Insert = postgresql.Insert | sqlite.Insert


def insert_new(conn: Connection, table: Table) -> Executable:
    """A statement that inserts rows, skips those whose key exists, and returns the inserted primary keys."""
    return _insert_new(conn.dialect.name, table)


def upsert(conn: Connection, table: Table) -> Insert:
    """A statement that inserts rows; where the primary key exists, it replaces the other values."""
    return _upsert(conn.dialect.name, table)


def count_up(conn: Connection, table: Table) -> Insert:
    """A statement that inserts rows; where the primary key exists, it adds the new `n` to the stored one."""
    return _count_up(conn.dialect.name, table)


def lock(conn: Connection, table: Table) -> None:
    """Until this transaction ends, no other can write `table` or lock a row of it. Reading stays possible.

    On SQLite this does nothing: every write transaction already holds the database's only write lock.
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
