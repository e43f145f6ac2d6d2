"""Review: later readings, unrecognised pages, control visits, suspicions, verdicts of people."""

import sqlalchemy as sa
from alembic import op
from alembic.util import CommandError

from monitor.store.database.triggers import append_only

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
INSTANT = sa.DateTime(timezone=True)
NAME = sa.String(32)

APPEND_ONLY = {
    "rereadings": [["id"]],
    "sightings": [["observation_id"]],
    "fixtures": [["id"]],
    "corroborations": [["id"]],
    "suspicions": [["id"], ["observation_id", "reason"]],
    "verdicts": [["observation_id"]],
}


def upgrade() -> None:
    create_rereadings()
    create_quarantine()
    create_corroborations()
    create_suspicions()
    create_verdicts()
    dialect = op.get_bind().dialect.name
    for table, keys in APPEND_ONLY.items():
        for statement in append_only(dialect, table, keys):
            op.execute(statement)


def of_observation(table: str, column: str = "observation_id") -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], ["observations.id"], name=f"fk_{table}_{column}")


def create_rereadings() -> None:
    op.create_table(
        "rereadings",
        sa.Column("id", ID, nullable=False),
        sa.Column("observation_id", ID, nullable=False),
        sa.Column("platform", sa.String(), nullable=False),
        sa.Column("reader_version", sa.String(), nullable=False),
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
        sa.Column("read_at", INSTANT, nullable=False),
        sa.Column("cause", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_rereadings"),
        of_observation("rereadings"),
    )
    op.create_index("ix_rereadings_observation_id", "rereadings", ["observation_id"])


def create_quarantine() -> None:
    op.create_table(
        "sightings",
        sa.Column("observation_id", ID, autoincrement=False, nullable=False),
        sa.Column("fingerprint", NAME, nullable=False),
        sa.PrimaryKeyConstraint("observation_id", name="pk_sightings"),
        of_observation("sightings"),
    )
    op.create_index("ix_sightings_fingerprint", "sightings", ["fingerprint"])
    op.create_table(
        "fixtures",
        sa.Column("id", ID, nullable=False),
        sa.Column("fingerprint", NAME, nullable=False),
        sa.Column("observation_id", ID, nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("decided_at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_fixtures"),
        of_observation("fixtures"),
    )
    op.create_index("ix_fixtures_fingerprint", "fixtures", ["fingerprint"])


def create_corroborations() -> None:
    op.create_table(
        "corroborations",
        sa.Column("id", ID, nullable=False),
        sa.Column("observation_id", ID, nullable=False),
        sa.Column("target", sa.String(), nullable=False),
        sa.Column("control_id", ID),
        sa.Column("corroboration", NAME, nullable=False),
        sa.Column("judged_at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_corroborations"),
        of_observation("corroborations"),
        of_observation("corroborations", "control_id"),
    )
    op.create_index("ix_corroborations_observation_id", "corroborations", ["observation_id"])
    op.create_index("ix_corroborations_control_id", "corroborations", ["control_id"])
    op.create_index("ix_corroborations_target_observation_id", "corroborations", ["target", "observation_id"])


def create_suspicions() -> None:
    op.create_table(
        "suspicions",
        sa.Column("id", ID, nullable=False),
        sa.Column("observation_id", ID, nullable=False),
        sa.Column("host", sa.String(), nullable=False),
        sa.Column("reason", NAME, nullable=False),
        sa.Column("raised_at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_suspicions"),
        sa.UniqueConstraint("observation_id", "reason", name="uq_suspicions_observation_id_reason"),
        of_observation("suspicions"),
    )
    op.create_index("ix_suspicions_host", "suspicions", ["host"])


def create_verdicts() -> None:
    op.create_table(
        "verdicts",
        sa.Column("observation_id", ID, autoincrement=False, nullable=False),
        sa.Column("verdict", NAME, nullable=False),
        sa.Column("outcome", NAME, nullable=False),
        sa.Column("reader_version", sa.String(), nullable=False),
        sa.Column("judged_at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("observation_id", name="pk_verdicts"),
        of_observation("verdicts"),
    )


def downgrade() -> None:
    raise CommandError("The record is append-only and its schema never goes back: restore a backup instead.")
