"""One alert with all that bears on it: crossings and records around it, pictures, history, files and ties."""

from datetime import timedelta

from sqlalchemy import ColumnElement, or_, select
from sqlalchemy.orm import Session

from tapal_server.alerts.query import views_for, visible
from tapal_server.alerts.views import (
    AlertDetail,
    AlertView,
    AttachmentView,
    CrossingView,
    LinkedView,
    RecordView,
    ShareView,
    crossing_view,
    history_view,
    record_view,
)
from tapal_server.db.tables import (
    AlertHistoryRow,
    AlertLinkRow,
    AlertRow,
    AlertShareRow,
    AttachmentRow,
    EventRow,
    MediaRow,
    PassageRow,
)
from tapal_server.people.actor import Actor
from tapal_server.people.roles import Permission, Role
from tapal_server.viewing import seen

__all__ = ["linked_to", "linked_view", "load_detail", "shares_of"]

_AROUND = timedelta(minutes=15)
_MOST_EVIDENCE = 400


def load_detail(session: Session, actor: Actor, row: AlertRow, checkpoint: str | None) -> AlertDetail:
    """The alert with what lies around it in time, at its gate; for a partner only the lead and its pictures."""
    (view,) = views_for(session, actor, [row])
    if actor.role is Role.PARTNER:
        return _for_partner(session, view)
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
        attachments=_attachments(session, row.id),
        linked=linked_to(session, actor, row.id),
        shares=shares_of(session, row.id) if actor.may(Permission.SHARE) else (),
    )


def _for_partner(session: Session, view: AlertView) -> AlertDetail:
    pictures = _pictures(session, view.event_ids)
    rows = session.scalars(select(EventRow).where(EventRow.id.in_(view.event_ids), EventRow.type == "crossing"))
    return AlertDetail(
        alert=view,
        history=(),
        crossings=tuple(crossing_view(row, member=True, picture=row.id in pictures) for row in rows),
        records=(),
        pictures=tuple(event_id for event_id in view.event_ids if event_id in pictures),
    )


def _attachments(session: Session, alert_id: str) -> tuple[AttachmentView, ...]:
    query = select(AttachmentRow).where(AttachmentRow.alert_id == alert_id).order_by(AttachmentRow.at)
    return tuple(seen(AttachmentView, row) for row in session.scalars(query))


def linked_to(session: Session, actor: Actor, alert_id: str) -> tuple[LinkedView, ...]:
    """The alerts tied to one, of those this person may see."""
    query = select(AlertLinkRow).where(or_(AlertLinkRow.first == alert_id, AlertLinkRow.second == alert_id))
    found = []
    for row in session.scalars(query.order_by(AlertLinkRow.at)):
        other = row.second if row.first == alert_id else row.first
        alert = session.scalar(visible(select(AlertRow), actor).where(AlertRow.id == other))
        if alert is not None:
            found.append(linked_view(row, alert))
    return tuple(found)


def linked_view(row: AlertLinkRow, other: AlertRow) -> LinkedView:
    """The view of a tie, from one of its ends."""
    return seen(LinkedView, row, alert_id=other.id, kind=other.kind, site=other.site, time=other.time)


def shares_of(session: Session, alert_id: str) -> tuple[ShareView, ...]:
    """Agencies that see an alert now."""
    query = select(AlertShareRow).where(AlertShareRow.alert_id == alert_id, AlertShareRow.ended_at.is_(None))
    return tuple(seen(ShareView, row) for row in session.scalars(query.order_by(AlertShareRow.at)))


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


def _all(clauses: list[ColumnElement[bool]]) -> ColumnElement[bool]:
    first, *rest = clauses
    for clause in rest:
        first &= clause
    return first
