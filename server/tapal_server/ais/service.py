"""Vessels near the sites: the latest each said of itself, and since when it is there. Optional evidence, never more."""

from collections.abc import Iterable
from dataclasses import dataclass, fields, replace
from datetime import datetime, timedelta
from math import asin, cos, radians, sin, sqrt
from typing import Any

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from tapal_server.ais.sentences import Report
from tapal_server.clock import Clock
from tapal_server.correlation.types import Site
from tapal_server.db.database import Database
from tapal_server.db.tables import VesselRow, VoyageRow
from tapal_server.paging import Page, Paging, load, order_of
from tapal_server.people.actor import Actor
from tapal_server.people.roles import Permission
from tapal_server.viewing import seen
from tapal_server.voyages.service import find_voyage

__all__ = ["VesselService", "VesselView", "kilometres"]

AWAY_AFTER = timedelta(hours=1)  # a vessel not heard for so long has left; it arrives anew

SORTS = {"heard_at": VesselRow.heard_at, "name": VesselRow.name, "distance_km": VesselRow.distance_km}


@dataclass(frozen=True, slots=True, kw_only=True)
class VesselView:
    """A vessel near a site."""

    mmsi: int
    imo: int | None
    name: str | None
    call_sign: str | None
    ship_type: int | None
    site: str
    latitude: float
    longitude: float
    distance_km: float
    speed_knots: float | None
    course: float | None
    near_since: datetime
    heard_at: datetime


class VesselService:
    """Keeps one row per vessel near a site; what is far from all of them is not kept."""

    def __init__(self, database: Database, sites: Iterable[Site], *, near_km: float, clock: Clock) -> None:
        self._database = database
        self._places = [(site.id, site.location) for site in sites if site.location is not None]
        self._near_km = near_km
        self._clock = clock

    def page(
        self, actor: Actor, paging: Paging, *, site: str | None = None, sort: str = "-heard_at"
    ) -> Page[VesselView]:
        """Vessels near the sites one sees."""
        actor.require(Permission.SEE)
        query = select(VesselRow)
        if actor.sites:
            query = query.where(VesselRow.site.in_(actor.sites))
        if site is not None:
            query = query.where(VesselRow.site == site)
        order = (order_of(sort, SORTS), VesselRow.mmsi.asc())
        with self._database.read() as session:
            return load(session, query, paging, lambda row: seen(VesselView, row), *order)

    def of_voyage(self, actor: Actor, voyage_id: str) -> VesselView | None:
        """The vessel of a voyage, if it was heard near its site: evidence that it came."""
        actor.require(Permission.SEE)
        with self._database.read() as session:
            voyage = find_voyage(session, actor, voyage_id)
            row = _vessel_of(session, voyage)
            return None if row is None else seen(VesselView, row)

    def take(self, reports: Iterable[Report]) -> int:
        """Store what vessels near a site say; return how many of them there were."""
        latest: dict[int, Report] = {}
        for report in reports:
            known = latest.get(report.mmsi)
            latest[report.mmsi] = report if known is None else _merged(known, report)
        now, count = self._clock.now(), 0
        with self._database.write() as session:
            for mmsi, report in sorted(latest.items()):
                count += self._store(session, mmsi, report, now)
        return count

    def _store(self, session: Session, mmsi: int, report: Report, now: datetime) -> bool:
        row = session.get(VesselRow, mmsi)
        near = self._nearest(report)
        if report.latitude is not None and report.longitude is not None:
            if near is None:
                if row is not None:
                    session.delete(row)  # it went away
                return False
            site, distance = near
            if row is None:
                row = VesselRow(mmsi=mmsi, near_since=now)
                session.add(row)
            elif row.site != site or now - row.heard_at > AWAY_AFTER:
                row.near_since = now
            row.site, row.distance_km = site, round(distance, 2)
            row.latitude, row.longitude = report.latitude, report.longitude
            row.speed_knots, row.course, row.heard_at = report.speed_knots, report.course, now
        if row is None:
            return False
        for name in ("imo", "name", "call_sign", "ship_type"):
            if getattr(report, name) is not None:
                setattr(row, name, getattr(report, name))
        return True

    def _nearest(self, report: Report) -> tuple[str, float] | None:
        if report.latitude is None or report.longitude is None:
            return None
        here = (report.latitude, report.longitude)
        found = min(((kilometres(here, place), site) for site, place in self._places), default=None)
        return None if found is None or found[0] > self._near_km else (found[1], found[0])


def kilometres(one: tuple[float, float], other: tuple[float, float]) -> float:
    """The distance of two places on the earth."""
    lat1, lon1, lat2, lon2 = map(radians, (*one, *other))
    half = sin((lat2 - lat1) / 2) ** 2 + cos(lat1) * cos(lat2) * sin((lon2 - lon1) / 2) ** 2
    return 2 * 6371.0 * asin(sqrt(half))


def _merged(known: Report, newer: Report) -> Report:
    said = {field.name: getattr(newer, field.name) for field in fields(newer)}
    changes: dict[str, Any] = {name: value for name, value in said.items() if value is not None}
    return replace(known, **changes)


def _vessel_of(session: Session, voyage: VoyageRow) -> VesselRow | None:
    names = [VesselRow.mmsi == voyage.mmsi] if voyage.mmsi is not None else []
    if voyage.imo is not None:
        names.append(VesselRow.imo == voyage.imo)
    if not names:
        return None
    query = select(VesselRow).where(VesselRow.site == voyage.site, or_(*names))
    return session.scalars(query.order_by(VesselRow.heard_at.desc())).first()
