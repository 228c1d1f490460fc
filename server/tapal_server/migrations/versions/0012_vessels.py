"""Vessels heard over AIS."""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "vessels",
        sa.Column("mmsi", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("imo", sa.Integer(), nullable=True),
        sa.Column("name", sa.String(length=32), nullable=True),
        sa.Column("call_sign", sa.String(length=16), nullable=True),
        sa.Column("ship_type", sa.Integer(), nullable=True),
        sa.Column("site", sa.String(length=64), nullable=False),
        sa.Column("latitude", sa.Float(), nullable=False),
        sa.Column("longitude", sa.Float(), nullable=False),
        sa.Column("distance_km", sa.Float(), nullable=False),
        sa.Column("speed_knots", sa.Float(), nullable=True),
        sa.Column("course", sa.Float(), nullable=True),
        sa.Column("near_since", sa.BigInteger(), nullable=False),
        sa.Column("heard_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("mmsi", name=op.f("pk_vessels")),
    )
    op.create_index(op.f("ix_vessels_site"), "vessels", ["site"])
    op.create_index(op.f("ix_vessels_heard_at"), "vessels", ["heard_at"])


def downgrade() -> None:
    op.drop_table("vessels")
