"""Lines that a person accepts beside an answer, and the readings that stand on them."""

import sqlalchemy as sa
from alembic import op
from alembic.util import CommandError

from monitor.store.database.triggers import append_only

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    for readings in ("observations", "rereadings"):
        op.add_column(readings, sa.Column("accepted", sa.JSON()))
    op.create_table(
        "acceptances",
        sa.Column("id", ID, nullable=False),
        sa.Column("platform", sa.String(), nullable=False),
        sa.Column("fingerprint", sa.String(32), nullable=False),
        sa.Column("line", sa.String(), nullable=False),
        sa.Column("observation_id", ID, nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("author", sa.String(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("withdraws", ID),
        sa.PrimaryKeyConstraint("id", name="pk_acceptances"),
        sa.UniqueConstraint("withdraws", name="uq_acceptances_withdraws"),
        sa.ForeignKeyConstraint(
            ["observation_id"], ["observations.id"], name="fk_acceptances_observation_id"
        ),
        sa.ForeignKeyConstraint(["withdraws"], ["acceptances.id"], name="fk_acceptances_withdraws"),
    )
    op.create_index("ix_acceptances_platform_fingerprint", "acceptances", ["platform", "fingerprint"])
    for statement in append_only(op.get_bind().dialect.name, "acceptances", [["id"], ["withdraws"]]):
        op.execute(statement)


def downgrade() -> None:
    raise CommandError("The record is append-only and its schema never goes back: restore a backup instead.")
