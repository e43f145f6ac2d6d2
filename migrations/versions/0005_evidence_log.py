"""The evidence log: numbered lines that never change, where each day begins, where each chain stands."""

import sqlalchemy as sa
from alembic import op
from alembic.util import CommandError

from monitor.store.database.triggers import append_only

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")

APPEND_ONLY = {"log": [["seq"], ["entry"], ["reference"]], "log_days": [["day"]]}


def upgrade() -> None:
    create_log()
    create_days_and_chains()
    dialect = op.get_bind().dialect.name
    for table, keys in APPEND_ONLY.items():
        for statement in append_only(dialect, table, keys):
            op.execute(statement)


def create_log() -> None:
    op.create_table(
        "log",
        sa.Column("seq", ID, nullable=False, autoincrement=False),
        sa.Column("target", sa.String(), nullable=False),
        sa.Column("entry", ID),
        sa.Column("reference", sa.String()),
        sa.Column("base", ID),
        sa.Column("data", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("seq", name="pk_log"),
        sa.ForeignKeyConstraint(["base"], ["log.seq"], name="fk_log_base"),
        sa.ForeignKeyConstraint(["entry"], ["entries.id"], name="fk_log_entry"),
    )
    op.create_index("uq_log_entry", "log", ["entry"], unique=True)
    op.create_index("uq_log_reference", "log", ["reference"], unique=True)


def create_days_and_chains() -> None:
    op.create_table(
        "log_days",
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("first_seq", ID, nullable=False),
        sa.PrimaryKeyConstraint("day", name="pk_log_days"),
    )
    op.create_table(
        "log_chains",
        sa.Column("target", sa.String(), nullable=False),
        sa.Column("length", sa.Integer(), nullable=False),
        sa.Column("digest", sa.LargeBinary(32), nullable=False),
        sa.Column("frame", ID),
        sa.PrimaryKeyConstraint("target", name="pk_log_chains"),
    )


def downgrade() -> None:
    raise CommandError("The record is append-only and its schema never goes back: restore a backup instead.")
