"""Of which schema a database is, and how it is brought to the current one."""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import Connection, inspect

from monitor.store.database.engine import connect, for_writing, parse
from monitor.store.database.errors import StoreError, plainly

PACKAGE = Path(__file__).resolve().parents[2]


def scripts() -> Path:
    """The folder of migrations: beside the packages in the repository, inside `monitor` in a wheel."""
    for folder in (PACKAGE / "migrations", PACKAGE.parent / "migrations"):
        if (folder / "env.py").is_file():
            return folder
    raise StoreError("The migrations are missing from this installation: install Vigie again.")


def upgrade(url: str) -> None:
    """Bring the database to the current schema, all of it or nothing. A second call does nothing.

    Raises `StoreError`, also when the schema is newer than this version of Vigie.
    """
    parsed = parse(url)
    engine = connect(parsed)
    try:
        with plainly(parsed), for_writing(engine).begin() as conn:
            _one_at_a_time(conn)
            if not is_current(conn):
                # Most only open a record: they save the time and the memory that Alembic takes.
                from monitor.store.database import migrate  # noqa: PLC0415

                migrate.to_the_newest(scripts(), conn)
    finally:
        engine.dispose()


def is_current(conn: Connection) -> bool:
    """Whether `upgrade` would change nothing. Raises `StoreError` for a schema newer than this version."""
    has, known = _revision(conn), revisions()
    if has is not None and has not in known:
        raise StoreError(
            f"The database {conn.engine.url.render_as_string()} was last written by a newer Vigie "
            f"(schema {has}): install that version, or restore a backup."
        )
    return has == known[-1]


def revisions() -> tuple[str, ...]:
    """The migrations of this version, oldest first, by the numbers with which their files begin."""
    return tuple(sorted(file.name.partition("_")[0] for file in (scripts() / "versions").glob("[0-9]*.py")))


def _revision(conn: Connection) -> str | None:
    """The migration that the database had last."""
    if not inspect(conn).has_table("alembic_version"):
        return None
    found: str | None = conn.exec_driver_sql("SELECT version_num FROM alembic_version").scalar()
    return found


def _one_at_a_time(conn: Connection) -> None:
    """Take a lock, so that two services that start together do not both create the tables.

    On SQLite the write lock of the transaction already prevents it.
    """
    if conn.dialect.name == "postgresql":
        conn.exec_driver_sql("SELECT pg_advisory_xact_lock(hashtext('vigie schema'))")
