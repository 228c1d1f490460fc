"""A shelf may be of one camera."""

import sqlalchemy as sa
from alembic import op

revision = "0025"
down_revision = "0024"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("shelves", sa.Column("camera", sa.String(length=130), nullable=True))


def downgrade() -> None:
    op.drop_column("shelves", "camera")
