"""Reading alerts: filtered, sorted, paged, and one with its evidence."""

from collections.abc import Iterable, Mapping
from datetime import timedelta
from typing import Any

from sqlalchemy import ColumnElement, Select, case, func, or_, select
from sqlalchemy.orm import Session

from tapal_server.alerts.states import Severity
from tapal_server.alerts.views import (
    AlertDetail,
    AlertFilter,
    AlertView,
    CrossingView,
    RecordView,
    alert_view,
    crossing_view,
    history_view,
    record_view,
)
from tapal_server.db.tables import AlertEventRow, AlertHistoryRow, AlertRow, EventRow, MediaRow, PassageRow
from tapal_server.errors import InvalidError, NotFoundError
from tapal_server.paging import Page, Paging, load
from tapal_server.people.actor import Actor

__all__ = ["SORTS", "find_alert", "load_detail", "load_page", "views_of"]

_SEVERITY_ORDER = case(
    {Severity.LOW.value: 0, Severity.MEDIUM.value: 1, Severity.HIGH.value: 2}, value=AlertRow.severity, else_=0
)
SORTS: Mapping[str, ColumnElement[Any]] = {
    "raised_at": AlertRow.raised_at.expression,
    "time": AlertRow.time.expression,
    "changed_at": AlertRow.changed_at.expression,
    "probability": func.coalesce(AlertRow.probability, 0.0),
    "severity": _SEVERITY_ORDER,
}
_AROUND = timedelta(minutes=15)
_MOST_EVIDENCE = 400


def load_page(session: Session, actor: Actor, paging: Paging, wanted: AlertFilter, sort: str) -> Page[AlertView]:
    """Alerts this one may see."""
    name, descending = sort.removeprefix("-"), sort.startswith("-")
    if name not in SORTS:
        raise InvalidError(
            f"cannot sort by {name!r}; take one of {', '.join(SORTS)}, with - for descending", field="sort"
        )
    query = _filtered(_visible(select(AlertRow), actor), wanted)
    order = SORTS[name].desc() if descending else SORTS[name].asc()
    found = load(session, query, paging, lambda row: row, order, AlertRow.id)
    return Page(items=views_of(session, found.items), total=found.total, more=found.more, paging=paging)


def find_alert(session: Session, actor: Actor, alert_id: str) -> AlertRow:
    """One alert.

    Raises:
        NotFoundError: there is none, or it is none of this person's sites.
    """
    row = session.scalar(_visible(select(AlertRow), actor).where(AlertRow.id == alert_id))
    if row is None:
        raise NotFoundError(f"alert {alert_id!r} is not known")
    return row


def views_of(session: Session, rows: Iterable[AlertRow]) -> tuple[AlertView, ...]:
    """Views with their events, read in one go."""
    rows = list(rows)
    events: dict[str, list[str]] = {row.id: [] for row in rows}
    query = select(AlertEventRow).where(AlertEventRow.alert_id.in_(events)).order_by(AlertEventRow.position)
    for link in session.scalars(query):
        events[link.alert_id].append(link.event_id)
    return tuple(alert_view(row, tuple(events[row.id])) for row in rows)


def load_detail(session: Session, row: AlertRow, checkpoint: str | None) -> AlertDetail:
    """The alert with what lies around it in time, at its gate."""
    (view,) = views_of(session, [row])
    history = session.scalars(
        select(AlertHistoryRow).where(AlertHistoryRow.alert_id == row.id).order_by(AlertHistoryRow.number)
    ).all()
    pictures = _pictures(session, view.event_ids)
    return AlertDetail(
        alert=view,
        history=tuple(history_view(entry) for entry in history),
        crossings=_crossings_around(session, view, pictures),
        records=_records_around(session, view, checkpoint) if checkpoint else (),
        pictures=tuple(event_id for event_id in view.event_ids if event_id in pictures),
    )


def _crossings_around(session: Session, alert: AlertView, pictures: frozenset[str]) -> tuple[CrossingView, ...]:
    near = [
        EventRow.site == alert.site,
        EventRow.type == "crossing",
        EventRow.time >= alert.time - _AROUND,
        EventRow.time <= alert.time + _AROUND,
    ]
    if alert.line:
        near.append(EventRow.line == alert.line)
    if alert.direction:
        near.append(EventRow.direction == alert.direction)
    query = select(EventRow).where(or_(EventRow.id.in_(alert.event_ids), _all(near)))
    rows = session.scalars(query.order_by(EventRow.time, EventRow.arrival).limit(_MOST_EVIDENCE)).all()
    seen = pictures | _pictures(session, tuple(row.id for row in rows))
    members = frozenset(alert.event_ids)
    return tuple(crossing_view(row, member=row.id in members, picture=row.id in seen) for row in rows)


def _records_around(session: Session, alert: AlertView, checkpoint: str) -> tuple[RecordView, ...]:
    query = select(PassageRow).where(
        PassageRow.checkpoint == checkpoint,
        PassageRow.withdrawn_at.is_(None),
        PassageRow.recorded_at >= alert.time - _AROUND,
        PassageRow.recorded_at <= alert.time + 2 * _AROUND,
    )
    if alert.direction:
        query = query.where(PassageRow.direction == alert.direction)
    rows = session.scalars(query.order_by(PassageRow.recorded_at).limit(_MOST_EVIDENCE))
    return tuple(record_view(row) for row in rows)


def _pictures(session: Session, event_ids: tuple[str, ...]) -> frozenset[str]:
    return frozenset(session.scalars(select(MediaRow.event_id).where(MediaRow.event_id.in_(event_ids))))


def _visible(query: Select[AlertRow], actor: Actor) -> Select[AlertRow]:
    return query.where(AlertRow.site.in_(actor.sites)) if actor.sites else query


def _filtered(query: Select[AlertRow], wanted: AlertFilter) -> Select[AlertRow]:
    for column, values in (
        (AlertRow.state, wanted.states),
        (AlertRow.kind, wanted.kinds),
        (AlertRow.site, wanted.sites),
        (AlertRow.outcome, wanted.outcomes),
        (AlertRow.severity, wanted.severities),
    ):
        if values:
            query = query.where(column.in_([str(value) for value in values]))
    if wanted.assignee is not None:
        query = query.where(AlertRow.assignee == wanted.assignee)
    if wanted.welfare is not None:
        query = query.where(AlertRow.welfare.is_(wanted.welfare))
    if wanted.since is not None:
        query = query.where(AlertRow.raised_at >= wanted.since)
    if wanted.until is not None:
        query = query.where(AlertRow.raised_at < wanted.until)
    return query


def _all(clauses: list[ColumnElement[bool]]) -> ColumnElement[bool]:
    first, *rest = clauses
    for clause in rest:
        first &= clause
    return first
