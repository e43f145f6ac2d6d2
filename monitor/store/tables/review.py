"""The tables of review: facts and judgements that are added to an observation later. All are append-only.

Where a table has several rows for one observation, the newest one counts; the older ones stay.
"""

from __future__ import annotations

from sqlalchemy import Column, ForeignKey, Index, String, Table, UniqueConstraint

from monitor.model import Agreement, Corroboration, Suspicion, Verdict
from monitor.store.database.types import Id, PageText, UtcInstant, names
from monitor.store.tables.record import APPEND_ONLY, metadata, observations
from probes.failures import Failure
from probes.model import NoSlotsKind, Outcome

READING = (
    *("outcome", "no_slots_kind", "rule", "failure", "words"),
    *("earliest_at", "earliest_precision", "earliest_place", "second_at", "second_precision", "second_place"),
    *("slots", "horizon", "notices", "parts", "accepted"),
)
"""The columns of a reading, in `observations` and in `later_readings`."""

later_readings = Table(
    "rereadings",
    metadata,
    Column("id", Id, primary_key=True),
    Column("observation_id", Id, ForeignKey("observations.id"), nullable=False),
    Column("platform", String, nullable=False),
    Column("reader_version", String, nullable=False),
    *(Column(name, observations.c[name].type, nullable=observations.c[name].nullable) for name in READING),
    Column("read_at", UtcInstant, nullable=False),
    Column("cause", String, nullable=False),
    Index(None, "observation_id"),
    info=APPEND_ONLY,
)

sightings = Table(
    "sightings",
    metadata,
    Column("observation_id", Id, ForeignKey("observations.id"), primary_key=True, autoincrement=False),
    Column("fingerprint", String(32), nullable=False),
    Index(None, "fingerprint"),
    info=APPEND_ONLY,
)

fixtures = Table(
    "fixtures",
    metadata,
    Column("id", Id, primary_key=True),
    Column("fingerprint", String(32), nullable=False),
    Column("observation_id", Id, ForeignKey("observations.id"), nullable=False),
    Column("name", String, nullable=False),
    Column("decided_at", UtcInstant, nullable=False),
    Index(None, "fingerprint"),
    info=APPEND_ONLY,
)

acceptances = Table(
    "acceptances",
    metadata,
    Column("id", Id, primary_key=True),
    Column("platform", String, nullable=False),
    Column("fingerprint", String(32), nullable=False),
    Column("line", String, nullable=False),
    # The observation on whose page a person saw the line.
    Column("observation_id", Id, ForeignKey("observations.id"), nullable=False),
    Column("reason", String, nullable=False),
    Column("author", String, nullable=False),
    Column("at", UtcInstant, nullable=False),
    # The acceptance that this row takes back; NULL: this row is an acceptance.
    Column("withdraws", Id, ForeignKey("acceptances.id")),
    UniqueConstraint("withdraws"),
    Index(None, "platform", "fingerprint"),
    info=APPEND_ONLY,
)

corroborations = Table(
    "corroborations",
    metadata,
    Column("id", Id, primary_key=True),
    Column("observation_id", Id, ForeignKey("observations.id"), nullable=False),
    Column("target", String, nullable=False),
    # The visit of the control. NULL: the control was not visited within ten minutes.
    Column("control_id", Id, ForeignKey("observations.id")),
    Column("corroboration", names(Corroboration), nullable=False),
    Column("judged_at", UtcInstant, nullable=False),
    Index(None, "observation_id"),
    Index(None, "control_id"),
    Index(None, "target", "observation_id"),
    info=APPEND_ONLY,
)

suspicions = Table(
    "suspicions",
    metadata,
    Column("id", Id, primary_key=True),
    Column("observation_id", Id, ForeignKey("observations.id"), nullable=False),
    Column("host", String, nullable=False),
    Column("reason", names(Suspicion), nullable=False),
    Column("raised_at", UtcInstant, nullable=False),
    UniqueConstraint("observation_id", "reason"),
    Index(None, "host"),
    info=APPEND_ONLY,
)

verdicts = Table(
    "verdicts",
    metadata,
    Column("observation_id", Id, ForeignKey("observations.id"), primary_key=True, autoincrement=False),
    Column("verdict", names(Verdict), nullable=False),
    # The outcome in force when the verdict was given. Kept, so that a later reading changes no measured rate.
    Column("outcome", names(Outcome), nullable=False),
    Column("reader_version", String, nullable=False),
    Column("judged_at", UtcInstant, nullable=False),
    info=APPEND_ONLY,
)

double_readings = Table(
    "double_readings",
    metadata,
    Column("observation_id", Id, ForeignKey("observations.id"), primary_key=True, autoincrement=False),
    Column("target", String, nullable=False),
    Column("platform", String, nullable=False),
    # The reading over plain HTTP; the one of what Chromium showed is the observation's own.
    Column("outcome", names(Outcome), nullable=False),
    Column("no_slots_kind", names(NoSlotsKind)),
    Column("rule", PageText, nullable=False),
    Column("failure", names(Failure)),
    Column("words", PageText, nullable=False),
    Column("agreement", names(Agreement), nullable=False),
    Index(None, "platform", "agreement", "observation_id"),
    Index(None, "target", "observation_id"),
    info=APPEND_ONLY,
)

resumptions = Table(
    "resumptions",
    metadata,
    Column("id", Id, primary_key=True),
    Column("platform", String, nullable=False),
    # The newest disagreement that was looked at: a later one puts the platform in doubt again.
    Column("observation_id", Id, ForeignKey("double_readings.observation_id"), nullable=False),
    Column("reason", String, nullable=False),
    Column("author", String, nullable=False),
    Column("at", UtcInstant, nullable=False),
    Index(None, "platform", "observation_id"),
    info=APPEND_ONLY,
)
