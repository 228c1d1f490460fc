"""Every rejected row of an import, in a table of their own; the first of them are in the import's row already."""

import json
from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None


def upgrade() -> None:
    table = op.create_table(
        "import_problems",
        sa.Column("import_id", sa.String(length=36), nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.Column("line", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("reason", sa.String(length=500), nullable=False),
        sa.ForeignKeyConstraint(
            ["import_id"], ["imports.id"], name=op.f("fk_import_problems_import_id_imports"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("import_id", "place", name=op.f("pk_import_problems")),
    )
    for import_id, problems in op.get_bind().execute(sa.text("SELECT id, problems FROM imports")).all():
        found: list[dict[str, Any]] = json.loads(problems) if isinstance(problems, str) else problems or []
        rows = [
            {"import_id": import_id, "place": place, "line": one["line"], "reason": str(one["reason"])[:500]}
            for place, one in enumerate(found)
        ]
        if rows:
            op.bulk_insert(table, rows)


def downgrade() -> None:
    op.drop_table("import_problems")
