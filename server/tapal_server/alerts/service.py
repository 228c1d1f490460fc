"""What people do with alerts. Every change is in the alert's history and in the audit chain, with its author."""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from tapal_server.alerts.evidence import load_detail
from tapal_server.alerts.query import Kept, find_alert, load_again, load_page, views_for, views_of
from tapal_server.alerts.states import Outcome, State, Step, after
from tapal_server.alerts.tally import Tally, load_tally
from tapal_server.alerts.views import AlertDetail, AlertFilter, AlertView
from tapal_server.audit.log import AuditLog
from tapal_server.clock import Clock
from tapal_server.db.database import Database
from tapal_server.db.tables import AlertHistoryRow, AlertRow, UserRow
from tapal_server.errors import ConflictError, InvalidError
from tapal_server.events import AlertChanged, Bus
from tapal_server.paging import Page, Paging
from tapal_server.people.actor import Actor
from tapal_server.people.roles import Permission

__all__ = ["AlertService"]

LONGEST_NOTE = 4000
EVERYTHING = AlertFilter()


class AlertService:
    """Lists alerts, shows one with its evidence, and takes what people decide."""

    def __init__(
        self,
        database: Database,
        *,
        audit: AuditLog,
        clock: Clock,
        bus: Bus,
        checkpoint_of: Callable[[str], str | None],
    ) -> None:
        self._database = database
        self._audit = audit
        self._clock = clock
        self._bus = bus
        self._checkpoint_of = checkpoint_of

    def page(
        self, actor: Actor, paging: Paging, wanted: AlertFilter = EVERYTHING, *, sort: str = "-raised_at"
    ) -> Page[AlertView]:
        """Alerts this person may see, filtered and sorted."""
        actor.require(Permission.SEE)
        with self._database.read() as session:
            return load_page(session, actor, paging, wanted, sort)

    def newest(self, actor: Actor, lists: Sequence[tuple[AlertFilter, int]], kept: Kept) -> tuple[AlertView, ...]:
        """So many of each list that this person may see; for whoever asks again and again, and keeps what was read."""
        actor.require(Permission.SEE)
        with self._database.read() as session:
            return load_again(session, actor, lists, kept)

    def tally(self, actor: Actor, since: datetime) -> Tally:
        """Those raised since then that this person may see, in numbers."""
        actor.require(Permission.SEE)
        with self._database.read() as session:
            return load_tally(session, actor, since)

    def get(self, actor: Actor, alert_id: str) -> AlertView:
        """One alert, without its evidence."""
        actor.require(Permission.SEE)
        with self._database.read() as session:
            return views_for(session, actor, [find_alert(session, actor, alert_id)])[0]

    def detail(self, actor: Actor, alert_id: str) -> AlertDetail:
        """One alert with its evidence; that it was viewed is audited."""
        actor.require(Permission.SEE)
        with self._database.write() as session:
            row = find_alert(session, actor, alert_id)
            self._audit.append(session, actor, "alert.view", f"alert:{alert_id}", {})
            return load_detail(session, actor, row, self._checkpoint_of(row.site))

    def acknowledge(
        self, actor: Actor, alert_id: str, note: str | None = None, *, expected_version: int | None = None
    ) -> AlertView:
        """Say that one has seen it and takes care of it."""
        return self._take_on(actor, alert_id, Step.ACKNOWLEDGE, note, expected_version)

    def start(
        self, actor: Actor, alert_id: str, note: str | None = None, *, expected_version: int | None = None
    ) -> AlertView:
        """Say that somebody is on the way or at work on it."""
        return self._take_on(actor, alert_id, Step.START, note, expected_version)

    def resolve(
        self, actor: Actor, alert_id: str, outcome: Outcome, note: str, *, expected_version: int | None = None
    ) -> AlertView:
        """Give the verdict, with a note that says what was found."""
        if not note.strip():
            raise InvalidError("a verdict needs a note that says what was found", field="note")

        def change(row: AlertRow) -> dict[str, Any]:
            row.state, row.outcome = after(State(row.state), Step.RESOLVE), outcome.value
            row.resolved_at = self._clock.now()
            row.acknowledged_at = row.acknowledged_at or row.resolved_at
            row.welfare = row.welfare or outcome is Outcome.WELFARE
            return {"state": row.state, "outcome": row.outcome}

        return self._change(actor, alert_id, "resolve", change, note=note, expected_version=expected_version)

    def reopen(self, actor: Actor, alert_id: str, note: str, *, expected_version: int | None = None) -> AlertView:
        """Take a verdict back, with the reason."""
        if not note.strip():
            raise InvalidError("reopening needs a note that says why", field="note")

        def change(row: AlertRow) -> dict[str, Any]:
            before, row.outcome = row.outcome, None
            row.state, row.resolved_at = after(State(row.state), Step.REOPEN), None
            return {"state": row.state, "outcome_before": before}

        return self._change(actor, alert_id, "reopen", change, note=note, expected_version=expected_version)

    def note(self, actor: Actor, alert_id: str, text: str) -> AlertView:
        """Write something down."""
        if not text.strip():
            raise InvalidError("the note is empty; write something", field="note")
        return self._change(actor, alert_id, "note", lambda _: {}, note=text, expected_version=None)

    def flag_welfare(self, actor: Actor, alert_id: str, note: str | None = None, *, on: bool = True) -> AlertView:
        """Say that people may need help: protection contacts are told first."""

        def change(row: AlertRow) -> dict[str, Any]:
            row.welfare = on
            return {"welfare": on}

        return self._change(actor, alert_id, "welfare", change, note=note, expected_version=None)

    def assign(
        self,
        actor: Actor,
        alert_id: str,
        to: str | None,
        note: str | None = None,
        *,
        expected_version: int | None = None,
    ) -> AlertView:
        """Give it to somebody, to oneself, or to nobody (None)."""
        if to not in {None, actor.name}:
            actor.require(Permission.ASSIGN)

        def change(row: AlertRow) -> dict[str, Any]:
            before, row.assignee = row.assignee, to
            return {"assignee": to, "before": before}

        return self._change(
            actor, alert_id, "assign", change, note=note, expected_version=expected_version, must_exist=to
        )

    def _take_on(
        self, actor: Actor, alert_id: str, step: Step, note: str | None, expected_version: int | None
    ) -> AlertView:
        def change(row: AlertRow) -> dict[str, Any]:
            row.state = after(State(row.state), step)
            row.acknowledged_at = row.acknowledged_at or self._clock.now()
            row.assignee = row.assignee or actor.name
            return {"state": row.state, "assignee": row.assignee}

        return self._change(actor, alert_id, step.value, change, note=note, expected_version=expected_version)

    def _change(
        self,
        actor: Actor,
        alert_id: str,
        action: str,
        change: Callable[[AlertRow], dict[str, Any]],
        *,
        note: str | None,
        expected_version: int | None,
        must_exist: str | None = None,
    ) -> AlertView:
        actor.require(Permission.ASSIGN if action == "assign" and actor.may(Permission.ASSIGN) else Permission.JUDGE)
        if note is not None and len(note) > LONGEST_NOTE:
            raise InvalidError(f"the note is longer than {LONGEST_NOTE} characters; shorten it", field="note")
        with self._database.write() as session:
            row = find_alert(session, actor, alert_id)
            session.refresh(row, with_for_update=True)
            if expected_version not in {None, row.version}:
                raise ConflictError(f"alert {alert_id!r} was changed by somebody else meanwhile; reload it first")
            if must_exist is not None:
                _require_user(session, must_exist)
            detail = change(row)
            write_history(session, row, actor, action, detail, note=note or None, clock=self._clock)
            self._audit.append(session, actor, f"alert.{action}", f"alert:{alert_id}", detail)
            session.flush()
            view = views_of(session, [row])[0]
        self._bus.publish(AlertChanged(alert_id=alert_id, site=view.site, action=action))
        return view


def write_history(
    session: Session,
    row: AlertRow,
    actor: Actor,
    action: str,
    detail: dict[str, Any],
    *,
    note: str | None = None,
    clock: Clock,
) -> None:
    """Add to the history of an alert and count its version up."""
    now = clock.now()
    row.version, row.changed_at = row.version + 1, now
    session.add(AlertHistoryRow(alert_id=row.id, at=now, actor=actor.name, action=action, note=note, detail=detail))


def _require_user(session: Session, name: str) -> None:
    found = session.scalar(select(UserRow.id).where(UserRow.name == name, UserRow.disabled.is_(False)))
    if found is None:
        raise InvalidError(f"user {name!r} is not known; choose somebody from the list", field="assignee")
