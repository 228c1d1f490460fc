"""Indexes that answer a report's counts by themselves."""

from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None

EVENTS = ("ix_events_site_time", "events", ["site", "time"])
PASSAGES = ("ix_passages_checkpoint_recorded_at", "passages", ["checkpoint", "recorded_at"])


def upgrade() -> None:
    _index(*EVENTS, "type", "direction")
    _index(*PASSAGES, "direction", "persons", "withdrawn_at")


def downgrade() -> None:
    _index(*EVENTS)
    _index(*PASSAGES)


def _index(name: str, table: str, columns: list[str], *more: str) -> None:
    op.drop_index(name, table)
    op.create_index(name, table, [*columns, *more])
