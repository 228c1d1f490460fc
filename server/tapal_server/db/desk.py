"""Tables of the duty desk: shelved gates, handovers, and messages on their way to people."""

from datetime import datetime
from typing import Any

from sqlalchemy import Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from tapal_server.db.base import BIG, Base

__all__ = ["DeliveryRow", "HandoverRow", "NotifyRulesRow", "ShelfRow"]


class ShelfRow(Base):
    """A gate, a camera or a whole site whose alerts wait, for a time and a reason."""

    __tablename__ = "shelves"

    id: Mapped[str] = mapped_column(String(36), primary_key=True)
    site: Mapped[str] = mapped_column(String(64), index=True)
    line: Mapped[str | None] = mapped_column(String(64))
    camera: Mapped[str | None] = mapped_column(String(130), doc="node/camera")
    reason: Mapped[str] = mapped_column(String(1000))
    by: Mapped[str] = mapped_column(String(64))
    at: Mapped[datetime]
    until: Mapped[datetime] = mapped_column(index=True)
    ended_at: Mapped[datetime | None]
    ended_by: Mapped[str | None] = mapped_column(String(64))


class HandoverRow(Base):
    """A shift given from one to the other, with what was open and blind then."""

    __tablename__ = "handovers"

    id: Mapped[str] = mapped_column(String(36), primary_key=True)
    given_by: Mapped[str] = mapped_column(String(64))
    given_to: Mapped[str] = mapped_column(String(64), index=True)
    at: Mapped[datetime] = mapped_column(index=True)
    note: Mapped[str] = mapped_column(String(4000))
    open_alerts: Mapped[list[Any]]
    blind: Mapped[list[Any]]
    shelved: Mapped[list[Any]]
    accepted_at: Mapped[datetime | None]


class DeliveryRow(Base):
    """One message to one channel; sent once, tried until it is."""

    __tablename__ = "deliveries"
    __table_args__ = (
        UniqueConstraint("channel", "occasion"),
        Index("ix_deliveries_state_next_try_at", "state", "next_try_at"),
    )

    number: Mapped[int] = mapped_column(BIG, primary_key=True, autoincrement=True)
    channel: Mapped[str] = mapped_column(String(64))
    occasion: Mapped[str] = mapped_column(String(128), doc="what it is about; the same is never told twice")
    alert_id: Mapped[str | None] = mapped_column(String(64), index=True)
    title: Mapped[str] = mapped_column(String(255))
    body: Mapped[str] = mapped_column(String(4000))
    made_at: Mapped[datetime]
    next_try_at: Mapped[datetime]
    tries: Mapped[int] = mapped_column(default=0)
    state: Mapped[str] = mapped_column(String(16), default="waiting", doc="waiting, sent, given_up")
    sent_at: Mapped[datetime | None]
    problem: Mapped[str | None] = mapped_column(String(500))


class NotifyRulesRow(Base):
    """Who is told what, where the office changed it; one row, null where the settings file holds again."""

    __tablename__ = "notify_rules"

    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    body: Mapped[dict[str, Any] | None]
    version: Mapped[int]
    changed_at: Mapped[datetime]
    changed_by: Mapped[str] = mapped_column(String(64))
