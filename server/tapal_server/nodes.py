"""Edge nodes and their cameras, as they say themselves."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from tapal_server.db.database import Database
from tapal_server.db.observed import newest_of_cameras
from tapal_server.db.tables import EventRow, NodeRow, RefusalRow, RejectedRow
from tapal_server.ingest.refusals import Refusals, refusals
from tapal_server.people.actor import Actor
from tapal_server.people.roles import Permission
from tapal_server.viewing import seen

__all__ = ["CameraView", "NodeService", "NodeView", "RefusedCount", "RefusedMessage", "RefusedView"]

_NEWEST = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class CameraView:
    """A camera: its health as last reported, and the last thing it saw or suffered."""

    camera: str
    state: str
    fps: float | None
    detail: str
    last_event: str | None
    last_event_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class NodeView:
    """A node; `conflicts`, `lost` and `refused` (by reason) above 0 deserve a look."""

    node: str
    site: str
    status: str
    since: datetime | None
    last_seen: datetime | None
    version: str
    through: int
    conflicts: int
    repeats: int
    lost: int
    refused: dict[str, int] = field(default_factory=dict)
    refused_at: datetime | None = None
    health: dict[str, Any] | None
    cameras: tuple[CameraView, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class RefusedCount:
    """Messages refused for one reason; `node` is empty where none of ours can be blamed for them."""

    node: str
    reason: str
    count: int
    last_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class RefusedMessage:
    """One of the newest of them; `head` is its first bytes, escaped."""

    at: datetime
    topic: str
    reason: str
    bytes: int
    head: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RefusedView:
    """All that were refused so far, counted, and the newest few to look at."""

    counts: tuple[RefusedCount, ...]
    newest: tuple[RefusedMessage, ...]


class NodeService:
    """Lists nodes."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def all(self, actor: Actor) -> tuple[NodeView, ...]:
        """Nodes of the sites this person sees, by site and name."""
        actor.require(Permission.SEE)
        query = select(NodeRow).order_by(NodeRow.site, NodeRow.node)
        if actor.sites:
            query = query.where(NodeRow.site.in_(actor.sites))
        with self._database.read() as session:
            last = _last_camera_events(session)
            refused = refusals(session)
            return tuple(_view(row, last.get(row.node, {}), refused.get(row.node)) for row in session.scalars(query))

    def refused(self, actor: Actor) -> RefusedView:
        """Messages that were refused: of nodes of the sites one sees; the rest for those who run the whole server."""
        actor.require(Permission.SEE)
        everything = not actor.sites and actor.may(Permission.SETTINGS)
        query = select(RefusalRow).order_by(RefusalRow.last_at.desc(), RefusalRow.node, RefusalRow.reason)
        if not everything:
            mine = select(NodeRow.node)
            query = query.where(RefusalRow.node.in_(mine.where(NodeRow.site.in_(actor.sites)) if actor.sites else mine))
        newest = select(RejectedRow).order_by(RejectedRow.number.desc()).limit(_NEWEST)
        with self._database.read() as session:
            return RefusedView(
                counts=tuple(seen(RefusedCount, row) for row in session.scalars(query)),
                newest=tuple(seen(RefusedMessage, row) for row in session.scalars(newest)) if everything else (),
            )


def _last_camera_events(session: Session) -> dict[str, dict[str, EventRow]]:
    found: dict[str, dict[str, EventRow]] = {}
    for row in session.scalars(select(EventRow).where(EventRow.arrival.in_(newest_of_cameras()))):
        found.setdefault(row.node, {})[row.camera] = row
    return found


def _view(row: NodeRow, last: dict[str, EventRow], refused: Refusals | None) -> NodeView:
    reported = {camera["camera"]: camera for camera in (row.health or {}).get("cameras", ())}
    cameras = tuple(_camera(name, reported.get(name), last.get(name)) for name in sorted(reported.keys() | last))
    by_reason = refused.by_reason if refused else {}
    return seen(NodeView, row, cameras=cameras, refused=by_reason, refused_at=refused.last_at if refused else None)


def _camera(name: str, reported: dict[str, Any] | None, last: EventRow | None) -> CameraView:
    event = last.body.get("event") if last else None
    state = reported["state"] if reported else str(event or "unknown")
    return CameraView(
        camera=name,
        state=state,
        fps=reported.get("fps") if reported else None,
        detail=str(reported.get("detail", "")) if reported else str(last.body.get("detail", "") if last else ""),
        last_event=event,
        last_event_at=last.time if last else None,
    )
