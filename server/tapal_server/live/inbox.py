"""What was committed since the correlator last looked, as values of the engine, in order of arrival."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import cache
from heapq import merge
from itertools import takewhile
from typing import Any

from sqlalchemy import Row, Select, bindparam, func, select
from sqlalchemy.orm import Session

from tapal_server.correlation.types import Crossing, Record, Site
from tapal_server.db.tables import EventRow, PassageRow
from tapal_server.live.schedule import Scheduled, read_schedule

__all__ = ["Arrivals", "Scope", "Withdrawn", "read_arrivals", "record_key"]

_MOST = 2000
_FAR = 10_000
_MARGIN = timedelta(days=1)  # rows before the first crossing that may be its record, with room for a clock that is off


@dataclass(frozen=True, slots=True)
class Withdrawn:
    """A record that the log took back."""

    id: str
    received_at: float


@dataclass(frozen=True, slots=True)
class Scope:
    """Some of the sites; records are known by the checkpoint they were made at."""

    sites: frozenset[str]
    checkpoints: frozenset[str]

    @classmethod
    def of(cls, sites: Iterable[Site]) -> "Scope":
        """What belongs to these sites."""
        known = tuple(sites)
        return cls(frozenset(site.id for site in known), frozenset(site.checkpoint or "" for site in known) - {""})


_Row = Crossing | Record | Withdrawn
# Columns rather than rows of the session: nothing is changed here, and each crossing of ten days is read at a start.
_EVENTS: Select[*tuple[Any, ...]] = select(
    EventRow.arrival, EventRow.id, EventRow.site, EventRow.line, EventRow.direction, EventRow.time,
    EventRow.received_at, EventRow.label, EventRow.body, EventRow.camera,
)  # fmt: skip
_PASSAGES: Select[*tuple[Any, ...]] = select(
    PassageRow.change, PassageRow.source, PassageRow.record_id, PassageRow.checkpoint, PassageRow.direction,
    PassageRow.recorded_at, PassageRow.stored_at, PassageRow.withdrawn_at, PassageRow.lane, PassageRow.voyage_id,
    PassageRow.traveller_class, PassageRow.persons, PassageRow.result, PassageRow.document_type,
    PassageRow.document_hash, PassageRow.check_digit_ok,
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Arrivals:
    """Some arrivals, and how far they reach."""

    items: tuple[Crossing | Record | Withdrawn | Scheduled, ...]
    events_through: int
    passages_through: int
    schedule_through: int = 0
    more: bool = False  # whether some are left that were there already


def record_key(source: str, record_id: str) -> str:
    """How the engine and alerts name a record: its source, and its id there."""
    return f"{source}/{record_id}"


def read_arrivals(
    session: Session,
    events_after: int,
    passages_after: int,
    schedule_after: int = 0,
    *,
    events_until: int | None = None,
    passages_until: int | None = None,
    schedule_until: int | None = None,
    since: datetime | None = None,
    without: frozenset[str] = frozenset(),
    of: Scope | None = None,
) -> Arrivals:
    """The next arrivals after these numbers; `until` and `since` bound a rebuilding.

    Records of the sources in `without` are left out: a second log of the same people would explain everybody twice.

    `since` is a time of happening, of crossings and of records alike: a crossing whose record is left out would look
    unlogged, however late either of them came.

    With `of`, only what belongs to those sites; how far it reaches may then lie beyond the last item.
    """
    bounds = {
        "events_until": events_until,
        "passages_until": passages_until,
        "since": since,
        "recorded_since": None if since is None else since - _MARGIN,
        "without": sorted(without) or None,
        "sites": None if of is None else sorted(of.sites),
        "checkpoints": None if of is None else sorted(of.checkpoints),
    }
    given = {name: value for name, value in bounds.items() if value is not None}
    events, passages = _statements(frozenset(given))
    tops = (events_after, passages_after)
    if of is not None and events_until is None and passages_until is None:
        tops = _tops(session, *tops)  # before the rest is read: what is numbered up to here is visible then
    given |= {"events_after": events_after, "passages_after": passages_after}
    crossings = session.execute(events, given).all()
    records = session.execute(passages, given).all()
    schedule, schedule_through = read_schedule(session, schedule_after, until=schedule_until, since=since)
    # A full page ends before its table does: what others received after its end waits for the next page.
    pages: tuple[list[_Row], ...] = ([*map(_crossing, crossings)], [*map(_record, records)])
    end = min((max(item.received_at for item in page) for page in pages if len(page) == _MOST), default=float("inf"))
    schedule = [replace(item, received_at=min(item.received_at, end)) for item in schedule]
    seen, logged = (list(takewhile(lambda item: item.received_at <= end, page)) for page in pages)
    return Arrivals(
        tuple(merge(schedule, seen, logged, key=lambda item: item.received_at)),
        _through([row.arrival for row in crossings], len(seen), events_after, tops[0]),
        _through([row.change for row in records], len(logged), passages_after, tops[1]),
        schedule_through,
        more=_MOST in {len(crossings), len(records)},
    )


@cache
def _statements(bounds: frozenset[str]) -> tuple[Select[*tuple[Any, ...]], Select[*tuple[Any, ...]]]:
    """What to read, within those bounds that are given: made once, as this is asked twenty times a second."""
    conditions = {
        "events_until": EventRow.arrival <= bindparam("events_until"),
        "since": EventRow.time >= bindparam("since", type_=EventRow.time.type),
        "sites": EventRow.site.in_(bindparam("sites", expanding=True)),
    }
    events = _EVENTS.where(EventRow.arrival > bindparam("events_after"), EventRow.type == "crossing")
    events = events.where(*(condition for name, condition in conditions.items() if name in bounds))
    conditions = {
        "passages_until": PassageRow.change <= bindparam("passages_until"),
        "recorded_since": PassageRow.recorded_at >= bindparam("recorded_since", type_=PassageRow.recorded_at.type),
        "without": PassageRow.source.not_in(bindparam("without", expanding=True)),
        "checkpoints": PassageRow.checkpoint.in_(bindparam("checkpoints", expanding=True)),
    }
    passages = _PASSAGES.where(PassageRow.change > bindparam("passages_after"))
    passages = passages.where(*(condition for name, condition in conditions.items() if name in bounds))
    return events.order_by(EventRow.arrival).limit(_MOST), passages.order_by(PassageRow.change).limit(_MOST)


def _tops(session: Session, events_after: int, passages_after: int) -> tuple[int, int]:
    """How far the tables reach, so that a quiet share need not pass over all the others' rows again and again."""
    events = session.scalar(select(func.max(EventRow.arrival))) or 0
    passages = session.scalar(select(func.max(PassageRow.change))) or 0
    far = events - events_after > _FAR, passages - passages_after > _FAR
    return (events if far[0] else events_after), (passages if far[1] else passages_after)


