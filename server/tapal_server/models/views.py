"""What people are shown of models and their roll-outs."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

__all__ = ["ModelView", "NodeModelView", "RolloutNodeView", "RolloutView"]


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelView:
    """A model that can be rolled out; `parent` is the champion it was proven against, `card` its figures."""

    title: str
    name: str
    version: str
    sha256: str
    bytes: int
    parent: str | None
    card: dict[str, Any]
    uploaded_at: datetime
    uploaded_by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class NodeModelView:
    """Which model a node uses and how a change of it goes, as it said last; None where it tells nothing of that."""

    node: str
    site: str
    status: str
    active: str | None
    previous: str | None
    candidate: str | None
    state: str | None
    fetched: float | None
    frames: int | None
    agreement: float | None
    counts: float | None
    latency: float | None
    detail: str
    reported_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class RolloutNodeView:
    """How far a roll-out has come at one node."""

    node: str
    site: str
    stage: int
    state: str
    detail: str
    changed_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class RolloutView:
    """A model on its way to some nodes."""

    id: str
    model: str
    state: str
    detail: str
    bounds: dict[str, Any]
    made_at: datetime
    made_by: str
    ended_at: datetime | None
    nodes: tuple[RolloutNodeView, ...]
