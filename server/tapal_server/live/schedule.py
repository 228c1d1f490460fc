"""Planned movements and voyages on their way into the engine."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Literal, TypeVar

from sqlalchemy import Select, bindparam, select
from sqlalchemy.orm import Session

from tapal_server.correlation.engine import Engine
from tapal_server.correlation.types import Planned, Voyage
from tapal_server.db.tables import PlanRow, VoyageRow

__all__ = ["Scheduled", "read_schedule"]

Row = TypeVar("Row", PlanRow, VoyageRow)


@dataclass(frozen=True, slots=True)
class Scheduled:
    """A plan or voyage that was entered or changed; without a `value` it was cancelled."""

    what: Literal["plan", "voyage"]
    id: str
    value: Planned | Voyage | None
    received_at: float

    def tell(self, engine: Engine) -> None:
        """Let the engine know."""
        if isinstance(self.value, Planned):
            engine.plan(self.value)
        elif isinstance(self.value, Voyage):
            engine.voyage(self.value)
        elif self.what == "plan":
            engine.cancel_plan(self.id)
        else:
            engine.cancel_voyage(self.id)


def read_schedule(
    session: Session, after: int, *, until: int | None = None, since: datetime | None = None
) -> tuple[list[Scheduled], int]:
    """What changed after a number, in order of time, and how far it reaches.

    With `until` an engine is rebuilt: what was known then counts from when it was first entered, and what was
    cancelled is told before its cancellation too. Otherwise only where things stand now is news.
    """
    given = {name: value for name, value in (("until", until), ("since", since)) if value is not None}
    given |= {"after": after}
    rows = [
        *session.scalars(_of(PlanRow, frozenset(given)), given),
        *session.scalars(_of(VoyageRow, frozenset(given)), given),
    ]
    rebuilt = until is not None
    items = [item for row in rows for item in _items(row, rebuilt=rebuilt)]
    through = max((row.change for row in rows), default=after)
    return sorted(items, key=lambda item: item.received_at), through


@cache
def _of(table: type[Row], bounds: frozenset[str]) -> Select[Row]:
    """What changed, within those bounds that are given; made once, as this is asked twenty times a second."""
    query = select(table).where(table.change > bindparam("after"))
    if "until" in bounds:
        query = query.where(table.change <= bindparam("until"))
    return query.where(table.ends_at >= bindparam("since", type_=table.ends_at.type)) if "since" in bounds else query


def _items(row: PlanRow | VoyageRow, *, rebuilt: bool) -> Iterator[Scheduled]:
    what: Literal["plan", "voyage"] = "plan" if isinstance(row, PlanRow) else "voyage"
    if rebuilt or row.cancelled_at is None:
        told = row.entered_at if rebuilt else row.changed_at
        yield Scheduled(what, row.id, _value(row), told.timestamp())
    if row.cancelled_at is not None:
        yield Scheduled(what, row.id, None, row.cancelled_at.timestamp())


def _value(row: PlanRow | VoyageRow) -> Planned | Voyage:
    direction: Literal["inbound", "outbound"] = "inbound" if row.direction == "inbound" else "outbound"
    if isinstance(row, PlanRow):
        return Planned(
            id=row.id,
            site=row.site,
            start=row.starts_at.timestamp(),
            end=row.ends_at.timestamp(),
            line=row.line,
            direction=None if row.direction is None else direction,
            persons=row.persons,
            note=row.note,
        )
    return Voyage(
        id=row.id,
        site=row.site,
        direction=direction,
        start=row.starts_at.timestamp(),
        end=row.ends_at.timestamp(),
        line=row.line,
        declared=row.declared if row.manifest_persons is None else row.manifest_persons,
    )
