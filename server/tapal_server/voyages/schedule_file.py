"""A schedule as CSV: good rows become voyages, bad ones are reported with their line and reason."""

import csv
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from tapal_contract.errors import TapalError
from tapal_server.correlation.types import Site
from tapal_server.passages.fields import DIRECTIONS
from tapal_server.passages.model import Report
from tapal_server.people.actor import Actor
from tapal_server.voyages.entries import VoyageEntry, checked_voyage

__all__ = ["OPTIONAL", "REQUIRED", "ScheduleFile", "ScheduleFileError", "read_schedule_file"]

REQUIRED = ("voyage_id", "site", "direction", "vessel", "starts_at", "ends_at")
OPTIONAL = ("line", "berth", "declared", "mmsi", "imo", "note")
MOST_ROWS = 5000
MAX_FIELD = 1000


class ScheduleFileError(TapalError):
    """A schedule that cannot be read at all."""


@dataclass(frozen=True, slots=True)
class ScheduleFile:
    """The voyages of a file, and what is wrong with its other rows."""

    entries: tuple[VoyageEntry, ...]
    report: Report


def read_schedule_file(lines: Iterable[str], *, name: str, sites: Mapping[str, Site], actor: Actor) -> ScheduleFile:
    """Read a schedule; a site that `actor` does not see is as unknown to it.

    Raises:
        ScheduleFileError: no CSV, a column is missing, or more rows than a schedule has.
    """
    rows = csv.reader(lines, strict=True)
    try:
        header = [column.strip() for column in next(rows, [])]
    except csv.Error as error:
        raise ScheduleFileError(f"{name}, line 1: not CSV ({error}); separate columns with commas") from error
    missing = [column for column in REQUIRED if column not in header]
    if missing:
        raise ScheduleFileError(f"{name}, line 1: lacks {', '.join(missing)}; required are {', '.join(REQUIRED)}")
    report = Report(name, ignored_columns=tuple(one for one in header if one not in REQUIRED + OPTIONAL))
    entries: dict[str, VoyageEntry] = {}
    while True:
        line = rows.line_num + 1
        try:
            row = next(rows)
        except StopIteration:
            break
        except csv.Error as error:
            report.refuse(line, f"not CSV ({error})")
            continue
        if not row:
            continue
        if len(entries) + report.bad_count >= MOST_ROWS:
            raise ScheduleFileError(f"{name}: has more than {MOST_ROWS} rows; split it")
        try:
            entry = checked_voyage(_entry(dict(zip(header, row, strict=False)), len(row) == len(header)), sites)
            actor.require_site(entry.site)
            if entry.id in entries:
                raise ValueError(f"voyage {entry.id!r} is in the file twice; keep one row")  # noqa: TRY301 - one way out for all
        except (ValueError, TapalError) as error:
            report.refuse(line, str(error))
            continue
        entries[entry.id] = entry
        report.good += 1
    return ScheduleFile(tuple(entries.values()), report)


def _entry(row: Mapping[str, str], whole: bool) -> VoyageEntry:  # noqa: FBT001 - what the caller saw of the row
    if not whole:
        raise ValueError(f"has {len(row)} columns, not as many as the header")
    if any(len(value) > MAX_FIELD for value in row.values()):
        raise ValueError(f"a value is longer than {MAX_FIELD} characters")
    direction = DIRECTIONS.get(row["direction"].strip().lower())
    if direction is None:
        raise ValueError(f"direction {row['direction'][:40]!r} is none of {', '.join(DIRECTIONS)}")
    return VoyageEntry(
        id=row["voyage_id"],
        site=row["site"].strip(),
        direction=direction,
        vessel=row["vessel"],
        starts_at=_time(row, "starts_at"),
        ends_at=_time(row, "ends_at"),
        line=row.get("line", "").strip() or None,
        berth=row.get("berth", "").strip() or None,
        declared=_number(row, "declared"),
        mmsi=_number(row, "mmsi"),
        imo=_number(row, "imo"),
        note=row.get("note", ""),
    )


def _time(row: Mapping[str, str], column: str) -> datetime:
    text = row[column].strip()
    try:
        value = datetime.fromisoformat(text)
    except ValueError:
        value = None
    if value is None or value.tzinfo is None:
        raise ValueError(f"{column} {text[:40]!r} is not a time with offset such as 2026-03-02T06:00:00+08:00")
    return value


def _number(row: Mapping[str, str], column: str) -> int | None:
    text = row.get(column, "").strip()
    if not text:
        return None
    if not (text.isascii() and text.isdigit() and len(text) <= 9):
        raise ValueError(f"{column} {text[:40]!r} is not a whole number")
    return int(text)
