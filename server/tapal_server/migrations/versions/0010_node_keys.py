"""Keys of nodes, the codes they come with, and since when messages of a node are refused."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "enrol_codes",
        sa.Column("name", sa.String(length=8), nullable=False),
        sa.Column("proof", sa.String(length=64), nullable=False),
        sa.Column("node", sa.String(length=64), nullable=False),
        sa.Column("site", sa.String(length=64), nullable=False),
        sa.Column("made_at", sa.BigInteger(), nullable=False),
        sa.Column("ends_at", sa.BigInteger(), nullable=False),
        sa.Column("used_at", sa.BigInteger(), nullable=True),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_enrol_codes")),
    )
    op.create_table(
        "node_keys",
        sa.Column("key", sa.String(length=16), nullable=False),
        sa.Column("node", sa.String(length=64), nullable=False),
        sa.Column("site", sa.String(length=64), nullable=False),
        sa.Column("public", sa.String(length=64), nullable=False),
        sa.Column("enrolled_at", sa.BigInteger(), nullable=False),
        sa.Column("revoked_at", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_node_keys")),
    )
    op.create_index(op.f("ix_node_keys_node"), "node_keys", ["node"], unique=False)
    op.add_column("refusals", sa.Column("since", sa.BigInteger(), nullable=True))


def downgrade() -> None:
    op.drop_column("refusals", "since")
    op.drop_table("node_keys")
    op.drop_table("enrol_codes")
