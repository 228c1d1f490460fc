"""Messages of edges, for people who may see their site."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, literal, select, tuple_
from sqlalchemy.orm import Session

from tapal_server.db.base import Moment
from tapal_server.db.database import Database
from tapal_server.db.tables import EventRow
from tapal_server.errors import InvalidError
from tapal_server.paging import Page, Paging, load
from tapal_server.people.actor import Actor
from tapal_server.people.roles import Permission
from tapal_server.viewing import seen

__all__ = ["EventFilter", "EventView", "ObservationService"]


HISTORICAL = timedelta(minutes=10)  # from when on nobody can go and look any more; a link that stumbles is back before


@dataclass(frozen=True, slots=True, kw_only=True)
class EventFilter:
    """Which events; None does not limit. With `after` the list goes on behind that event, however long it is."""

    site: str | None = None
    camera: str | None = None
    line: str | None = None
    type: str | None = None
    since: datetime | None = None
    until: datetime | None = None
    after: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class EventView:
    """A message of an edge; `body` is the whole of it. A historical one came long after it happened."""

    id: str
    type: str
    node: str
    site: str
    camera: str
    line: str | None
    direction: str | None
    label: str | None
    time: datetime
    received_at: datetime
    unlogged: float | None
    historical: bool
    body: dict[str, Any]


class ObservationService:
    """Lists events."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def page(self, actor: Actor, paging: Paging, wanted: EventFilter, *, newest_first: bool = True) -> Page[EventView]:
        """Events by the time they happened."""
        actor.require(Permission.SEE)
        query = select(EventRow)
        if actor.sites:
            query = query.where(EventRow.site.in_(actor.sites))
        for column, value in (
            (EventRow.site, wanted.site),
            (EventRow.camera, wanted.camera),
            (EventRow.line, wanted.line),
            (EventRow.type, wanted.type),
        ):
            if value is not None:
                query = query.where(column == value)
        if wanted.since is not None:
            query = query.where(EventRow.time >= wanted.since)
        if wanted.until is not None:
            query = query.where(EventRow.time < wanted.until)
        order = (EventRow.time.desc(), EventRow.arrival.desc()) if newest_first else (EventRow.time, EventRow.arrival)
        with self._database.read() as session:
            if wanted.after is not None:
                query = query.where(_behind(session, wanted.after, newest_first=newest_first))
            return load(session, query, paging, _view, *order)


def _behind(session: Session, event_id: str, *, newest_first: bool) -> ColumnElement[bool]:
    last = session.scalar(select(EventRow).where(EventRow.id == event_id))
    if last is None:
        raise InvalidError(f"event {event_id[:40]!r} is not known, so nothing can come after it", field="after")
    here, there = tuple_(EventRow.time, EventRow.arrival), tuple_(literal(last.time, Moment()), last.arrival)
    return here < there if newest_first else here > there


def _view(row: EventRow) -> EventView:
    return seen(EventView, row, historical=row.received_at - row.time > HISTORICAL)
