"""How far two models disagree on a picture in the review."""

import sqlalchemy as sa
from alembic import op

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("review", sa.Column("disagreement", sa.Float(), nullable=True))


def downgrade() -> None:
    op.drop_column("review", "disagreement")
