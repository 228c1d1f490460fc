"""Tables of the films that somebody asked for, and of the pieces in which they come."""

from datetime import datetime

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from tapal_server.db.base import Base

__all__ = ["ClipPieceRow", "ClipRow"]


class ClipRow(Base):
    """The film of an event, asked for or here; the bytes are in the media store."""

    __tablename__ = "clips"

    event_id: Mapped[str] = mapped_column(String(36), primary_key=True)
    command_id: Mapped[str] = mapped_column(String(36), unique=True, doc="of the last request")
    node: Mapped[str] = mapped_column(String(64))
    site: Mapped[str] = mapped_column(String(64))
    camera: Mapped[str] = mapped_column(String(64), default="")
    happened_at: Mapped[datetime | None] = mapped_column(doc="the moment it is to show")
    why: Mapped[str] = mapped_column(String(16), default="", doc="what the review asks after; empty: a person asked")
    wished_at: Mapped[datetime | None] = mapped_column(doc="since when the review wants it")
    hold: Mapped[str] = mapped_column(String(8), default="", doc="why it waits to be asked for, in a word")
    tries: Mapped[int] = mapped_column(default=0, doc="how often the review asked")
    asked_at: Mapped[datetime] = mapped_column(index=True)
    asked_by: Mapped[str] = mapped_column(String(64))
    heard_at: Mapped[datetime | None] = mapped_column(doc="when the node answered, or its last piece came")
    pieces: Mapped[int] = mapped_column(default=0, doc="that have come")
    expected: Mapped[int] = mapped_column(default=0, doc="pieces in all, as the first one said")
    problem: Mapped[str] = mapped_column(String(16), default="", doc="why it cannot be had, in a word")
    reason: Mapped[str] = mapped_column(String(500), default="", doc="the node's own sentence")
    path: Mapped[str | None] = mapped_column(String(255))
    bytes: Mapped[int] = mapped_column(default=0)
    sha256: Mapped[str] = mapped_column(String(64), default="")
    stored_at: Mapped[datetime | None]


class ClipPieceRow(Base):
    """A piece of a film whose others are still to come."""

    __tablename__ = "clip_pieces"

    command_id: Mapped[str] = mapped_column(String(36), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    sha256: Mapped[str] = mapped_column(String(64), doc="of the whole film")
    path: Mapped[str] = mapped_column(String(255))
