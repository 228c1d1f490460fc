"""The films that the review wants: noted after verdicts and reports, asked for one after the other, given up in time.

What a verdict asks for is found in the database, not told: so it is found after a restart, and only once. Which comes
next is decided in :mod:`tapal_server.clips.turns`.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from sqlalchemy import exists, select
from sqlalchemy.orm import Session

from tapal_server.alerts.states import State
from tapal_server.audit.log import AuditLog
from tapal_server.clips.asking import FILMED, ask_node, drop_film, film_of, film_of_report, one_at_a_time
from tapal_server.clips.standing import state_of
from tapal_server.clips.turns import Film, Node, Step, Why, steps
from tapal_server.clock import Clock
from tapal_server.db.database import Database
from tapal_server.db.tables import (
    AlertEventRow,
    AlertRow,
    ClipRow,
    CommandRow,
    EventRow,
    MediaRow,
    NodeRow,
    ReviewDeletionRow,
    ReviewRow,
)
from tapal_server.events import Bus, ClipChanged, CommandIssued, ServerEvent
from tapal_server.media import MediaStore
from tapal_server.people.actor import SYSTEM

__all__ = ["UNFILMED", "Wishes"]

UNFILMED = ("blind", "surge")
"""Kinds of alerts of which no event is a moment before a camera; a surge's members have films of their own."""
NEW = timedelta(days=1)
"""How old a verdict may be that was not heeded yet: the server was away, or the setting is new."""
LOOKED_AT = timedelta(days=3)
"""As far back as the share of a day, or a film that waits, can depend on."""
BY = "review"


