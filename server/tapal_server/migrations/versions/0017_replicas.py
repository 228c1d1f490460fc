"""Several servers on one database: whose turn it is to correlate."""

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("correlator", sa.Column("term", sa.Integer(), server_default="0", nullable=False))


def downgrade() -> None:
    op.drop_column("correlator", "term")
