"""Alerts: transitions and the fold's state, incidents, outbox, deliveries, subscriptions."""

import sqlalchemy as sa
from alembic import op
from alembic.util import CommandError

from monitor.store.database.triggers import append_only

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
INSTANT = sa.DateTime(timezone=True)
NAME = sa.String(32)


def upgrade() -> None:
    create_transitions()
    create_incidents()
    create_deliveries()
    create_outbox()
    create_subscriptions()
    for statement in append_only(op.get_bind().dialect.name, "transitions", [["id"], ["entry_id", "change"]]):
        op.execute(statement)


def create_transitions() -> None:
    op.create_table(
        "alert_states",
        sa.Column("target", sa.String(), nullable=False),
        sa.Column("entry_id", ID, nullable=False),
        sa.Column("simulated", sa.Boolean(), nullable=False),
        sa.Column("state", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("target", name="pk_alert_states"),
        sa.ForeignKeyConstraint(["entry_id"], ["entries.id"], name="fk_alert_states_entry_id"),
    )
    op.create_table(
        "transitions",
        sa.Column("id", ID, nullable=False),
        sa.Column("entry_id", ID, nullable=False),
        sa.Column("target", sa.String(), nullable=False),
        sa.Column("change", NAME, nullable=False),
        sa.Column("at", INSTANT, nullable=False),
        sa.Column("since", INSTANT, nullable=False),
        sa.Column("before", NAME, nullable=False),
        sa.Column("after", NAME, nullable=False),
        sa.Column("trouble", NAME),
        sa.Column("milestone", sa.Integer()),
        sa.Column("tally", sa.JSON()),
        sa.Column("row", ID),
        sa.Column("news", sa.Boolean(), nullable=False),
        sa.Column("simulated", sa.Boolean(), nullable=False),
        sa.Column("recorded_at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_transitions"),
        sa.UniqueConstraint("entry_id", "change", name="uq_transitions_entry_id_change"),
        sa.ForeignKeyConstraint(["entry_id"], ["entries.id"], name="fk_transitions_entry_id"),
    )
    op.create_index("ix_transitions_target_at", "transitions", ["target", "at"])
    op.create_index("ix_transitions_at", "transitions", ["at"])


def create_incidents() -> None:
    op.create_table(
        "incidents",
        sa.Column("id", ID, nullable=False),
        sa.Column("kind", NAME, nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("since", INSTANT, nullable=False),
        sa.Column("opened_at", INSTANT, nullable=False),
        sa.Column("closed_at", INSTANT),
        sa.Column("detail", sa.String(), nullable=False),
        sa.Column("targets", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_incidents"),
    )
    op.create_index("ix_incidents_kind_key", "incidents", ["kind", "key"])


def create_deliveries() -> None:
    op.create_table(
        "deliveries",
        sa.Column("id", ID, nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("recipient", sa.String(), nullable=False),
        sa.Column("form", NAME, nullable=False),
        sa.Column("end_at", INSTANT),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.Column("due_at", INSTANT, nullable=False),
        sa.Column("status", NAME, nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("lease", NAME),
        sa.Column("leased_until", INSTANT),
        sa.Column("error", sa.String()),
        sa.Column("settled_at", INSTANT),
        sa.PrimaryKeyConstraint("id", name="pk_deliveries"),
        sa.UniqueConstraint("key", name="uq_deliveries_key"),
    )
    op.create_index("ix_deliveries_status_due_at", "deliveries", ["status", "due_at"])
    op.create_index("ix_deliveries_recipient_created_at", "deliveries", ["recipient", "created_at"])


def create_outbox() -> None:
    op.create_table(
        "outbox",
        sa.Column("id", ID, nullable=False),
        sa.Column("transition_id", ID),
        sa.Column("incident_id", ID),
        sa.Column("recipient", sa.String(), nullable=False),
        sa.Column("due_at", INSTANT, nullable=False),
        sa.Column("delivery_id", ID),
        sa.Column("dropped", NAME),
        sa.PrimaryKeyConstraint("id", name="pk_outbox"),
        sa.UniqueConstraint("transition_id", "recipient", name="uq_outbox_transition_id_recipient"),
        sa.UniqueConstraint("incident_id", "recipient", name="uq_outbox_incident_id_recipient"),
        sa.ForeignKeyConstraint(["transition_id"], ["transitions.id"], name="fk_outbox_transition_id"),
        sa.ForeignKeyConstraint(["incident_id"], ["incidents.id"], name="fk_outbox_incident_id"),
        sa.ForeignKeyConstraint(["delivery_id"], ["deliveries.id"], name="fk_outbox_delivery_id"),
    )
    op.create_index("ix_outbox_recipient_due_at", "outbox", ["recipient", "due_at"])
    op.create_index("ix_outbox_delivery_id", "outbox", ["delivery_id"])


def create_subscriptions() -> None:
    op.create_table(
        "subscriptions",
        sa.Column("id", NAME, nullable=False),
        sa.Column("address", sa.String(), nullable=False),
        sa.Column("wants", sa.JSON(), nullable=False),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.Column("confirmed_at", INSTANT),
        sa.PrimaryKeyConstraint("id", name="pk_subscriptions"),
    )
    op.create_index("ix_subscriptions_address", "subscriptions", ["address"])
    op.create_index("ix_subscriptions_created_at", "subscriptions", ["created_at"])
    op.create_table(
        "optouts",
        sa.Column("recipient", sa.String(), nullable=False),
        sa.Column("at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("recipient", name="pk_optouts"),
    )


def downgrade() -> None:
    raise CommandError("The record is append-only and its schema never goes back: restore a backup instead.")