class Wishes:
    """Notes what the review wants, and asks for what is next. Synchronous; any number of servers may do so at once."""

    def __init__(
        self,
        database: Database,
        store: MediaStore,
        wanted: Sequence[Why],
        per_day: int,
        *,
        audit: AuditLog,
        bus: Bus,
        clock: Clock,
    ) -> None:
        self._database = database
        self._store = store
        self._wanted = tuple(wanted) if per_day else ()
        self._per_day = per_day
        self._audit = audit
        self._bus = bus
        self._clock = clock

    def work(self) -> int:
        """Do what is due; return how many films were asked for."""
        now = self._clock.now()
        told: list[ServerEvent] = []
        with self._database.write() as session:
            one_at_a_time(session)
            self._withdraw(session)
            self._note(session, now)
            session.flush()
            nodes = _nodes(session, now)
            rows, films = self._films(session, nodes, now)
            for step in steps(films, nodes, self._per_day, now):
                told += self._do(session, step, rows[step.event_id], now)
        self._bus.publish(*told)
        return sum(isinstance(one, CommandIssued) for one in told)

    def _withdraw(self, session: Session) -> None:
        """What waits follows the verdict: taken back or given otherwise, it is not asked for any more."""
        waiting = (ClipRow.hold != "", ClipRow.why != "missed")
        verdicts = (
            select(ClipRow.event_id, AlertRow.outcome)
            .join(AlertEventRow, AlertEventRow.event_id == ClipRow.event_id)
            .join(AlertRow, AlertRow.id == AlertEventRow.alert_id)
            .where(*waiting, AlertRow.state == State.RESOLVED.value, AlertRow.outcome.in_(self._wanted))
            .order_by(AlertRow.resolved_at)
        )
        latest = dict(session.execute(verdicts).all())
        for clip in session.scalars(select(ClipRow).where(*waiting).with_for_update()).all():
            outcome = latest.get(clip.event_id)
            if outcome is None:
                drop_film(session, self._store, clip)
            else:
                clip.why = outcome

    def _note(self, session: Session, now: datetime) -> None:
        """Note the film of each alert that was judged lately: of the event that its page shows, unless one is known."""
        of_alert = AlertEventRow.alert_id == AlertRow.id
        known = exists(
            select(ClipRow.event_id).join(AlertEventRow, AlertEventRow.event_id == ClipRow.event_id).where(of_alert)
        )
        deleted = exists(
            select(ReviewDeletionRow.event_id)
            .join(AlertEventRow, AlertEventRow.event_id == ReviewDeletionRow.event_id)
            .where(of_alert)
        )
        labelled = exists(
            select(ReviewRow.id).join(AlertEventRow, AlertEventRow.event_id == ReviewRow.clip).where(of_alert)
        )
        pictured = exists(select(MediaRow.event_id).where(MediaRow.event_id == EventRow.id))
        query = (
            select(AlertRow.id, AlertRow.outcome, EventRow)
            .join(AlertEventRow, of_alert)
            .join(EventRow, EventRow.id == AlertEventRow.event_id)
            .where(
                AlertRow.state == State.RESOLVED.value,
                AlertRow.outcome.in_(self._wanted),
                AlertRow.acknowledged_at.is_not(None),  # or a late record explained it, and nobody looked
                AlertRow.resolved_at > now - NEW,
                AlertRow.changed_at > now - NEW,  # says no more, but has an index
                AlertRow.kind.not_in(UNFILMED),
                EventRow.type.in_(FILMED),
                ~known,
                ~deleted,
                ~labelled,
            )
            .order_by(AlertRow.id, pictured.desc(), AlertEventRow.position, EventRow.id)
        )
        noted: set[str] = set()
        alerts: set[str] = set()
        for alert_id, outcome, event in session.execute(query):
            if alert_id not in alerts and event.id not in noted:
                assert outcome is not None, "chosen by its outcome"
                noted.add(event.id)
                session.add(_wish(film_of(event, now), outcome, now))
            alerts.add(alert_id)
        if "missed" in self._wanted:
            self._note_reports(session, now)

    def _note_reports(self, session: Session, now: datetime) -> None:
        """Note the film of each moment at which somebody was missed."""
        query = select(ReviewRow).where(
            ReviewRow.why == "missed",
            ReviewRow.path.is_(None),
            ReviewRow.event_id.is_not(None),
            ReviewRow.queued_at > now - NEW,
            ~exists(select(ClipRow.event_id).where(ClipRow.event_id == ReviewRow.event_id)),
        )
        for report in session.scalars(query):
            session.add(_wish(film_of_report(report, now), "missed", now))

    def _films(
        self, session: Session, nodes: Mapping[str, Node], now: datetime
    ) -> tuple[dict[str, ClipRow], list[Film]]:
        """All films of late, those that wait among them."""
        lately = ClipRow.asked_at > now - LOOKED_AT
        rows = session.scalars(select(ClipRow).where(lately).order_by(ClipRow.event_id).with_for_update()).all()
        asked = select(CommandRow).join(ClipRow, ClipRow.command_id == CommandRow.id).where(lately)
        commands = {one.id: one for one in session.scalars(asked)}
        films = []
        for row in rows:
            online = row.node in nodes and nodes[row.node].online
            state, cause = state_of(row, commands.get(row.command_id), now, online=online)
            films.append(_film(row, state, cause or row.problem))
        return {row.event_id: row for row in rows}, films

    def _do(self, session: Session, step: Step, clip: ClipRow, now: datetime) -> list[ServerEvent]:
        if step.what == "ask":
            command = ask_node(session, self._store, clip, BY, now)
            clip.tries += 1
            detail = {"command": command.id, "after": clip.why}
            self._audit.append(session, SYSTEM, "clip.ask", f"event:{clip.event_id}", detail)
            return [CommandIssued(command_id=command.id, node=clip.node), ClipChanged(event_id=clip.event_id)]
        before = (clip.hold, clip.problem)
        if step.what == "hold":
            clip.hold = step.word
        else:
            clip.hold, clip.problem, clip.reason = "", step.word, ""
        return [ClipChanged(event_id=clip.event_id)] if before != (clip.hold, clip.problem) else []


def _wish(clip: ClipRow, why: str, now: datetime) -> ClipRow:
    clip.why, clip.wished_at, clip.asked_by, clip.hold = why, now, BY, "next"
    return clip


def _film(row: ClipRow, state: str, cause: str) -> Film:
    return Film(
        event_id=row.event_id,
        node=row.node,
        camera=row.camera,
        at=row.happened_at or row.asked_at,
        why=row.why,
        wished_at=row.wished_at or row.asked_at,
        asked_at=row.asked_at if row.tries or not row.why else None,
        tries=row.tries,
        state=state,
        cause=cause,
    )


def _nodes(session: Session, now: datetime) -> Mapping[str, Node]:
    """How the nodes fare that have films of late; a country has thousands of others."""
    filmed = select(ClipRow.node).where(ClipRow.asked_at > now - LOOKED_AT)
    found = {}
    query = select(NodeRow.node, NodeRow.status, NodeRow.health).where(NodeRow.node.in_(filmed))
    for node, status, health in session.execute(query):
        told = health or {}
        backlog = int(told.get("queue", 0)) + int(told.get("media_queue", 0))
        found[node] = Node(online=status == "online", backlog=backlog)
    return found
