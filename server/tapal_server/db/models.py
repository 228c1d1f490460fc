"""Tables of models that can be rolled out, and of their way to the nodes."""

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from tapal_server.db.base import BIG, Base

__all__ = ["ModelRow", "RolloutNodeRow", "RolloutRow"]


class ModelRow(Base):
    """A signed bundle; its bytes lie with the pictures and in the models folder, under their hash."""

    __tablename__ = "models"

    title: Mapped[str] = mapped_column(String(129), primary_key=True, doc="NAME@VERSION")
    name: Mapped[str] = mapped_column(String(64))
    version: Mapped[str] = mapped_column(String(64))
    sha256: Mapped[str] = mapped_column(String(64), unique=True, doc="of the bundle")
    bytes: Mapped[int] = mapped_column(BIG, doc="of the bundle")
    parent: Mapped[str | None] = mapped_column(String(200), doc="the champion it was proven against")
    card: Mapped[dict[str, Any]]
    uploaded_at: Mapped[datetime]
    uploaded_by: Mapped[str] = mapped_column(String(64))


class RolloutRow(Base):
    """One model on its way to some nodes, stage by stage."""

    __tablename__ = "rollouts"

    id: Mapped[str] = mapped_column(String(36), primary_key=True)
    model: Mapped[str] = mapped_column(ForeignKey("models.title"), index=True)
    state: Mapped[str] = mapped_column(String(16), index=True, doc="running, halted, stopped, done or rolled_back")
    detail: Mapped[str] = mapped_column(String(500))
    bounds: Mapped[dict[str, Any]]
    made_at: Mapped[datetime]
    made_by: Mapped[str] = mapped_column(String(64))
    ended_at: Mapped[datetime | None]


class RolloutNodeRow(Base):
    """How far a roll-out has come at one node."""

    __tablename__ = "rollout_nodes"
    __table_args__ = (Index("ix_rollout_nodes_node", "node"),)

    rollout_id: Mapped[str] = mapped_column(ForeignKey("rollouts.id", ondelete="CASCADE"), primary_key=True)
    node: Mapped[str] = mapped_column(String(64), primary_key=True)
    site: Mapped[str] = mapped_column(String(64))
    stage: Mapped[int] = mapped_column(doc="counted from 0")
    state: Mapped[str] = mapped_column(
        String(16), doc="waiting, asked, fetching, shadow, watching, active, failed, back"
    )
    detail: Mapped[str] = mapped_column(String(500))
    command_id: Mapped[str | None] = mapped_column(String(36))
    attempts: Mapped[int] = mapped_column(default=0, server_default="0", doc="how often it was asked")
    changed_at: Mapped[datetime]
