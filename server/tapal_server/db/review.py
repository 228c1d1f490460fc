"""Tables of pictures that wait for a person to look at, and of those that were deleted again."""

from datetime import datetime
from typing import Any

from sqlalchemy import Index, String
from sqlalchemy.orm import Mapped, mapped_column

from tapal_server.db.base import Base

__all__ = ["ReviewDeletionRow", "ReviewRow"]


class ReviewRow(Base):
    """A picture of an event, or a frame of its clip, with the boxes that the edge saw and those that a person drew."""

    __tablename__ = "review"
    __table_args__ = (
        Index("ix_review_state_uncertainty", "state", "uncertainty"),
        Index("ix_review_camera_taken_at", "node", "camera", "taken_at"),
        Index("ix_review_clip_frame", "clip", "frame", unique=True),
    )

    id: Mapped[str] = mapped_column(String(36), primary_key=True)
    event_id: Mapped[str | None] = mapped_column(String(36), unique=True, doc="of a report an id of its moment")
    clip: Mapped[str | None] = mapped_column(String(36), doc="the event whose clip it is a frame of")
    frame: Mapped[int | None] = mapped_column(doc="its number in the clip, from 0")
    at_s: Mapped[float | None] = mapped_column(doc="seconds from the clip's start")
    alert_id: Mapped[str | None] = mapped_column(String(64))
    site: Mapped[str] = mapped_column(String(64))
    node: Mapped[str] = mapped_column(String(64))
    camera: Mapped[str] = mapped_column(String(64))
    taken_at: Mapped[datetime]
    why: Mapped[str] = mapped_column(String(16), doc="the verdict, or missed")
    note: Mapped[str] = mapped_column(String(1000))
    uncertainty: Mapped[float] = mapped_column(doc="0..1, the higher the more is learned from it")
    disagreement: Mapped[float | None] = mapped_column(doc="0..1, of two models; empty: not compared")
    state: Mapped[str] = mapped_column(String(16), doc="open, done or skipped")
    negative: Mapped[bool] = mapped_column(doc="nothing that the labels name is in it")
    proposals: Mapped[list[Any]]
    boxes: Mapped[list[Any] | None]
    path: Mapped[str | None] = mapped_column(String(255), doc="a copy of the picture, with a time of its own")
    version: Mapped[int] = mapped_column(default=1)
    queued_at: Mapped[datetime] = mapped_column(index=True)
    changed_at: Mapped[datetime]
    changed_by: Mapped[str] = mapped_column(String(64))


class ReviewDeletionRow(Base):
    """An event whose picture was deleted: datasets that hold it must forget it."""

    __tablename__ = "review_deletions"

    event_id: Mapped[str] = mapped_column(String(36), primary_key=True)
    at: Mapped[datetime] = mapped_column(index=True)
