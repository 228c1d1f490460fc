"""Planned movements of a period: how many, for how many persons, and how often more came."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from tapal_server.db.tables import AlertRow, PlanRow

__all__ = ["PlannedTotal", "planned_totals"]


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedTotal:
    """Movements of one kind at a site that were not cancelled; `exceeded` had more persons than planned."""

    site: str
    kind: str
    movements: int
    persons: int
    exceeded: int


def planned_totals(
    session: Session, sites: Sequence[str], since: datetime, until: datetime
) -> tuple[PlannedTotal, ...]:
    """Of the movements that began in the period."""
    rows = session.execute(
        select(PlanRow.id, PlanRow.site, PlanRow.kind, PlanRow.persons).where(
            PlanRow.site.in_(sites),
            PlanRow.starts_at >= since,
            PlanRow.starts_at < until,
            PlanRow.cancelled_at.is_(None),
        )
    ).all()
    reasons = session.scalars(
        select(AlertRow.reason).where(AlertRow.site.in_(sites), AlertRow.kind == "count_excess", AlertRow.time >= since)
    )
    exceeded = {reason["data"].get("plan") for reason in reasons if reason["code"] == "plan_excess"}
    counts: dict[tuple[str, str], Counter[str]] = {}
    for plan_id, site, kind, persons in rows:
        one = counts.setdefault((site, kind), Counter())
        one.update(movements=1, persons=persons or 0, exceeded=int(plan_id in exceeded))
    return tuple(
        PlannedTotal(site=site, kind=kind, movements=one["movements"], persons=one["persons"], exceeded=one["exceeded"])
        for (site, kind), one in sorted(counts.items())
    )
