"""The review holds frames of clips, too."""

import sqlalchemy as sa
from alembic import op

revision = "0028"
down_revision = "0027"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("review", sa.Column("clip", sa.String(length=36), nullable=True))
    op.add_column("review", sa.Column("frame", sa.Integer(), nullable=True))
    op.add_column("review", sa.Column("at_s", sa.Float(), nullable=True))
    op.create_index("ix_review_clip_frame", "review", ["clip", "frame"], unique=True)


def downgrade() -> None:
    op.drop_index("ix_review_clip_frame", table_name="review")
    for column in ("at_s", "frame", "clip"):
        op.drop_column("review", column)
