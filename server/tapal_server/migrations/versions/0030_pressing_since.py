"""Since when an alert is as severe as it is, or off its shelf: who was told nothing until then is told."""

import sqlalchemy as sa
from alembic import op

revision = "0030"
down_revision = "0029"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("alerts", sa.Column("pressing_since", sa.BigInteger(), nullable=True))


def downgrade() -> None:
    op.drop_column("alerts", "pressing_since")
