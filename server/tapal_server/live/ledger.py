"""Writes what the engine says of alerts into the database, without ever saying the same thing twice."""

from collections.abc import Iterable
from dataclasses import asdict
from typing import Any

from sqlalchemy import delete, select, text
from sqlalchemy.orm import Session

from tapal_contract.times import from_seconds
from tapal_server.alerts.service import write_history
from tapal_server.alerts.states import Outcome, State, rank, severity_of
from tapal_server.audit.log import AuditLog
from tapal_server.clock import Clock
from tapal_server.correlation.types import Alert, AlertClosed, Change, Reason
from tapal_server.db.tables import AlertEventRow, AlertRow
from tapal_server.desk.shelves import shelf_of
from tapal_server.events import AlertChanged, AlertRaised, ServerEvent
from tapal_server.people.actor import SYSTEM

__all__ = ["Ledger"]

_TELLING = 0.05  # a smaller move of the probability is stored, but is no line of the history
# One statement for hundreds of rows: on PostgreSQL each of its own is a turn on the wire.
_BELIEVE_ALL = text(
    "UPDATE events SET unlogged = told.share "
    "FROM unnest(CAST(:ids AS text[]), CAST(:shares AS double precision[])) AS told(id, share) "
    "WHERE events.id = told.id"
)
_BELIEVE_ONE = text("UPDATE events SET unlogged = :share WHERE id = :of")


class Ledger:
    """Alerts as rows; calls happen inside the correlator's transaction."""

    def __init__(self, clock: Clock, audit: AuditLog) -> None:
        self._clock = clock
        self._audit = audit

    def write(self, session: Session, changes: Iterable[Change]) -> list[ServerEvent]:
        """Bring rows to what the changes say in the end; return what to tell."""
        latest: dict[str, Change] = {}
        for change in changes:
            latest[change.alert.id] = change
        told: list[ServerEvent] = []
        for change in latest.values():
            because = change.because if isinstance(change, AlertClosed) else None
            row = session.get(AlertRow, change.alert.id)
            if row is not None:
                told += self._change(session, row, change.alert, because)
            elif because is None:
                told += self._raise(session, change.alert)
            # else it was raised and closed before anybody could see it
        return told

    def believe(self, session: Session, unlogged: dict[str, float]) -> None:
        """Store what the engine believes of crossings."""
        if not unlogged:
            return
        if session.get_bind().dialect.name == "postgresql":
            session.execute(_BELIEVE_ALL, {"ids": list(unlogged), "shares": list(unlogged.values())})
        else:
            session.connection().execute(_BELIEVE_ONE, [{"of": id_, "share": one} for id_, one in unlogged.items()])

    def _raise(self, session: Session, alert: Alert) -> list[ServerEvent]:
        now = self._clock.now()
        row = AlertRow(
            id=alert.id,
            kind=alert.kind,
            site=alert.site,
            line=alert.line,
            direction=alert.direction,
            raised_at=from_seconds(alert.raised_at),
            state=State.NEW.value,
            version=0,
            welfare=False,
            escalation=0,
            shelf_id=shelf_of(session, (alert.site, alert.line), now, reason=alert.reason.data, events=alert.event_ids),
            changed_at=now,
            **_engine_columns(alert),
        )
        session.add(row)
        session.flush()
        _link_events(session, alert)
        write_history(session, row, SYSTEM, "raised", {"probability": alert.probability}, clock=self._clock)
        return [AlertRaised(alert_id=alert.id, site=alert.site, kind=alert.kind)]

    def _change(self, session: Session, row: AlertRow, alert: Alert, because: Reason | None) -> list[ServerEvent]:
        columns = _engine_columns(alert)
        changed = {name for name, value in columns.items() if getattr(row, name) != value}
        linked = tuple(
            session.scalars(
                select(AlertEventRow.event_id).where(AlertEventRow.alert_id == row.id).order_by(AlertEventRow.position)
            )
        )
        if not changed and linked == alert.event_ids:
            return []
        before = row.probability or 0.0
        rises = rank(columns["severity"]) > rank(row.severity)
        if rises:
            row.pressing_since = self._clock.now()
        row.changed_at = self._clock.now()
        for name, value in columns.items():
            setattr(row, name, value)
        if linked != alert.event_ids:
            session.execute(delete(AlertEventRow).where(AlertEventRow.alert_id == row.id))
            _link_events(session, alert)
        if because is not None and "status" in changed:
            self._close(session, row, alert, because)
            return [AlertChanged(alert_id=row.id, site=row.site, action=alert.status)]
        if rises or "status" in changed or linked != alert.event_ids or abs(before - alert.probability) >= _TELLING:
            detail = {"status": alert.status, "probability": alert.probability, "events": len(alert.event_ids)}
            write_history(session, row, SYSTEM, "updated", detail, clock=self._clock)
        return [AlertChanged(alert_id=row.id, site=row.site, action="updated")]

    def _close(self, session: Session, row: AlertRow, alert: Alert, because: Reason) -> None:
        row.closed_because = _reason(because)
        detail: dict[str, Any] = {"status": alert.status, "because": row.closed_because}
        if alert.status == "explained" and State(row.state) is not State.RESOLVED:
            # The verdict of a person stands; where there is none yet, the explanation closes the alert.
            row.state, row.outcome = State.RESOLVED.value, Outcome.EXPLAINED.value
            row.resolved_at = self._clock.now()
            detail["state"] = row.state
            self._audit.append(session, SYSTEM, "alert.explained", f"alert:{row.id}", {})
        write_history(session, row, SYSTEM, alert.status, detail, clock=self._clock)


def _engine_columns(alert: Alert) -> dict[str, Any]:
    return {
        "status": alert.status,
        "probability": alert.probability,
        "low": alert.low,
        "high": alert.high,
        "time": from_seconds(alert.time),
        "closed_at": None if alert.closed_at is None else from_seconds(alert.closed_at),
        "reason": _reason(alert.reason),
        "severity": severity_of(alert.kind, alert.probability).value,
        "evidence": {
            "record_ids": list(alert.record_ids),
            "innocent": [asdict(one) for one in alert.innocent],
            "members": list(alert.members),
            "surge": alert.surge,
        },
    }


def _reason(reason: Reason) -> dict[str, Any]:
    return {"code": reason.code, "data": _plain(reason.data)}


def _plain(value: Any) -> Any:
    """The same data as JSON gives it back, so that comparing with what is stored works."""
    if isinstance(value, tuple | list):
        return [_plain(one) for one in value]
    if hasattr(value, "items"):
        return {str(key): _plain(one) for key, one in value.items()}
    return value


def _link_events(session: Session, alert: Alert) -> None:
    session.add_all(
        AlertEventRow(alert_id=alert.id, event_id=event_id, position=position)
        for position, event_id in enumerate(dict.fromkeys(alert.event_ids))
    )
    session.flush()
