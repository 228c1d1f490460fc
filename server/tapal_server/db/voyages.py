"""Tables of what is expected: planned movements, scheduled voyages, their manifests and their former versions."""

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from tapal_server.db.base import BIG, Base

__all__ = ["ManifestDocumentRow", "PlanRow", "ScheduleVersionRow", "VoyageRow"]


class _Expected:
    """What every entry says: where and when, and who entered and changed it."""

    change: Mapped[int] = mapped_column(BIG, index=True, doc="orders plans and voyages as they were changed")
    site: Mapped[str] = mapped_column(String(64))
    line: Mapped[str | None] = mapped_column(String(64))
    starts_at: Mapped[datetime]
    ends_at: Mapped[datetime]
    note: Mapped[str] = mapped_column(String(1000))
    entered_at: Mapped[datetime]
    entered_by: Mapped[str] = mapped_column(String(64))
    changed_at: Mapped[datetime]
    changed_by: Mapped[str] = mapped_column(String(64))
    cancelled_at: Mapped[datetime | None]
    version: Mapped[int] = mapped_column(default=1)


class PlanRow(_Expected, Base):
    """A movement entered beforehand, which explains the crossings it covers."""

    __tablename__ = "planned_movements"
    __table_args__ = (Index("ix_planned_movements_site_starts_at", "site", "starts_at"),)

    id: Mapped[str] = mapped_column(String(36), primary_key=True)
    direction: Mapped[str | None] = mapped_column(String(8))
    kind: Mapped[str] = mapped_column(String(32))
    persons: Mapped[int | None]


class VoyageRow(_Expected, Base):
    """One call of a vessel in one direction, under the voyage id that passage records carry."""

    __tablename__ = "voyages"
    __table_args__ = (Index("ix_voyages_site_starts_at", "site", "starts_at"),)

    id: Mapped[str] = mapped_column(String(64), primary_key=True)
    berth: Mapped[str | None] = mapped_column(String(64))
    direction: Mapped[str] = mapped_column(String(8))
    vessel: Mapped[str] = mapped_column(String(128))
    mmsi: Mapped[int | None] = mapped_column(index=True)
    imo: Mapped[int | None]
    declared: Mapped[int | None]
    manifest_persons: Mapped[int | None]
    manifest_at: Mapped[datetime | None]


class ManifestDocumentRow(Base):
    """A document on a manifest: its keyed hash, and nothing of its holder."""

    __tablename__ = "manifest_documents"

    voyage_id: Mapped[str] = mapped_column(ForeignKey("voyages.id", ondelete="CASCADE"), primary_key=True)
    document_hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    stored_at: Mapped[datetime] = mapped_column(index=True)


class ScheduleVersionRow(Base):
    """What a plan or voyage said before it was changed or cancelled; rows are added, never altered."""

    __tablename__ = "schedule_versions"
    __table_args__ = (Index("ix_schedule_versions_what_key", "what", "key"),)

    number: Mapped[int] = mapped_column(BIG, primary_key=True, autoincrement=True)
    what: Mapped[str] = mapped_column(String(8), doc="plan or voyage")
    key: Mapped[str] = mapped_column(String(64))
    version: Mapped[int]
    replaced_at: Mapped[datetime] = mapped_column(index=True)
    replaced_by: Mapped[str] = mapped_column(String(64))
    body: Mapped[dict[str, Any]]
