"""Tables of what people add to an alert: files, ties to other alerts, and agencies it is shown to."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from tapal_server.db.base import Base

__all__ = ["AlertLinkRow", "AlertShareRow", "AttachmentRow"]


class AttachmentRow(Base):
    """A file somebody added; its bytes are in the media store."""

    __tablename__ = "attachments"

    id: Mapped[str] = mapped_column(String(36), primary_key=True)
    alert_id: Mapped[str] = mapped_column(ForeignKey("alerts.id", ondelete="CASCADE"), index=True)
    name: Mapped[str] = mapped_column(String(128))
    type: Mapped[str] = mapped_column(String(64), doc="found in the bytes, not believed from the sender")
    bytes: Mapped[int]
    sha256: Mapped[str] = mapped_column(String(64))
    path: Mapped[str] = mapped_column(String(255))
    by: Mapped[str] = mapped_column(String(64))
    at: Mapped[datetime]


class AlertLinkRow(Base):
    """Two alerts that belong together; `first` sorts before `second`."""

    __tablename__ = "alert_links"

    first: Mapped[str] = mapped_column(ForeignKey("alerts.id", ondelete="CASCADE"), primary_key=True)
    second: Mapped[str] = mapped_column(ForeignKey("alerts.id", ondelete="CASCADE"), primary_key=True, index=True)
    why: Mapped[str] = mapped_column(String(1000))
    by: Mapped[str] = mapped_column(String(64))
    at: Mapped[datetime]


class AlertShareRow(Base):
    """An alert shown to a partner agency, until it is taken back."""

    __tablename__ = "alert_shares"
    __table_args__ = (Index("ix_alert_shares_agency_alert_id", "agency", "alert_id"),)

    id: Mapped[str] = mapped_column(String(36), primary_key=True)
    alert_id: Mapped[str] = mapped_column(ForeignKey("alerts.id", ondelete="CASCADE"), index=True)
    agency: Mapped[str] = mapped_column(String(64))
    why: Mapped[str] = mapped_column(String(1000))
    by: Mapped[str] = mapped_column(String(64))
    at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    ended_by: Mapped[str | None] = mapped_column(String(64))
