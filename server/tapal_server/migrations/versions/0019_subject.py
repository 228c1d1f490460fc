"""Accounts bound to the office's own provider of sign-ins."""

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # No batch: SQLite would make the table anew, and dropping the old one would take everybody's sessions along.
    op.add_column("users", sa.Column("subject", sa.String(length=255), nullable=True))
    op.create_index("ix_users_subject", "users", ["subject"], unique=True)


def downgrade() -> None:
    op.drop_index("ix_users_subject", "users")
    op.drop_column("users", "subject")
