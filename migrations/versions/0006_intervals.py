"""The intervals of a target's draws at hand, without the instants they hold: panels read them for every figure."""

from alembic import op
from alembic.util import CommandError

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index("ix_draws_target_day_interval_s", "draws", ["target", "day", "interval_s"])


def downgrade() -> None:
    raise CommandError("The record is append-only and its schema never goes back: restore a backup instead.")
