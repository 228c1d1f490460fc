"""Indexes for lists over millions of rows."""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index("ix_events_time_arrival", "events", ["time", "arrival"])
    camera = sa.text("type = 'camera'")
    op.create_index(
        "ix_events_of_cameras",
        "events",
        ["node", "camera", "arrival"],
        sqlite_where=camera,
        postgresql_where=camera,
    )
    op.create_index("ix_passages_recorded_at", "passages", ["recorded_at"])


def downgrade() -> None:
    op.drop_index("ix_passages_recorded_at", "passages")
    op.drop_index("ix_events_of_cameras", "events")
    op.drop_index("ix_events_time_arrival", "events")
