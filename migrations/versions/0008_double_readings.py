"""Double readings of one visit, and who looked at a disagreement between the two."""

import sqlalchemy as sa
from alembic import op
from alembic.util import CommandError

from monitor.store.database.triggers import append_only

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
NAME = sa.String(32)

APPEND_ONLY = {"double_readings": [["observation_id"]], "resumptions": [["id"]]}


def upgrade() -> None:
    create_double_readings()
    create_resumptions()
    dialect = op.get_bind().dialect.name
    for table, keys in APPEND_ONLY.items():
        for statement in append_only(dialect, table, keys):
            op.execute(statement)


def create_double_readings() -> None:
    op.create_table(
        "double_readings",
        sa.Column("observation_id", ID, autoincrement=False, nullable=False),
        sa.Column("target", sa.String(), nullable=False),
        sa.Column("platform", sa.String(), nullable=False),
        sa.Column("outcome", NAME, nullable=False),
        sa.Column("no_slots_kind", NAME),
        sa.Column("rule", sa.String(), nullable=False),
        sa.Column("failure", NAME),
        sa.Column("words", sa.String(), nullable=False),
        sa.Column("agreement", NAME, nullable=False),
        sa.PrimaryKeyConstraint("observation_id", name="pk_double_readings"),
        sa.ForeignKeyConstraint(
            ["observation_id"], ["observations.id"], name="fk_double_readings_observation_id"
        ),
    )
    op.create_index(
        "ix_double_readings_platform_agreement_observation_id",
        "double_readings",
        ["platform", "agreement", "observation_id"],
    )
    op.create_index("ix_double_readings_target_observation_id", "double_readings", ["target", "observation_id"])


def create_resumptions() -> None:
    op.create_table(
        "resumptions",
        sa.Column("id", ID, nullable=False),
        sa.Column("platform", sa.String(), nullable=False),
        sa.Column("observation_id", ID, nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("author", sa.String(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_resumptions"),
        sa.ForeignKeyConstraint(
            ["observation_id"], ["double_readings.observation_id"], name="fk_resumptions_observation_id"
        ),
    )
    op.create_index("ix_resumptions_platform_observation_id", "resumptions", ["platform", "observation_id"])


def downgrade() -> None:
    raise CommandError("The record is append-only and its schema never goes back: restore a backup instead.")
