"""Films of the events that alerts rest on: asked for by an officer, shown to whoever may see the picture."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal, cast

from sqlalchemy import select
from sqlalchemy.orm import Session

from tapal_contract.ids import new_id
from tapal_contract.node import ClipCause, Command
from tapal_server.audit.log import AuditLog
from tapal_server.audit.watching import Watching
from tapal_server.clips.taking import drop_pieces
from tapal_server.clock import Clock
from tapal_server.commands.writing import written
from tapal_server.db.database import Database
from tapal_server.db.tables import AlertEventRow, ClipRow, CommandRow, EventRow, NodeRow
from tapal_server.errors import NotFoundError
from tapal_server.events import Bus, ClipChanged, CommandIssued
from tapal_server.media import MediaStore, is_shared
from tapal_server.people.actor import Actor
from tapal_server.people.roles import Permission

__all__ = ["ClipService", "ClipView"]

State = Literal["none", "asked", "coming", "here", "failed"]
Cause = ClipCause | Literal["offline", "silent", "stalled", "broken"]
FILMED = ("crossing", "zone", "vessel")
EXPIRES = timedelta(minutes=10)  # for as long a node obeys a command
STALLED = timedelta(minutes=30)


@dataclass(frozen=True, slots=True, kw_only=True)
class ClipView:
    """How it stands with the film of an event; `reason` is the node's own sentence, in English."""

    event_id: str
    state: State
    cause: Cause | None = None
    reason: str = ""
    node_online: bool = False
    asked_at: datetime | None = None
    asked_by: str | None = None
    expires_at: datetime | None = None
    pieces: int = 0
    of: int = 0
    bytes: int = 0


class ClipService:
    """Asks nodes for films and shows them. Synchronous."""

    def __init__(self, database: Database, store: MediaStore, *, audit: AuditLog, bus: Bus, clock: Clock) -> None:
        self._database = database
        self._store = store
        self._audit = audit
        self._bus = bus
        self._clock = clock
        self._watching = Watching()

    def ask(self, actor: Actor, event_id: str) -> ClipView:
        """Ask the node for the film of an event, unless it is here or on its way.

        Raises:
            ForbiddenError: no permission to judge alerts.
            NotFoundError: no such event, of another site, or one that no alert rests on.
        """
        actor.require(Permission.JUDGE)
        now = self._clock.now()
        with self._database.write() as session:
            event = _event(session, actor, event_id)
            node = session.get(NodeRow, event.node)
            if node is None or not actor.sees(event.site):
                raise NotFoundError(f"event {event_id[:40]!r} is not known")
            clip = session.scalars(select(ClipRow).where(ClipRow.event_id == event_id).with_for_update()).first()
            if clip is not None:
                seen = _view(session, clip, now)
                if seen.state in {"asked", "coming", "here"}:
                    return seen
                drop_pieces(session, self._store, clip.command_id)
            command = Command(
                id=new_id(),
                name="clip",
                camera=event.camera,
                issued_at=now,
                issued_by=actor.name,
                events=(event_id,),
            )
            session.add(written(command, node.node, node.site, EXPIRES))
            clip = clip or ClipRow(event_id=event_id)
            clip.command_id, clip.node, clip.site = command.id, node.node, event.site
            clip.asked_at, clip.asked_by, clip.heard_at = now, actor.name, None
            clip.pieces, clip.expected, clip.problem, clip.reason = 0, 0, "", ""
            session.add(clip)
            self._audit.append(session, actor, "clip.ask", f"event:{event_id}", {"command": command.id})
            session.flush()
            seen = _view(session, clip, now)
        self._bus.publish(CommandIssued(command_id=command.id, node=node.node), ClipChanged(event_id=event_id))
        return seen

    def view(self, actor: Actor, event_id: str) -> ClipView:
        """How it stands with the film of an event.

        Raises:
            NotFoundError: no such event, of another site, or one that no alert rests on.
        """
        actor.require(Permission.SEE)
        with self._database.read() as session:
            _event(session, actor, event_id)
            clip = session.get(ClipRow, event_id)
            if clip is None:
                return ClipView(event_id=event_id, state="none")
            return _view(session, clip, self._clock.now())

    def read(self, actor: Actor, event_id: str) -> bytes:
        """The MP4; that somebody watches is audited.

        Raises:
            NotFoundError: it is not here, its time has ended, or it is of another site.
        """
        actor.require(Permission.SEE)
        with self._database.read() as session:
            clip = session.get(ClipRow, event_id)
            shown = clip is not None and (actor.sees(clip.site) or is_shared(session, actor, event_id))
            path = clip.path if clip is not None else None
        if not shown or path is None:
            raise NotFoundError(f"clip {event_id[:40]!r} is not known")
        try:
            film = self._store.get(path)
        except FileNotFoundError as error:
            raise NotFoundError(f"clip {event_id!r} is no longer there") from error
        if self._watching.is_news(actor, event_id, self._clock.now()):
            self._audit.record(actor, "clip.view", f"event:{event_id}")
        return film


def _event(session: Session, actor: Actor, event_id: str) -> EventRow:
    """An event whose film this one may see: nobody looks through what no alert rests on."""
    event = session.scalars(select(EventRow).where(EventRow.id == event_id)).first()
    evidence = select(AlertEventRow.event_id).where(AlertEventRow.event_id == event_id).limit(1)
    if (
        event is None
        or event.type not in FILMED
        or not (actor.sees(event.site) or is_shared(session, actor, event_id))
        or session.scalar(evidence) is None
    ):
        raise NotFoundError(f"event {event_id[:40]!r} is not known")
    return event


def _view(session: Session, clip: ClipRow, now: datetime) -> ClipView:
    command, node = session.get(CommandRow, clip.command_id), session.get(NodeRow, clip.node)
    online = node is not None and node.status == "online"
    state, cause = _state(clip, command, now, online=online)
    return ClipView(
        event_id=clip.event_id,
        state=state,
        cause=cause,
        reason=clip.reason if state == "failed" else "",
        node_online=online,
        asked_at=clip.asked_at,
        asked_by=clip.asked_by,
        expires_at=command.expires_at if command is not None else None,
        pieces=clip.pieces,
        of=clip.expected,
        bytes=clip.bytes,
    )


def _state(clip: ClipRow, command: CommandRow | None, now: datetime, *, online: bool) -> tuple[State, Cause | None]:
    if clip.path is not None:
        return "here", None
    if clip.problem:
        return "failed", cast("Cause", clip.problem)  # as it was written down
    if command is None:
        return "none", None
    if clip.pieces or command.state == "done":
        heard = clip.heard_at or clip.asked_at
        return ("failed", "stalled") if now - heard > STALLED else ("coming", None)
    if command.expires_at > now:
        return "asked", None
    return "failed", "silent" if online else "offline"
