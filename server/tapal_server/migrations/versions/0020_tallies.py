"""Counts by the hour, filled from what is there."""

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None

FILL = """
INSERT INTO tallies (what, place, hour, direction, count)
SELECT 'seen', site, time / 3600000, direction, count(*) FROM events
WHERE type = 'crossing' AND direction IS NOT NULL GROUP BY site, time / 3600000, direction
UNION ALL
SELECT 'logged', checkpoint, recorded_at / 3600000, direction, CAST(sum(persons) AS BIGINT) FROM passages
WHERE withdrawn_at IS NULL GROUP BY checkpoint, recorded_at / 3600000, direction
"""


def upgrade() -> None:
    op.create_table(
        "tallies",
        sa.Column("what", sa.String(length=8), nullable=False),
        sa.Column("place", sa.String(length=64), nullable=False),
        sa.Column("hour", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("direction", sa.String(length=8), nullable=False),
        sa.Column("count", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.PrimaryKeyConstraint("what", "place", "hour", "direction"),
        sqlite_with_rowid=False,
    )
    op.execute(FILL)


def downgrade() -> None:
    op.drop_table("tallies")
