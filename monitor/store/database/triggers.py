"""Append-only tables, enforced by the database: SQL for triggers that refuse to change or remove a row."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

Keys = Sequence[Sequence[str]]


def append_only(dialect: str, table: str, keys: Keys) -> Iterator[str]:
    """SQL statements that make `table` append-only. `keys` are the columns of its primary and unique keys.

    Migrations call this. Do not change the statements: released migrations must keep doing what they did.
    """
    return _postgresql(table) if dialect == "postgresql" else _sqlite(table, keys)


def postgresql_function() -> str:
    """What every PostgreSQL trigger below calls. Created once, before the first table is guarded."""
    return (
        "CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS "
        "$$ BEGIN RAISE EXCEPTION '% is append-only', TG_TABLE_NAME; END $$"
    )


def _postgresql(table: str) -> Iterator[str]:
    yield (
        f"CREATE TRIGGER {table}_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON {table} "
        "FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()"
    )
    # ALWAYS: fires also for a session with `session_replication_role = replica`, which skips other triggers.
    yield f"ALTER TABLE {table} ENABLE ALWAYS TRIGGER {table}_append_only"


def _sqlite(table: str, keys: Keys) -> Iterator[str]:
    refuse = f"BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END"
    yield f"CREATE TRIGGER {table}_no_update BEFORE UPDATE ON {table} {refuse}"
    yield f"CREATE TRIGGER {table}_no_delete BEFORE DELETE ON {table} {refuse}"
    # INSERT OR REPLACE removes the old row without firing the DELETE trigger, so it needs one of its own.
    taken = " OR ".join(_same(key) for key in keys)
    when = f"WHEN EXISTS (SELECT 1 FROM {table} WHERE {taken})"
    yield f"CREATE TRIGGER {table}_no_replace BEFORE INSERT ON {table} {when} {refuse}"


def _same(key: Sequence[str]) -> str:
    return "(" + " AND ".join(f"{column} = NEW.{column}" for column in key) + ")"
