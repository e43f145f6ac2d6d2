"""Alembic, in this process and without an ini file. Loaded only by commands that change the schema."""

from __future__ import annotations

from pathlib import Path

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection


def config(scripts: Path, conn: Connection | None = None) -> Config:
    """What Alembic needs, with the connection that `migrations/env.py` is to use."""
    made = Config()
    made.set_main_option("script_location", str(scripts).replace("%", "%%"))
    made.set_main_option("path_separator", "os")
    made.attributes["connection"] = conn
    return made


def to_the_newest(scripts: Path, conn: Connection) -> None:
    """Run the migrations that the database has not had yet, in the caller's transaction."""
    command.upgrade(config(scripts, conn), "head")
