"""Reading alerts: filtered, sorted, paged, and one with its evidence."""

from collections.abc import Iterable, Mapping
from typing import Any

from sqlalchemy import ColumnElement, Select, case, exists, func, select
from sqlalchemy.orm import Session

from tapal_server.alerts.states import Severity
from tapal_server.alerts.views import AlertFilter, AlertView, alert_view, for_partner
from tapal_server.db.tables import AlertEventRow, AlertRow, AlertShareRow
from tapal_server.errors import NotFoundError
from tapal_server.paging import Page, Paging, load, order_of
from tapal_server.people.actor import Actor
from tapal_server.people.roles import Role

__all__ = ["SORTS", "find_alert", "load_page", "views_for", "views_of", "visible"]

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


def load_page(session: Session, actor: Actor, paging: Paging, wanted: AlertFilter, sort: str) -> Page[AlertView]:
    """Alerts this one may see."""
    query = _filtered(visible(select(AlertRow), actor), wanted)
    found = load(session, query, paging, lambda row: row, order_of(sort, SORTS), AlertRow.id)
    return Page(items=views_for(session, actor, found.items), total=found.total, more=found.more, paging=paging)


def find_alert(session: Session, actor: Actor, alert_id: str) -> AlertRow:
    """One alert.

    Raises:
        NotFoundError: there is none, or it is none of this person's sites.
    """
    row = session.scalar(visible(select(AlertRow), actor).where(AlertRow.id == alert_id))
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


def views_for(session: Session, actor: Actor, rows: Iterable[AlertRow]) -> tuple[AlertView, ...]:
    """Views as this one may see them."""
    views = views_of(session, rows)
    return tuple(for_partner(view) for view in views) if actor.role is Role.PARTNER else views


def visible(query: Select[AlertRow], actor: Actor) -> Select[AlertRow]:
    """Only what this one may see: alerts of one's sites, or for a partner agency those shared with it."""
    if actor.role is Role.PARTNER:
        shared = select(AlertShareRow.id).where(
            AlertShareRow.alert_id == AlertRow.id,
            AlertShareRow.agency == actor.agency,
            AlertShareRow.ended_at.is_(None),
        )
        return query.where(exists(shared))
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
