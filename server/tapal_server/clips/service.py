"""Films of the events that alerts rest on: asked for by an officer, shown to whoever may see the picture."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from tapal_server.audit.log import AuditLog
from tapal_server.audit.watching import Watching
from tapal_server.clips.asking import FILMED, ask_node, film_of, one_at_a_time
from tapal_server.clips.standing import ClipView, standing
from tapal_server.clock import Clock
from tapal_server.db.database import Database
from tapal_server.db.tables import AlertEventRow, ClipRow, EventRow, NodeRow
from tapal_server.errors import NotFoundError
from tapal_server.events import Bus, ClipChanged, CommandIssued
from tapal_server.media import MediaStore, is_shared
from tapal_server.people.actor import Actor
from tapal_server.people.roles import Permission

__all__ = ["ClipService"]


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
            one_at_a_time(session)
            event = _event(session, actor, event_id)
            node = session.get(NodeRow, event.node)
            if node is None or not actor.sees(event.site):
                raise NotFoundError(f"event {event_id[:40]!r} is not known")
            clip = session.get(ClipRow, event_id, with_for_update=True)
            if clip is not None:
                seen = standing(session, clip, now)
                if seen.state in {"asked", "coming", "here"}:
                    return seen
            clip = clip or film_of(event, now)
            clip.camera, clip.happened_at = event.camera, event.time
            clip.why = ""  # a person wants it, whatever is the review's share
            command = ask_node(session, self._store, clip, actor.name, now)
            self._audit.append(session, actor, "clip.ask", f"event:{event_id}", {"command": command.id})
            session.flush()
            seen = standing(session, clip, now)
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
            return standing(session, clip, self._clock.now())

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
