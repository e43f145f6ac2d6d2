"""The table of dated events (court decisions, notices, redesigns…) that dashboards draw over the figures.

The table is a copy of `decisions.toml`; each load replaces all rows.
"""

from __future__ import annotations

from sqlalchemy import Column, Date, String, Table

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
    # NULL: the event concerns all départements.
    Column("departement", String),
    Column("target", String),
)
