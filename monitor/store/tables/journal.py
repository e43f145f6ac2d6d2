"""The tables of the journal: its lines, the first line of each day, the last line of each chain."""

from __future__ import annotations

from sqlalchemy import Column, Date, ForeignKey, Index, Integer, LargeBinary, String, Table

from monitor.store.database.types import Id, Sha256
from monitor.store.tables.record import APPEND_ONLY, metadata

log = Table(
    "log",
    metadata,
    Column("seq", Id, primary_key=True, autoincrement=False),
    Column("target", String, nullable=False),
    # Either `entry` or `reference` says what the line is about, so that nothing is written twice.
    Column("entry", Id, ForeignKey("entries.id")),
    Column("reference", String),
    # The line whose text is the compression dictionary of this one. That line has no `base` itself.
    Column("base", Id, ForeignKey("log.seq")),
    Column("data", LargeBinary, nullable=False),
    Index("uq_log_entry", "entry", unique=True),
    Index("uq_log_reference", "reference", unique=True),
    info=APPEND_ONLY,
)

log_days = Table(
    "log_days",
    metadata,
    Column("day", Date, primary_key=True),
    Column("first_seq", Id, nullable=False),
    info=APPEND_ONLY,
)

log_chains = Table(
    "log_chains",
    metadata,
    Column("target", String, primary_key=True),
    Column("length", Integer, nullable=False),
    Column("digest", Sha256, nullable=False),
    # The line whose text is the compression dictionary of the next lines (their `base`).
    Column("frame", Id),
)
