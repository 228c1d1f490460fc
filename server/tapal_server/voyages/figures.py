"""Persons of voyages, counted from the passage log and from what cameras saw."""

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import timedelta

from sqlalchemy import ColumnElement, and_, func, or_, select
from sqlalchemy.orm import Session

from tapal_server.correlation.types import REFUSED, Site
from tapal_server.db.tables import EventRow, PassageRow, VoyageRow
from tapal_server.voyages.views import Figures

__all__ = ["RECORDS_AROUND", "boarding", "clearance", "figures_of", "own_records"]

RECORDS_AROUND = timedelta(days=1)


def figures_of(session: Session, rows: Sequence[VoyageRow], sites: Mapping[str, Site]) -> dict[str, Figures]:
    """The figures of some voyages, by voyage id."""
    shared = _shared(session, rows)
    found = {}
    for row in rows:
        site = sites.get(row.site)
        cleared, refused = clearance(session, row, site)
        found[row.id] = Figures(
            declared=row.declared if row.manifest_persons is None else row.manifest_persons,
            cleared=cleared,
            refused=refused,
            boarded=boarding(session, row, site),
            shared_with=shared.get(row.id, ()),
        )
    return found


def own_records(row: VoyageRow, site: Site | None) -> ColumnElement[bool]:
    """Records of the log that name the voyage, at its checkpoint and in its direction."""
    mine = [
        PassageRow.voyage_id == row.id,
        PassageRow.direction == row.direction,
        PassageRow.withdrawn_at.is_(None),
        PassageRow.recorded_at >= row.starts_at - RECORDS_AROUND,
        PassageRow.recorded_at <= row.ends_at + RECORDS_AROUND,
    ]
    if site is not None and site.checkpoint is not None:
        mine.append(PassageRow.checkpoint == site.checkpoint)
    return and_(*mine)


def clearance(session: Session, row: VoyageRow, site: Site | None) -> tuple[int, int]:
    """Persons let through, and persons refused or deferred.

    Where several agencies log the same people, the fullest log counts: added up, everybody would count twice.
    """
    query = select(PassageRow.source, PassageRow.result, func.sum(PassageRow.persons)).where(own_records(row, site))
    cleared, refused = Counter[str](), Counter[str]()
    for source, result, persons in session.execute(query.group_by(PassageRow.source, PassageRow.result)):
        (refused if result in REFUSED else cleared)[source] += int(persons)
    return max(cleared.values(), default=0), max(refused.values(), default=0)


def boarding(session: Session, row: VoyageRow, site: Site | None) -> int:
    """Crossings of the voyage's line in its direction and window."""
    mine = [
        EventRow.type == "crossing",
        EventRow.site == row.site,
        EventRow.direction == row.direction,
        EventRow.time >= row.starts_at,
        EventRow.time <= row.ends_at,
    ]
    lines = {row.line} if row.line else {gate.line for gate in site.gates} if site else set()
    if lines:
        mine.append(EventRow.line.in_(lines))
    if site is not None:
        mine.append(EventRow.label.in_(site.labels))
    return session.scalar(select(func.count()).where(*mine)) or 0


def _shared(session: Session, rows: Sequence[VoyageRow]) -> dict[str, tuple[str, ...]]:
    """Calls whose line, direction and time overlap, by voyage id."""
    if not rows:
        return {}
    near = or_(
        *(and_(VoyageRow.site == row.site, VoyageRow.starts_at <= row.ends_at, VoyageRow.ends_at >= row.starts_at)
          for row in rows)
    )  # fmt: skip
    others = session.scalars(select(VoyageRow).where(near, VoyageRow.cancelled_at.is_(None)).order_by(VoyageRow.id))
    found: dict[str, list[str]] = {}
    for other in others.all():
        for row in rows:
            if row.cancelled_at is None and _overlap(row, other):
                found.setdefault(row.id, []).append(other.id)
    return {key: tuple(ids) for key, ids in found.items()}


def _overlap(one: VoyageRow, other: VoyageRow) -> bool:
    return (
        one.id != other.id
        and one.site == other.site
        and one.direction == other.direction
        and (one.line is None or other.line is None or one.line == other.line)
        and one.starts_at <= other.ends_at
        and other.starts_at <= one.ends_at
    )
