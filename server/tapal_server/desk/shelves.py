"""On which shelf an alert waits: of its gate, of its site, or of the cameras that it rests on."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from tapal_server.db.tables import EventRow, ShelfRow

__all__ = ["active", "shelf_of"]

MOST_EVENTS = 500


def active(session: Session, now: datetime) -> list[ShelfRow]:
    """Shelves in force."""
    query = select(ShelfRow).where(ShelfRow.until > now, ShelfRow.ended_at.is_(None))
    return list(session.scalars(query.order_by(ShelfRow.until)))


def shelf_of(
    session: Session, place: tuple[str, str | None], now: datetime, *, reason: Mapping[str, Any], events: Sequence[str]
) -> str | None:
    """The shelf of an alert of a place (site and line), if one holds it.

    A camera's shelf holds what that camera says of itself, and what rests on nothing but shelved cameras.
    """
    site, line = place
    here = [row for row in active(session, now) if row.site == site]
    whole = next((row.id for row in here if row.camera is None and row.line in {None, line}), None)
    shelved = {row.camera: row.id for row in here if row.camera is not None}
    if whole is not None or not shelved:
        return whole
    cameras = _cameras(session, reason, events)
    return shelved[min(cameras)] if cameras and cameras <= shelved.keys() else None


def _cameras(session: Session, reason: Mapping[str, Any], events: Sequence[str]) -> set[str]:
    if reason.get("source") == "camera":
        return {str(reason.get("name", ""))}
    query = select(EventRow.node, EventRow.camera).where(EventRow.id.in_(events[:MOST_EVENTS])).distinct()
    return {f"{node}/{camera}" for node, camera in session.execute(query)}
