"""Tables of what the edges saw and said."""

from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Index, Select, String, UniqueConstraint, func, literal_column, select, text
from sqlalchemy.orm import Mapped, mapped_column

from tapal_server.db.base import BIG, Base

__all__ = ["EventRow", "MediaRow", "NodeRow", "RefusalRow", "RejectedRow", "newest_of_cameras"]


_CAMERA = text("type = 'camera'")


class NodeRow(Base):
    """An edge node, and how far its stream of messages is held without a gap."""

    __tablename__ = "nodes"

    node: Mapped[str] = mapped_column(String(64), primary_key=True)
    site: Mapped[str] = mapped_column(String(64), index=True)
    boot: Mapped[str | None] = mapped_column(String(36))
    status: Mapped[str] = mapped_column(String(16), default="unknown")
    version: Mapped[str] = mapped_column(String(64), default="")
    since: Mapped[datetime | None] = mapped_column(doc="when the status last changed")
    last_seen: Mapped[datetime | None]
    health: Mapped[dict[str, Any] | None]
    epoch: Mapped[int] = mapped_column(default=1, doc="counts up when the node's sequence went back")
    through: Mapped[int] = mapped_column(BIG, default=0, doc="highest seq of the epoch held without a gap")
    boot_highest: Mapped[int] = mapped_column(BIG, default=0, doc="highest seq heard from the present boot")
    boot_oldest: Mapped[int | None] = mapped_column(BIG, doc="lowest seq the present boot can still send")
    conflicts: Mapped[int] = mapped_column(default=0, doc="messages whose seq was already another message's")
    repeats: Mapped[int] = mapped_column(default=0, doc="messages received again")
    lost: Mapped[int] = mapped_column(default=0, doc="messages the node no longer has and the server never got")


class EventRow(Base):
    """One message of an edge; `arrival` orders them as they were committed."""

    __tablename__ = "events"
    __table_args__ = (
        UniqueConstraint("node", "epoch", "seq"),
        Index("ix_events_time_arrival", "time", "arrival"),
        # With type and direction it answers a report's counts by itself.
        Index("ix_events_site_time", "site", "time", "type", "direction"),
        Index("ix_events_camera_time", "camera", "time"),
        Index("ix_events_of_cameras", "node", "camera", "arrival", sqlite_where=_CAMERA, postgresql_where=_CAMERA),
    )

    arrival: Mapped[int] = mapped_column(BIG, primary_key=True, autoincrement=True)
    id: Mapped[str] = mapped_column(String(36), unique=True)
    node: Mapped[str] = mapped_column(String(64))
    epoch: Mapped[int]
    seq: Mapped[int | None] = mapped_column(BIG, doc="empty where another message already has the number")
    type: Mapped[str] = mapped_column(String(16))
    site: Mapped[str] = mapped_column(String(64))
    camera: Mapped[str] = mapped_column(String(64))
    line: Mapped[str | None] = mapped_column(String(64))
    direction: Mapped[str | None] = mapped_column(String(8))
    label: Mapped[str | None] = mapped_column(String(32))
    time: Mapped[datetime]
    received_at: Mapped[datetime] = mapped_column(index=True)
    body: Mapped[dict[str, Any]] = mapped_column(doc="the whole message of the contract")
    unlogged: Mapped[float | None] = mapped_column(doc="of a crossing: the probability that no record belongs to it")


def newest_of_cameras() -> Select[int]:
    """The arrival of the newest event about each camera itself, by way of an index that holds no others."""
    is_camera: ColumnElement[bool] = EventRow.type == literal_column("'camera'")
    return select(func.max(EventRow.arrival)).where(is_camera).group_by(EventRow.node, EventRow.camera)


class MediaRow(Base):
    """A picture of an event; the bytes are in the media store."""

    __tablename__ = "media"

    event_id: Mapped[str] = mapped_column(String(36), primary_key=True)
    node: Mapped[str] = mapped_column(String(64))
    site: Mapped[str] = mapped_column(String(64))
    path: Mapped[str] = mapped_column(String(255))
    bytes: Mapped[int]
    sha256: Mapped[str] = mapped_column(String(64))
    stored_at: Mapped[datetime] = mapped_column(index=True)


class RefusalRow(Base):
    """How many messages of a node were refused for a reason; `node` is empty where no node of ours is named."""

    __tablename__ = "refusals"

    node: Mapped[str] = mapped_column(String(64), primary_key=True)
    reason: Mapped[str] = mapped_column(String(16), primary_key=True)
    count: Mapped[int] = mapped_column(BIG)
    since: Mapped[datetime | None] = mapped_column(doc="when it began, if it has not stopped for ten minutes since")
    last_at: Mapped[datetime]


class RejectedRow(Base):
    """A message that was not of the contract; the newest few are kept, all are counted."""

    __tablename__ = "rejected"

    number: Mapped[int] = mapped_column(BIG, primary_key=True, autoincrement=True)
    at: Mapped[datetime]
    topic: Mapped[str] = mapped_column(String(255))
    reason: Mapped[str] = mapped_column(String(500))
    bytes: Mapped[int]
    head: Mapped[str] = mapped_column(String(400), doc="the first bytes, escaped")
