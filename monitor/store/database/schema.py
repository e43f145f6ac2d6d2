"""Brings a database to the current schema with Alembic, in this process and without an ini file."""

from __future__ import annotations

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection

from monitor.store.database.engine import connect, for_writing, parse
from monitor.store.database.errors import StoreError, plainly

PACKAGE = Path(__file__).resolve().parents[2]


def scripts() -> Path:
    """The folder of migrations: beside the packages in the repository, inside `monitor` in a wheel."""
    for folder in (PACKAGE / "migrations", PACKAGE.parent / "migrations"):
        if (folder / "env.py").is_file():
            return folder
    raise StoreError("The migrations are missing from this installation: install Vigie again.")


def config(conn: Connection | None = None) -> Config:
    """The configuration for Alembic; `migrations/env.py` uses `conn` when it is given."""
    made = Config()
    made.set_main_option("script_location", str(scripts()).replace("%", "%%"))
    made.set_main_option("path_separator", "os")
    made.attributes["connection"] = conn
    return made


def upgrade(url: str) -> None:
    """Bring the database to the current schema, all of it or nothing. A second call does nothing.

    Raises `StoreError`, also when the schema is newer than this version of Vigie.
    """
    parsed = parse(url)
    engine = connect(parsed)
    try:
        with plainly(parsed), for_writing(engine).begin() as conn:
            _one_at_a_time(conn)
            _not_newer(conn)
            command.upgrade(config(conn), "head")
    finally:
        engine.dispose()


def is_current(conn: Connection) -> bool:
    """Whether `upgrade` would change nothing. Raises `StoreError` for a schema newer than this version."""
    _not_newer(conn)
    return MigrationContext.configure(conn).get_current_revision() == _script().get_current_head()


def _script() -> ScriptDirectory:
    return ScriptDirectory.from_config(config())


def _not_newer(conn: Connection) -> None:
    revision = MigrationContext.configure(conn).get_current_revision()
    known = {script.revision for script in _script().walk_revisions()}
    if revision is not None and revision not in known:
        raise StoreError(
            f"The database {conn.engine.url.render_as_string()} was last written by a newer Vigie "
            f"(schema {revision}): install that version, or restore a backup."
        )


def _one_at_a_time(conn: Connection) -> None:
    """Take a lock, so that two services that start together do not both create the tables.

    On SQLite the write lock of the transaction already prevents it.
    """
    if conn.dialect.name == "postgresql":
        conn.exec_driver_sql("SELECT pg_advisory_xact_lock(hashtext('vigie schema'))")
