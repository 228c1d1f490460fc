"""Planned movements, voyages, manifests, and their former versions."""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

_NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.add_column("correlator", sa.Column("schedule_through", _NUMBER, nullable=False, server_default="0"))
    op.create_index(op.f("ix_passages_voyage_id"), "passages", ["voyage_id"])
    op.create_table(
        "planned_movements",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("change", _NUMBER, nullable=False),
        sa.Column("site", sa.String(length=64), nullable=False),
        sa.Column("line", sa.String(length=64), nullable=True),
        sa.Column("direction", sa.String(length=8), nullable=True),
        sa.Column("starts_at", sa.BigInteger(), nullable=False),
        sa.Column("ends_at", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("persons", sa.Integer(), nullable=True),
        sa.Column("note", sa.String(length=1000), nullable=False),
        *_who_and_when(),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_planned_movements")),
    )
    op.create_index(op.f("ix_planned_movements_change"), "planned_movements", ["change"])
    op.create_index("ix_planned_movements_site_starts_at", "planned_movements", ["site", "starts_at"])
    _voyages()
    op.create_table(
        "schedule_versions",
        sa.Column("number", _NUMBER, autoincrement=True, nullable=False),
        sa.Column("what", sa.String(length=8), nullable=False),
        sa.Column("key", sa.String(length=64), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("replaced_at", sa.BigInteger(), nullable=False),
        sa.Column("replaced_by", sa.String(length=64), nullable=False),
        sa.Column("body", sa.JSON(none_as_null=True), nullable=False),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_schedule_versions")),
    )
    op.create_index("ix_schedule_versions_what_key", "schedule_versions", ["what", "key"])
    op.create_index(op.f("ix_schedule_versions_replaced_at"), "schedule_versions", ["replaced_at"])


def downgrade() -> None:
    op.drop_table("schedule_versions")
    op.drop_table("manifest_documents")
    op.drop_table("voyages")
    op.drop_table("planned_movements")
    op.drop_index(op.f("ix_passages_voyage_id"), "passages")
    op.drop_column("correlator", "schedule_through")


def _who_and_when() -> tuple[sa.Column[Any], ...]:
    return (
        sa.Column("entered_at", sa.BigInteger(), nullable=False),
        sa.Column("entered_by", sa.String(length=64), nullable=False),
        sa.Column("changed_at", sa.BigInteger(), nullable=False),
        sa.Column("changed_by", sa.String(length=64), nullable=False),
        sa.Column("cancelled_at", sa.BigInteger(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
    )


def _voyages() -> None:
    op.create_table(
        "voyages",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("change", _NUMBER, nullable=False),
        sa.Column("site", sa.String(length=64), nullable=False),
        sa.Column("line", sa.String(length=64), nullable=True),
        sa.Column("berth", sa.String(length=64), nullable=True),
        sa.Column("direction", sa.String(length=8), nullable=False),
        sa.Column("vessel", sa.String(length=128), nullable=False),
        sa.Column("mmsi", sa.Integer(), nullable=True),
        sa.Column("imo", sa.Integer(), nullable=True),
        sa.Column("starts_at", sa.BigInteger(), nullable=False),
        sa.Column("ends_at", sa.BigInteger(), nullable=False),
        sa.Column("declared", sa.Integer(), nullable=True),
        sa.Column("note", sa.String(length=1000), nullable=False),
        sa.Column("manifest_persons", sa.Integer(), nullable=True),
        sa.Column("manifest_at", sa.BigInteger(), nullable=True),
        *_who_and_when(),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_voyages")),
    )
    op.create_index(op.f("ix_voyages_change"), "voyages", ["change"])
    op.create_index(op.f("ix_voyages_mmsi"), "voyages", ["mmsi"])
    op.create_index("ix_voyages_site_starts_at", "voyages", ["site", "starts_at"])
    op.create_table(
        "manifest_documents",
        sa.Column("voyage_id", sa.String(length=64), nullable=False),
        sa.Column("document_hash", sa.String(length=64), nullable=False),
        sa.Column("stored_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["voyage_id"], ["voyages.id"], name=op.f("fk_manifest_documents_voyage_id_voyages"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("voyage_id", "document_hash", name=op.f("pk_manifest_documents")),
    )
    op.create_index(op.f("ix_manifest_documents_stored_at"), "manifest_documents", ["stored_at"])