def _through(numbers: Sequence[int], taken: int, after: int, top: int) -> int:
    last = numbers[taken - 1] if taken else after
    return max(last, top) if taken == len(numbers) < _MOST else last


def _crossing(row: Row[Any]) -> Crossing:
    return Crossing(
        id=row.id,
        site=row.site,
        line=row.line,
        direction="inbound" if row.direction == "inbound" else "outbound",
        time=row.time.timestamp(),
        received_at=row.received_at.timestamp(),
        label=row.label or "person",
        confidence=row.body["confidence"],
        camera=row.camera,
        visited=row.body.get("visited"),
    )


def _record(row: Row[Any]) -> Record | Withdrawn:
    key = record_key(row.source, row.record_id)
    if row.withdrawn_at is not None:
        return Withdrawn(key, row.withdrawn_at.timestamp())
    return Record(
        id=key,
        checkpoint=row.checkpoint,
        direction="inbound" if row.direction == "inbound" else "outbound",
        time=row.recorded_at.timestamp(),
        received_at=row.stored_at.timestamp(),  # when it could be known here, whatever the log says of itself
        lane=row.lane,
        voyage_id=row.voyage_id,
        traveller_class=row.traveller_class,
        persons=row.persons,
        result=row.result,
        document_type=row.document_type,
        document_hash=row.document_hash,
        check_digit_ok=row.check_digit_ok,
    )
