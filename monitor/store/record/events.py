"""Dated events (court decisions, notices, redesigns…) that dashboards draw over the figures."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from sqlalchemy import Connection, delete, insert

from monitor.store.tables.events import events


def replace(conn: Connection, rows: Iterable[Mapping[str, Any]]) -> int:
    """Replace all events by these rows, whose keys are column names. Returns how many rows there are now."""
    found = list(rows)
    conn.execute(delete(events))
    if found:
        conn.execute(insert(events), found)
    return len(found)
