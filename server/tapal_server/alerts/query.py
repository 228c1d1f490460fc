"""Reading alerts: filtered, sorted, paged, and one with its evidence."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
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

__all__ = ["SORTS", "Kept", "find_alert", "load_again", "load_page", "views_for", "views_of", "visible"]

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
_MOST_KEPT = 2000
_STAMP = (AlertRow.changed_at, AlertRow.version)  # whoever changes an alert says when


@dataclass(slots=True)
class Kept:
    """Views of alerts as they were last read, for whoever reads the same list again and again; any thread may."""

    _views: dict[str, tuple[tuple[Any, ...], AlertView]] = field(default_factory=dict)

    def load(self, session: Session, stamps: Mapping[str, tuple[Any, ...]]) -> tuple[AlertView, ...]:
        """The views of these alerts, of which only those are read that changed; one that is gone is left out."""
        before = self._views if len(self._views) < _MOST_KEPT else {}
        same = {id_: kept[1] for id_, stamp in stamps.items() if (kept := before.get(id_)) and kept[0] == stamp}
        changed = [id_ for id_ in stamps if id_ not in same]
        fresh = views_of(session, session.scalars(select(AlertRow).where(AlertRow.id.in_(changed)))) if changed else ()
        self._views = before | {view.id: (stamps[view.id], view) for view in fresh}
        views = same | {view.id: view for view in fresh}
        return tuple(views[id_] for id_ in stamps if id_ in views)


def load_page(session: Session, actor: Actor, paging: Paging, wanted: AlertFilter, sort: str) -> Page[AlertView]:
    """Alerts this one may see."""
    query = _filtered(visible(select(AlertRow), actor), wanted)
    found = load(session, query, paging, lambda row: row, order_of(sort, SORTS), AlertRow.id)
    return Page(items=views_for(session, actor, found.items), total=found.total, more=found.more, paging=paging)


def load_again(
    session: Session, actor: Actor, lists: Sequence[tuple[AlertFilter, int]], kept: Kept
) -> tuple[AlertView, ...]:
    """The newest of some lists, so many of each, that this one may see; what did not change is not read again."""
    stamps: dict[str, tuple[Any, ...]] = {}
    for wanted, most in lists:
        query = _filtered(visible(select(AlertRow), actor), wanted)
        query = query.order_by(AlertRow.raised_at.desc(), AlertRow.id).limit(most)
        newest = session.execute(query.with_only_columns(AlertRow.id, *_STAMP, maintain_column_froms=True))
        stamps |= {row[0]: tuple(row[1:]) for row in newest}
    return _for(actor, kept.load(session, stamps))


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
    return _for(actor, views_of(session, rows))


def _for(actor: Actor, views: tuple[AlertView, ...]) -> tuple[AlertView, ...]:
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
