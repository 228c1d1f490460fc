"""What a person or a file says of a planned movement or a voyage, checked against the sites before it is kept."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal, get_args

from tapal_contract.times import EARLIEST, LATEST, to_milliseconds
from tapal_server.correlation.types import Direction, Site
from tapal_server.errors import InvalidError, NotFoundError

__all__ = ["PLAN_KINDS", "PlanEntry", "PlanKind", "VoyageEntry", "checked_plan", "checked_voyage"]

PlanKind = Literal["deportation", "exercise", "domestic", "official", "works", "other"]
PLAN_KINDS: tuple[PlanKind, ...] = get_args(PlanKind)
DIRECTIONS: tuple[Direction, ...] = ("inbound", "outbound")
LONGEST = timedelta(days=7)
MOST_PERSONS = 10_000


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanEntry:
    """A planned movement; `line` or `direction` None covers all."""

    site: str
    starts_at: datetime
    ends_at: datetime
    kind: PlanKind
    note: str
    line: str | None = None
    direction: Direction | None = None
    persons: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class VoyageEntry:
    """A call of a vessel in one direction."""

    id: str
    site: str
    direction: Direction
    vessel: str
    starts_at: datetime
    ends_at: datetime
    line: str | None = None
    berth: str | None = None
    declared: int | None = None
    mmsi: int | None = None
    imo: int | None = None
    note: str = ""


def checked_plan(entry: PlanEntry, sites: Mapping[str, Site]) -> PlanEntry:
    """The same entry with whole milliseconds.

    Raises:
        InvalidError: a value that cannot be, with its field.
        NotFoundError: no such site.
    """
    if entry.kind not in PLAN_KINDS:
        raise InvalidError(f"kind {entry.kind!r} is not known; take one of {', '.join(PLAN_KINDS)}", field="kind")
    note = _text(entry.note, "note", 1000)
    if len(note) < 3:
        raise InvalidError("a planned movement explains alerts, so it needs a note; say who ordered it", field="note")
    start, end = _window(entry.starts_at, entry.ends_at)
    _place(sites, entry.site, entry.line, entry.direction)
    _count(entry.persons, "persons")
    return PlanEntry(
        site=entry.site,
        starts_at=start,
        ends_at=end,
        kind=entry.kind,
        note=note,
        line=entry.line,
        direction=entry.direction,
        persons=entry.persons,
    )


def checked_voyage(entry: VoyageEntry, sites: Mapping[str, Site]) -> VoyageEntry:
    """The same entry with whole milliseconds and trimmed texts.

    Raises:
        InvalidError: a value that cannot be, with its field.
        NotFoundError: no such site.
    """
    voyage_id, vessel = _text(entry.id, "id", 64), _text(entry.vessel, "vessel", 128)
    if not voyage_id or "/" in voyage_id:
        raise InvalidError(f"voyage id {entry.id[:70]!r}: use 1 to 64 characters without /", field="id")
    if not vessel:
        raise InvalidError("a voyage needs the name of its vessel", field="vessel")
    if entry.direction not in DIRECTIONS:
        raise InvalidError(f"direction {entry.direction!r} is neither inbound nor outbound", field="direction")
    start, end = _window(entry.starts_at, entry.ends_at)
    _place(sites, entry.site, entry.line, entry.direction)
    _count(entry.declared, "declared")
    _vessel_numbers(entry)
    return VoyageEntry(
        id=voyage_id,
        site=entry.site,
        direction=entry.direction,
        vessel=vessel,
        starts_at=start,
        ends_at=end,
        line=entry.line,
        berth=_text(entry.berth or "", "berth", 64) or None,
        declared=entry.declared,
        mmsi=entry.mmsi,
        imo=entry.imo,
        note=_text(entry.note, "note", 1000),
    )


def _vessel_numbers(entry: VoyageEntry) -> None:
    if entry.mmsi is not None and not 100_000_000 <= entry.mmsi <= 999_999_999:
        raise InvalidError(f"mmsi {entry.mmsi} does not have nine digits", field="mmsi")
    if entry.imo is not None and not _imo_holds(entry.imo):
        raise InvalidError(f"imo {entry.imo} is no IMO number: seven digits, of which the last checks", field="imo")


def _imo_holds(number: int) -> bool:
    """Seven digits; the last is the end of the sum of the others weighted 7 to 2 (IMO resolution A.1117)."""
    digits = [int(sign) for sign in str(number)]
    weighted = sum(digit * weight for digit, weight in zip(digits, range(7, 1, -1), strict=False))
    return 1_000_000 <= number <= 9_999_999 and weighted % 10 == digits[6]


def _window(start: datetime, end: datetime) -> tuple[datetime, datetime]:
    for name, value in (("starts_at", start), ("ends_at", end)):
        if value.tzinfo is None:
            raise InvalidError(f"{name} has no offset; write it such as 2026-03-02T06:00:00+08:00", field=name)
        if not EARLIEST <= value < LATEST:
            raise InvalidError(f"{name} lies in {value.year}; give a time of our days", field=name)
    if end <= start:
        raise InvalidError("the window ends before it starts; ends_at must be later than starts_at", field="ends_at")
    if end - start > LONGEST:
        raise InvalidError(f"the window is longer than {LONGEST.days} days; enter several", field="ends_at")
    return to_milliseconds(start), to_milliseconds(end)


def _place(sites: Mapping[str, Site], site_id: str, line: str | None, direction: str | None) -> None:
    site = sites.get(site_id)
    if site is None:
        raise NotFoundError(f"site {site_id!r} is not known")
    if direction not in {None, *DIRECTIONS}:
        raise InvalidError(f"direction {direction!r} is neither inbound nor outbound", field="direction")
    lines = sorted({gate.line for gate in site.gates})
    if line is not None and lines and line not in lines:
        raise InvalidError(f"line {line!r} is none of {site_id}; take one of {', '.join(lines)}", field="line")


def _count(value: int | None, name: str) -> None:
    if value is not None and not 0 <= value <= MOST_PERSONS:
        raise InvalidError(f"{name} {value} is not a number of persons from 0 to {MOST_PERSONS}", field=name)


def _text(value: str, name: str, most: int) -> str:
    text = value.strip()
    if len(text) > most:
        raise InvalidError(f"{name} is longer than {most} characters", field=name)
    if "\x00" in text or (name != "note" and not text.isprintable()):
        raise InvalidError(f"{name} has characters that cannot be printed", field=name)
    return text
