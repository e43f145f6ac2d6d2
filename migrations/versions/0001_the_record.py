"""The record: entries, observations, gaps, captures, draws, targets, switches, and the projections over them."""

import sqlalchemy as sa
from alembic import op
from alembic.util import CommandError

from monitor.store.database.triggers import append_only, postgresql_function

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
INSTANT = sa.DateTime(timezone=True)
SHA256 = sa.LargeBinary(32)
NAME = sa.String(32)

APPEND_ONLY = {
    "target_versions": [["id"]],
    "entries": [["id"], ["target", "scheduled_at"]],
    "blobs": [["sha256"]],
    "observations": [["id"]],
    "gaps": [["id"]],
    "draws": [["day", "target"]],
    "switches": [["id"]],
}


def upgrade() -> None:
    create_rows()
    create_projections()
    create_working_state()
    guard()


def guard() -> None:
    dialect = op.get_bind().dialect.name
    if dialect == "postgresql":
        op.execute(postgresql_function())
    for table, keys in APPEND_ONLY.items():
        for statement in append_only(dialect, table, keys):
            op.execute(statement)


def create_rows() -> None:
    create_target_versions()
    create_entries()
    create_blobs()
    create_observations()
    create_gaps()
    create_draws()
    create_switches()


def create_target_versions() -> None:
    op.create_table(
        "target_versions",
        sa.Column("id", ID, nullable=False),
        sa.Column("target", sa.String(), nullable=False),
        sa.Column("zone", sa.String(), nullable=False),
        sa.Column("content", sa.JSON(), nullable=False),
        sa.Column("sha256", SHA256, nullable=False),
        sa.Column("recorded_at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_target_versions"),
    )
    op.create_index("ix_target_versions_target", "target_versions", ["target"])


