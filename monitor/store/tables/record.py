"""The tables of the record. Those with `APPEND_ONLY` are guarded by triggers in the database (see
`monitor.store.database.triggers`).

`entries` gives each observation and each gap its number; the other columns are in `observations` or `gaps`,
under the same number. The projections (`targets`, `entry_counts`, `day_counts`, `latest`) are written in the
same transaction as the row, and can be rebuilt from the rows. `keyframes`, `hosts` and `marks` are working
state; no row depends on them.

`entry_counts` is called `tallies` in the database, and `day_counts` is called `day_tallies`.
"""

from __future__ import annotations

from enum import StrEnum

from sqlalchemy import (
    JSON,
    Boolean,
    Column,
    Date,
    Float,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    UniqueConstraint,
)

from monitor.model import GapReason, Origin
from monitor.store.database.types import Id, PageText, Sha256, UtcInstant, names
from probes.failures import Failure
from probes.model import NoSlotsKind, Outcome, Precision, Transport


class EntryKind(StrEnum):
    """What an entry is. Every scheduled instant ends as exactly one of them."""

    OBSERVATION = "observation"
    GAP = "gap"


class SwitchScope(StrEnum):
    """What a kill switch stops."""

    ALL = "all"
    HOST = "host"
    PLATFORM = "platform"


APPEND_ONLY = {"append_only": True}

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)

target_versions = Table(
    "target_versions",
    metadata,
    Column("id", Id, primary_key=True),
    Column("target", String, nullable=False),
    Column("zone", String, nullable=False),
    Column("content", JSON, nullable=False),
    Column("sha256", Sha256, nullable=False),
    Column("recorded_at", UtcInstant, nullable=False),
    Index(None, "target"),
    info=APPEND_ONLY,
)

entries = Table(
    "entries",
    metadata,
    Column("id", Id, primary_key=True),
    Column("kind", names(EntryKind), nullable=False),
    Column("target", String, nullable=False),
    Column("target_version_id", Id, ForeignKey("target_versions.id"), nullable=False),
    Column("scheduled_at", UtcInstant),
    # The time of the entry: its scheduled instant, or the start of an unscheduled visit.
    Column("at", UtcInstant, nullable=False),
    # The day of `at` in the target's own time zone, so that counting by day needs no time zones in SQL.
    Column("day", Date, nullable=False),
    Column("simulated", Boolean, nullable=False),
    Column("recorded_at", UtcInstant, nullable=False),
    UniqueConstraint("target", "scheduled_at"),
    Index(None, "target", "at"),
    Index(None, "at"),
    info=APPEND_ONLY,
)

blobs = Table(
    "blobs",
    metadata,
    Column("sha256", Sha256, primary_key=True),
    Column("size", Integer, nullable=False),
    # The body that `data` needs as its raw zstd dictionary; that body has no keyframe itself. NULL: none.
    Column("keyframe", Sha256, ForeignKey("blobs.sha256")),
    Column("data", LargeBinary, nullable=False),
    info=APPEND_ONLY,
)

observations = Table(
    "observations",
    metadata,
    Column("id", Id, ForeignKey("entries.id"), primary_key=True, autoincrement=False),
    Column("platform", String, nullable=False),
    Column("reader_version", String, nullable=False),
    Column("transport", names(Transport), nullable=False),
    Column("origin", names(Origin), nullable=False),
    Column("started_at", UtcInstant, nullable=False),
    Column("finished_at", UtcInstant, nullable=False),
    Column("server_date", UtcInstant),
    Column("vantage", String, nullable=False),
    Column("software", String, nullable=False),
    Column("browser", String),
    Column("user_agent", String, nullable=False),
    Column("clock_offset_ms", Float),
    Column("outcome", names(Outcome), nullable=False),
    Column("no_slots_kind", names(NoSlotsKind)),
    Column("rule", PageText, nullable=False),
    Column("failure", names(Failure)),
    Column("words", PageText, nullable=False),
    Column("earliest_at", UtcInstant),
    Column("earliest_precision", names(Precision)),
    Column("earliest_place", PageText),
    Column("second_at", UtcInstant),
    Column("second_precision", names(Precision)),
    Column("second_place", PageText),
    Column("slots", Integer),
    Column("horizon", Date),
    Column("notices", JSON(none_as_null=True)),
    Column("parts", JSON(none_as_null=True)),
    Column("accepted", JSON(none_as_null=True)),
    Column("pages", Integer, nullable=False),
    Column("manifest_sha256", Sha256, ForeignKey("blobs.sha256"), nullable=False),
    Column("screenshot_sha256", Sha256),
    info=APPEND_ONLY,
)

