"""Tables of what the office asks of nodes, and of the newest look through each camera."""

from datetime import datetime
from typing import Any

from sqlalchemy import Index, String
from sqlalchemy.orm import Mapped, mapped_column

from tapal_server.db.base import Base

__all__ = ["CameraPictureRow", "CommandRow", "LookRow", "ReferenceViewRow"]


class CommandRow(Base):
    """A request to a node, and what became of it."""

    __tablename__ = "commands"
    __table_args__ = (Index("ix_commands_node_camera", "node", "camera"), Index("ix_commands_state", "state"))

    id: Mapped[str] = mapped_column(String(36), primary_key=True)
    node: Mapped[str] = mapped_column(String(64))
    site: Mapped[str] = mapped_column(String(64))
    camera: Mapped[str] = mapped_column(String(64))
    name: Mapped[str] = mapped_column(String(32))
    body: Mapped[dict[str, Any]] = mapped_column(doc="the whole message of the contract")
    state: Mapped[str] = mapped_column(String(16), doc="waiting, done or refused")
    reason: Mapped[str] = mapped_column(String(500), doc="why it was refused")
    issued_at: Mapped[datetime]
    issued_by: Mapped[str] = mapped_column(String(64))
    expires_at: Mapped[datetime] = mapped_column(doc="an answer later than this is of no use to who asked")
    sent_at: Mapped[datetime | None]
    answered_at: Mapped[datetime | None]


class LookRow(Base):
    """A picture of a camera's that was asked for; the bytes are in the media store under the command's id."""

    __abstract__ = True

    node: Mapped[str] = mapped_column(String(64), primary_key=True)
    camera: Mapped[str] = mapped_column(String(64), primary_key=True)
    command_id: Mapped[str] = mapped_column(String(36))
    path: Mapped[str] = mapped_column(String(255))
    taken_at: Mapped[datetime] = mapped_column(index=True)


class CameraPictureRow(LookRow):
    """The newest picture somebody asked a camera for."""

    __tablename__ = "camera_pictures"


class ReferenceViewRow(LookRow):
    """How a camera's view looked when its node was told to learn it."""

    __tablename__ = "reference_views"

    taken_by: Mapped[str] = mapped_column(String(64))
