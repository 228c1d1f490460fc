"""Persons under a planned movement: how many cameras saw in its window, and how many the log has."""

from collections import Counter
from collections.abc import Mapping, Sequence

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from tapal_server.correlation.types import REFUSED, Site
from tapal_server.db.tables import EventRow, PassageRow, PlanRow
from tapal_server.voyages.views import PlanFigures

__all__ = ["covered"]


def covered(session: Session, rows: Sequence[PlanRow], sites: Mapping[str, Site]) -> dict[str, PlanFigures]:
    """The figures of some plans, by their id; of the direction that most came in, for each is planned as many."""
    return {row.id: _figures(session, row, sites.get(row.site)) for row in rows}


def _figures(session: Session, row: PlanRow, site: Site | None) -> PlanFigures:
    seen = _seen(session, row, site)
    if not seen:
        return PlanFigures(seen=0, logged=0)
    direction, most = seen.most_common(1)[0]
    return PlanFigures(seen=most, logged=_logged(session, row, site, direction))


def _seen(session: Session, row: PlanRow, site: Site | None) -> Counter[str]:
    """By direction: gates of one log add up; elsewhere the line that most crossed, for one path may have several."""
    query = select(EventRow.direction, EventRow.line, func.count()).where(
        EventRow.site == row.site,
        EventRow.type == "crossing",
        EventRow.time >= row.starts_at,
        EventRow.time <= row.ends_at,
        EventRow.direction.in_([row.direction] if row.direction else ["inbound", "outbound"]),
    )
    gates = {gate.line for gate in site.gates} if site is not None and site.checkpoint is not None else set()
    lines = {row.line} if row.line else gates
    if lines:
        query = query.where(EventRow.line.in_(lines))
    if site is not None:
        query = query.where(EventRow.label.in_(site.labels))
    seen = Counter[str]()
    for direction, _, count in session.execute(query.group_by(EventRow.direction, EventRow.line)):
        seen[str(direction)] = seen[str(direction)] + count if gates else max(seen[str(direction)], count)
    return seen


def _logged(session: Session, row: PlanRow, site: Site | None, direction: str) -> int:
    """Persons let through; where several agencies log the same people, the fullest log counts."""
    if site is None or site.checkpoint is None:
        return 0
    query = select(PassageRow.source, PassageRow.result, func.sum(PassageRow.persons)).where(
        PassageRow.checkpoint == site.checkpoint,
        PassageRow.direction == direction,
        PassageRow.recorded_at >= row.starts_at,
        PassageRow.recorded_at <= row.ends_at,
        PassageRow.withdrawn_at.is_(None),
    )
    logged = Counter[str]()
    for source, result, persons in session.execute(query.group_by(PassageRow.source, PassageRow.result)):
        logged[source] += 0 if result in REFUSED else int(persons)
    return max(logged.values(), default=0)
