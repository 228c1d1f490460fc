"""The review asks for films by itself: after what, and why one waits."""

import sqlalchemy as sa
from alembic import op

revision = "0029"
down_revision = "0028"
branch_labels = None
depends_on = None

TEXTS = {"camera": 64, "why": 16, "hold": 8}


def upgrade() -> None:
    for column, length in TEXTS.items():
        op.add_column("clips", sa.Column(column, sa.String(length=length), nullable=False, server_default=""))
    for column in ("happened_at", "wished_at"):
        op.add_column("clips", sa.Column(column, sa.BigInteger(), nullable=True))
    op.add_column("clips", sa.Column("tries", sa.Integer(), nullable=False, server_default="0"))


def downgrade() -> None:
    for column in ("tries", "wished_at", "happened_at", *TEXTS):
        op.drop_column("clips", column)
