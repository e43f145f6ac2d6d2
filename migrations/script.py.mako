"""${message}"""

import sqlalchemy as sa
from alembic import op
from alembic.util import CommandError
${imports if imports else ""}
revision = ${repr(up_revision)}
down_revision = ${repr(down_revision)}
branch_labels = None
depends_on = None


def upgrade() -> None:
    ${upgrades if upgrades else "pass"}


def downgrade() -> None:
    raise CommandError("The record is append-only and its schema never goes back: restore a backup instead.")
