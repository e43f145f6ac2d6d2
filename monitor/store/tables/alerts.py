"""The tables of alerts. Subscribers' addresses are only in `subscriptions`; other tables have its numbers.

`transitions` could be computed again from the record. The database still refuses to change or remove one.
`alert_states` is the working state of `monitor.rules.transitions`: one row a target, written in the
transaction of the entry that changed it.
"""

from __future__ import annotations

from enum import StrEnum

from sqlalchemy import JSON, Boolean, Column, ForeignKey, Index, Integer, String, Table, UniqueConstraint

from monitor.model import Change, Phase, Trouble
from monitor.store.database.types import Id, PageText, UtcInstant, names
from monitor.store.tables.record import metadata


class Status(StrEnum):
    """What became of a delivery."""

    PENDING = "pending"
    HELD = "held"
    SENT = "sent"
    PARKED = "parked"
    DROPPED = "dropped"


alert_states = Table(
    "alert_states",
    metadata,
    Column("target", String, primary_key=True),
    Column("entry_id", Id, ForeignKey("entries.id"), nullable=False),
    Column("simulated", Boolean, nullable=False),
    Column("state", JSON, nullable=False),
)

transitions = Table(
    "transitions",
    metadata,
    Column("id", Id, primary_key=True),
    Column("entry_id", Id, ForeignKey("entries.id"), nullable=False),
    Column("target", String, nullable=False),
    Column("change", names(Change), nullable=False),
    Column("at", UtcInstant, nullable=False),
    Column("since", UtcInstant, nullable=False),
    Column("before", names(Phase), nullable=False),
    Column("after", names(Phase), nullable=False),
    Column("trouble", names(Trouble)),
    Column("milestone", Integer),
    Column("tally", JSON(none_as_null=True)),
    Column("row", Id),
    Column("news", Boolean, nullable=False),
    Column("simulated", Boolean, nullable=False),
    Column("recorded_at", UtcInstant, nullable=False),
    UniqueConstraint("entry_id", "change"),
    Index(None, "target", "at"),
    Index(None, "at"),
)

incidents = Table(
    "incidents",
    metadata,
    Column("id", Id, primary_key=True),
    Column("kind", String(32), nullable=False),
    Column("key", String, nullable=False),
    Column("since", UtcInstant, nullable=False),
    Column("opened_at", UtcInstant, nullable=False),
    Column("closed_at", UtcInstant),
    Column("detail", PageText, nullable=False),
    Column("targets", JSON, nullable=False),
    Index(None, "kind", "key"),
)

deliveries = Table(
    "deliveries",
    metadata,
    Column("id", Id, primary_key=True),
    Column("key", String, nullable=False),
    Column("recipient", String, nullable=False),
    Column("form", String(32), nullable=False),
    Column("end_at", UtcInstant),
    Column("created_at", UtcInstant, nullable=False),
    Column("due_at", UtcInstant, nullable=False),
    Column("status", names(Status), nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("lease", String(32)),
    Column("leased_until", UtcInstant),
    Column("error", PageText),
    Column("settled_at", UtcInstant),
    UniqueConstraint("key"),
    Index(None, "status", "due_at"),
    Index(None, "recipient", "created_at"),
)

outbox = Table(
    "outbox",
    metadata,
    Column("id", Id, primary_key=True),
    Column("transition_id", Id, ForeignKey("transitions.id")),
    Column("incident_id", Id, ForeignKey("incidents.id")),
    Column("recipient", String, nullable=False),
    Column("due_at", UtcInstant, nullable=False),
    Column("delivery_id", Id, ForeignKey("deliveries.id")),
    Column("dropped", String(32)),
    UniqueConstraint("transition_id", "recipient"),
    UniqueConstraint("incident_id", "recipient"),
    Index(None, "recipient", "due_at"),
    Index(None, "delivery_id"),
)

subscriptions = Table(
    "subscriptions",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("address", String, nullable=False),
    Column("wants", JSON, nullable=False),
    Column("created_at", UtcInstant, nullable=False),
    Column("confirmed_at", UtcInstant),
    Index(None, "address"),
    Index(None, "created_at"),
)

optouts = Table(
    "optouts",
    metadata,
    Column("recipient", String, primary_key=True),
    Column("at", UtcInstant, nullable=False),
)