gaps = Table(
    "gaps",
    metadata,
    Column("id", Id, ForeignKey("entries.id"), primary_key=True, autoincrement=False),
    Column("reason", names(GapReason), nullable=False),
    Column("detail", PageText, nullable=False),
    info=APPEND_ONLY,
)

draws = Table(
    "draws",
    metadata,
    Column("day", Date, primary_key=True),
    Column("target", String, primary_key=True),
    Column("interval_s", Float, nullable=False),
    Column("instants", JSON, nullable=False),
    Column("seed_sha256", Sha256, nullable=False),
    Column("drawn_at", UtcInstant, nullable=False),
    Index(None, "target", "day", "interval_s"),
    info=APPEND_ONLY,
)

switches = Table(
    "switches",
    metadata,
    Column("id", Id, primary_key=True),
    Column("scope", names(SwitchScope), nullable=False),
    Column("value", String, nullable=False),
    Column("off", Boolean, nullable=False),
    Column("reason", String, nullable=False),
    Column("author", String, nullable=False),
    Column("at", UtcInstant, nullable=False),
    info=APPEND_ONLY,
)

targets = Table(
    "targets",
    metadata,
    Column("target", String, primary_key=True),
    Column("version_id", Id, ForeignKey("target_versions.id"), nullable=False),
)

entry_counts = Table(
    "tallies",
    metadata,
    Column("target", String, primary_key=True),
    Column("kind", names(EntryKind), primary_key=True),
    Column("origin", names(Origin), primary_key=True),
    Column("result", String(32), primary_key=True),
    Column("n", Id, nullable=False),
)

day_counts = Table(
    "day_tallies",
    metadata,
    Column("target", String, primary_key=True),
    Column("day", Date, primary_key=True),
    Column("kind", names(EntryKind), primary_key=True),
    Column("origin", names(Origin), primary_key=True),
    Column("result", String(32), primary_key=True),
    Column("n", Integer, nullable=False),
)

latest = Table(
    "latest",
    metadata,
    Column("target", String, primary_key=True),
    Column("origin", names(Origin), primary_key=True),
    Column("last_id", Id, ForeignKey("observations.id"), nullable=False),
    Column("last_at", UtcInstant, nullable=False),
    Column("conclusive_id", Id, ForeignKey("observations.id")),
    Column("conclusive_at", UtcInstant),
    Column("slots_id", Id, ForeignKey("observations.id")),
    Column("slots_at", UtcInstant),
    # `zero_start_at`, `zero_last_at` and `zeros` are about the zeros later than `slots_at`, or about all
    # zeros when no slot was ever seen.
    Column("zero_start_at", UtcInstant),
    Column("zero_last_at", UtcInstant),
    Column("zeros", Integer, nullable=False),
)

keyframes = Table(
    "keyframes",
    metadata,
    Column("target", String, primary_key=True),
    Column("series", String, primary_key=True),
    Column("sha256", Sha256, ForeignKey("blobs.sha256"), nullable=False),
    Column("spent", Id, nullable=False),
)

hosts = Table(
    "hosts",
    metadata,
    Column("host", String, primary_key=True),
    Column("day", Date),
    Column("pages", Integer, nullable=False),
    Column("refusals", Integer, nullable=False),
    Column("open_until", UtcInstant),
    Column("last_page_at", UtcInstant),
)

marks = Table(
    "marks",
    metadata,
    Column("name", String, primary_key=True),
    Column("day", Date),
)
