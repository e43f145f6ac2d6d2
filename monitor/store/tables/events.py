"""The table of dated events (court decisions, notices, redesigns…) that dashboards draw over the figures.

A copy of `decisions.toml`, which stays the source: loading it again replaces all of it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from sqlalchemy import Column, Connection, Date, String, Table, delete, insert

from monitor.store.database.types import PageText
from monitor.store.tables.record import metadata

events = Table(
    "events",
    metadata,
    Column("id", String, primary_key=True),
    Column("kind", String(32), nullable=False),
    Column("day", Date, nullable=False),
    Column("complied", Date),
    Column("title", PageText, nullable=False),
    Column("source", String, nullable=False),
    # NULL: all of them.
    Column("departement", String),
    Column("target", String),
)


def replace_events(conn: Connection, rows: Iterable[Mapping[str, Any]]) -> int:
    """Make these the events, under the names of the columns; how many there are now."""
    found = list(rows)
    conn.execute(delete(events))
    if found:
        conn.execute(insert(events), found)
    return len(found)
