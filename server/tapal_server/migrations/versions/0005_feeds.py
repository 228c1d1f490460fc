"""Feeds of the passage log."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    _feeds()


def downgrade() -> None:
    op.drop_table("feeds")


def _feeds() -> None:
    op.create_table(
        "feeds",
        sa.Column("name", sa.String(length=64), nullable=False),
        sa.Column("profile", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("changed_at", sa.BigInteger(), nullable=False),
        sa.Column("changed_by", sa.String(length=64), nullable=False),
        sa.Column("last_row_at", sa.BigInteger(), nullable=True),
        sa.Column("last_problem", sa.String(length=500), nullable=True),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_feeds")),
    )
