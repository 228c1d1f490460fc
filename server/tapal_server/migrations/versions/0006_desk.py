"""Shelves, handovers, deliveries; escalation of alerts."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("alerts", sa.Column("shelf_id", sa.String(length=36), nullable=True))
    op.add_column("alerts", sa.Column("escalation", sa.Integer(), nullable=False, server_default="0"))
    _deliveries()
    _handovers()
    _shelves()


def downgrade() -> None:
    op.drop_column("alerts", "escalation")
    op.drop_column("alerts", "shelf_id")
    op.drop_table("shelves")
    op.drop_table("handovers")
    op.drop_table("deliveries")


def _deliveries() -> None:
    op.create_table(
        "deliveries",
        sa.Column("number", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("channel", sa.String(length=64), nullable=False),
        sa.Column("occasion", sa.String(length=128), nullable=False),
        sa.Column("alert_id", sa.String(length=64), nullable=True),
        sa.Column("title", sa.String(length=255), nullable=False),
        sa.Column("body", sa.String(length=4000), nullable=False),
        sa.Column("made_at", sa.BigInteger(), nullable=False),
        sa.Column("next_try_at", sa.BigInteger(), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("sent_at", sa.BigInteger(), nullable=True),
        sa.Column("problem", sa.String(length=500), nullable=True),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_deliveries")),
        sa.UniqueConstraint("channel", "occasion", name=op.f("uq_deliveries_channel_occasion")),
    )
    op.create_index(op.f("ix_deliveries_alert_id"), "deliveries", ["alert_id"], unique=False)
    op.create_index("ix_deliveries_state_next_try_at", "deliveries", ["state", "next_try_at"], unique=False)


def _handovers() -> None:
    op.create_table(
        "handovers",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("given_by", sa.String(length=64), nullable=False),
        sa.Column("given_to", sa.String(length=64), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("note", sa.String(length=4000), nullable=False),
        sa.Column("open_alerts", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("blind", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("shelved", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("accepted_at", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_handovers")),
    )
    op.create_index(op.f("ix_handovers_at"), "handovers", ["at"], unique=False)
    op.create_index(op.f("ix_handovers_given_to"), "handovers", ["given_to"], unique=False)


def _shelves() -> None:
    op.create_table(
        "shelves",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("site", sa.String(length=64), nullable=False),
        sa.Column("line", sa.String(length=64), nullable=True),
        sa.Column("reason", sa.String(length=1000), nullable=False),
        sa.Column("by", sa.String(length=64), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("until", sa.BigInteger(), nullable=False),
        sa.Column("ended_at", sa.BigInteger(), nullable=True),
        sa.Column("ended_by", sa.String(length=64), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_shelves")),
    )
    op.create_index(op.f("ix_shelves_site"), "shelves", ["site"], unique=False)
    op.create_index(op.f("ix_shelves_until"), "shelves", ["until"], unique=False)
