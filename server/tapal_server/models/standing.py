"""How a roll-out stands: its nodes as written down, and what each said of its model last."""

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from tapal_server.db.tables import NodeRow, RolloutNodeRow

__all__ = ["nodes_of", "told_by"]


def nodes_of(session: Session, rollout_id: str) -> Sequence[RolloutNodeRow]:
    """The nodes of a roll-out, stage by stage."""
    query = select(RolloutNodeRow).where(RolloutNodeRow.rollout_id == rollout_id)
    return session.scalars(query.order_by(RolloutNodeRow.stage, RolloutNodeRow.node)).all()


def told_by(row: NodeRow | None) -> dict[str, object]:
    """What a node's last report says of its model; empty where it says nothing."""
    health = (row.health if row is not None else None) or {}
    told: dict[str, object] = health.get("model") or {}
    return told
