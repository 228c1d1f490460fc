"""Messages of edges, for people who may see their site."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import func, select

from tapal_server.db.database import Database
from tapal_server.db.tables import EventRow
from tapal_server.paging import Page, Paging
from tapal_server.people.actor import Actor
from tapal_server.people.roles import Permission

__all__ = ["EventFilter", "EventView", "ObservationService"]


@dataclass(frozen=True, slots=True, kw_only=True)
class EventFilter:
    """Which events; None does not limit."""

    site: str | None = None
    camera: str | None = None
    line: str | None = None
    type: str | None = None
    since: datetime | None = None
    until: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class EventView:
    """A message of an edge; `body` is the whole of it."""

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
            total = session.scalar(query.with_only_columns(func.count())) or 0
            rows = session.scalars(query.order_by(*order).limit(paging.size).offset(paging.offset))
            return Page(items=tuple(_view(row) for row in rows), total=total, paging=paging)


def _view(row: EventRow) -> EventView:
    return EventView(
        id=row.id,
        type=row.type,
        node=row.node,
        site=row.site,
        camera=row.camera,
        line=row.line,
        direction=row.direction,
        label=row.label,
        time=row.time,
        received_at=row.received_at,
        unlogged=row.unlogged,
        body=row.body,
    )
