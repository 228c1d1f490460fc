"""What a share of the correlation has decided for: another one that begins goes on only where its own sites stood."""

import sqlalchemy as sa
from alembic import op

revision = "0026"
down_revision = "0025"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("correlator", sa.Column("sites", sa.JSON(none_as_null=True), nullable=True))


def downgrade() -> None:
    op.drop_column("correlator", "sites")