def create_entries() -> None:
    op.create_table(
        "entries",
        sa.Column("id", ID, nullable=False),
        sa.Column("kind", NAME, nullable=False),
        sa.Column("target", sa.String(), nullable=False),
        sa.Column("target_version_id", ID, nullable=False),
        sa.Column("scheduled_at", INSTANT),
        sa.Column("at", INSTANT, nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("simulated", sa.Boolean(), nullable=False),
        sa.Column("recorded_at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_entries"),
        sa.ForeignKeyConstraint(
            ["target_version_id"], ["target_versions.id"], name="fk_entries_target_version_id"
        ),
        sa.UniqueConstraint("target", "scheduled_at", name="uq_entries_target_scheduled_at"),
    )
    op.create_index("ix_entries_target_at", "entries", ["target", "at"])
    op.create_index("ix_entries_at", "entries", ["at"])


def create_blobs() -> None:
    op.create_table(
        "blobs",
        sa.Column("sha256", SHA256, nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("keyframe", SHA256),
        sa.Column("data", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("sha256", name="pk_blobs"),
        sa.ForeignKeyConstraint(["keyframe"], ["blobs.sha256"], name="fk_blobs_keyframe"),
    )


def create_observations() -> None:
    op.create_table(
        "observations",
        sa.Column("id", ID, autoincrement=False, nullable=False),
        sa.Column("platform", sa.String(), nullable=False),
        sa.Column("reader_version", sa.String(), nullable=False),
        sa.Column("transport", NAME, nullable=False),
        sa.Column("origin", NAME, nullable=False),
        sa.Column("started_at", INSTANT, nullable=False),
        sa.Column("finished_at", INSTANT, nullable=False),
        sa.Column("server_date", INSTANT),
        sa.Column("vantage", sa.String(), nullable=False),
        sa.Column("software", sa.String(), nullable=False),
        sa.Column("browser", sa.String()),
        sa.Column("user_agent", sa.String(), nullable=False),
        sa.Column("clock_offset_ms", sa.Float()),
        sa.Column("outcome", NAME, nullable=False),
        sa.Column("no_slots_kind", NAME),
        sa.Column("rule", sa.String(), nullable=False),
        sa.Column("failure", NAME),
        sa.Column("words", sa.String(), nullable=False),
        sa.Column("earliest_at", INSTANT),
        sa.Column("earliest_precision", NAME),
        sa.Column("earliest_place", sa.String()),
        sa.Column("second_at", INSTANT),
        sa.Column("second_precision", NAME),
        sa.Column("second_place", sa.String()),
        sa.Column("slots", sa.Integer()),
        sa.Column("horizon", sa.Date()),
        sa.Column("notices", sa.JSON()),
        sa.Column("parts", sa.JSON()),
        sa.Column("pages", sa.Integer(), nullable=False),
        sa.Column("manifest_sha256", SHA256, nullable=False),
        sa.Column("screenshot_sha256", SHA256),
        sa.PrimaryKeyConstraint("id", name="pk_observations"),
        sa.ForeignKeyConstraint(["id"], ["entries.id"], name="fk_observations_id"),
        sa.ForeignKeyConstraint(
            ["manifest_sha256"], ["blobs.sha256"], name="fk_observations_manifest_sha256"
        ),
    )


def create_gaps() -> None:
    op.create_table(
        "gaps",
        sa.Column("id", ID, autoincrement=False, nullable=False),
        sa.Column("reason", NAME, nullable=False),
        sa.Column("detail", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_gaps"),
        sa.ForeignKeyConstraint(["id"], ["entries.id"], name="fk_gaps_id"),
    )


def create_draws() -> None:
    op.create_table(
        "draws",
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("target", sa.String(), nullable=False),
        sa.Column("interval_s", sa.Float(), nullable=False),
        sa.Column("instants", sa.JSON(), nullable=False),
        sa.Column("seed_sha256", SHA256, nullable=False),
        sa.Column("drawn_at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("day", "target", name="pk_draws"),
    )


def create_switches() -> None:
    op.create_table(
        "switches",
        sa.Column("id", ID, nullable=False),
        sa.Column("scope", NAME, nullable=False),
        sa.Column("value", sa.String(), nullable=False),
        sa.Column("off", sa.Boolean(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("author", sa.String(), nullable=False),
        sa.Column("at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_switches"),
    )


def create_projections() -> None:
    op.create_table(
        "targets",
        sa.Column("target", sa.String(), nullable=False),
        sa.Column("version_id", ID, nullable=False),
        sa.PrimaryKeyConstraint("target", name="pk_targets"),
        sa.ForeignKeyConstraint(["version_id"], ["target_versions.id"], name="fk_targets_version_id"),
    )
    create_tallies()
    create_latest()


def create_tallies() -> None:
    op.create_table(
        "tallies",
        sa.Column("target", sa.String(), nullable=False),
        sa.Column("kind", NAME, nullable=False),
        sa.Column("origin", NAME, nullable=False),
        sa.Column("result", NAME, nullable=False),
        sa.Column("n", ID, nullable=False),
        sa.PrimaryKeyConstraint("target", "kind", "origin", "result", name="pk_tallies"),
    )
    op.create_table(
        "day_tallies",
        sa.Column("target", sa.String(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("kind", NAME, nullable=False),
        sa.Column("origin", NAME, nullable=False),
        sa.Column("result", NAME, nullable=False),
        sa.Column("n", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("target", "day", "kind", "origin", "result", name="pk_day_tallies"),
    )


def create_latest() -> None:
    op.create_table(
        "latest",
        sa.Column("target", sa.String(), nullable=False),
        sa.Column("origin", NAME, nullable=False),
        sa.Column("last_id", ID, nullable=False),
        sa.Column("last_at", INSTANT, nullable=False),
        sa.Column("conclusive_id", ID),
        sa.Column("conclusive_at", INSTANT),
        sa.Column("slots_id", ID),
        sa.Column("slots_at", INSTANT),
        sa.Column("zero_start_at", INSTANT),
        sa.Column("zero_last_at", INSTANT),
        sa.Column("zeros", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("target", "origin", name="pk_latest"),
        *(
            sa.ForeignKeyConstraint([column], ["observations.id"], name=f"fk_latest_{column}")
            for column in ("last_id", "conclusive_id", "slots_id")
        ),
    )


def create_working_state() -> None:
    op.create_table(
        "keyframes",
        sa.Column("target", sa.String(), nullable=False),
        sa.Column("series", sa.String(), nullable=False),
        sa.Column("sha256", SHA256, nullable=False),
        sa.Column("spent", ID, nullable=False),
        sa.PrimaryKeyConstraint("target", "series", name="pk_keyframes"),
        sa.ForeignKeyConstraint(["sha256"], ["blobs.sha256"], name="fk_keyframes_sha256"),
    )
    op.create_table(
        "hosts",
        sa.Column("host", sa.String(), nullable=False),
        sa.Column("day", sa.Date()),
        sa.Column("pages", sa.Integer(), nullable=False),
        sa.Column("refusals", sa.Integer(), nullable=False),
        sa.Column("open_until", INSTANT),
        sa.Column("last_page_at", INSTANT),
        sa.PrimaryKeyConstraint("host", name="pk_hosts"),
    )
    marks = op.create_table(
        "marks",
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("day", sa.Date()),
        sa.PrimaryKeyConstraint("name", name="pk_marks"),
    )
    op.bulk_insert(marks, [{"name": "covered", "day": None}])


def downgrade() -> None:
    raise CommandError("The record is append-only and its schema never goes back: restore a backup instead.")
