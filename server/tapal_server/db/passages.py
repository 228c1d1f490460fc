"""Tables of the passage log."""

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from tapal_server.db.base import BIG, Base

__all__ = ["ImportProblemRow", "ImportRow", "PassageRow", "PassageVersionRow"]


class PassageRow(Base):
    """One record of the passage log; `change` orders them as they were committed or corrected."""

    __tablename__ = "passages"
    __table_args__ = (
        UniqueConstraint("source", "record_id"),
        Index("ix_passages_recorded_at", "recorded_at"),
        # With the other three it answers a report's counts by itself.
        Index(
            "ix_passages_checkpoint_recorded_at", "checkpoint", "recorded_at", "direction", "persons", "withdrawn_at"
        ),
    )

    number: Mapped[int] = mapped_column(BIG, primary_key=True, autoincrement=True)
    change: Mapped[int] = mapped_column(BIG, index=True)
    source: Mapped[str] = mapped_column(String(64))
    record_id: Mapped[str] = mapped_column(String(128))
    recorded_at: Mapped[datetime]
    received_at: Mapped[datetime | None] = mapped_column(doc="when the log itself had it, if it says so")
    stored_at: Mapped[datetime] = mapped_column(doc="when this server first got it")
    direction: Mapped[str] = mapped_column(String(8))
    checkpoint: Mapped[str] = mapped_column(String(64))
    lane: Mapped[str | None] = mapped_column(String(64))
    voyage_id: Mapped[str | None] = mapped_column(String(64), index=True)
    traveller_class: Mapped[str | None] = mapped_column(String(32))
    persons: Mapped[int] = mapped_column(default=1)
    result: Mapped[str | None] = mapped_column(String(32))
    document_type: Mapped[str | None] = mapped_column(String(32))
    document_hash: Mapped[str | None] = mapped_column(String(64))
    check_digit_ok: Mapped[bool | None]
    version: Mapped[int] = mapped_column(default=1)
    withdrawn_at: Mapped[datetime | None]


class PassageVersionRow(Base):
    """What a record said before it was corrected or withdrawn."""

    __tablename__ = "passage_versions"
    __table_args__ = (Index("ix_passage_versions_source_record_id", "source", "record_id"),)

    number: Mapped[int] = mapped_column(BIG, primary_key=True, autoincrement=True)
    source: Mapped[str] = mapped_column(String(64))
    record_id: Mapped[str] = mapped_column(String(128))
    version: Mapped[int]
    replaced_at: Mapped[datetime]
    body: Mapped[dict[str, Any]]


class ImportRow(Base):
    """One file or push taken in."""

    __tablename__ = "imports"

    id: Mapped[str] = mapped_column(String(36), primary_key=True)
    source: Mapped[str] = mapped_column(String(64), index=True)
    name: Mapped[str] = mapped_column(String(255))
    at: Mapped[datetime] = mapped_column(index=True)
    by: Mapped[str] = mapped_column(String(64))
    added: Mapped[int] = mapped_column(default=0)
    unchanged: Mapped[int] = mapped_column(default=0)
    corrected: Mapped[int] = mapped_column(default=0)
    withdrawn: Mapped[int] = mapped_column(default=0)
    rejected: Mapped[int] = mapped_column(default=0)
    problems: Mapped[list[Any] | None] = mapped_column(doc="the first bad rows: line and reason")


class ImportProblemRow(Base):
    """A row of an import that was not taken, in the order it was found."""

    __tablename__ = "import_problems"

    import_id: Mapped[str] = mapped_column(ForeignKey("imports.id", ondelete="CASCADE"), primary_key=True)
    place: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    line: Mapped[int] = mapped_column(BIG)
    reason: Mapped[str] = mapped_column(String(500))
