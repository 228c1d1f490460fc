"""Reading `passages.csv`: good rows are kept, bad ones are reported with their line and reason.

The document number becomes a keyed hash while the row is read, so no caller ever sees it. Names, nationality, birth
dates and every other unknown column are passed over and reported by name.
"""

import csv
import hmac
import re
import secrets
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime
from hashlib import blake2b
from pathlib import Path

from tapal_contract.errors import TapalError
from tapal_contract.times import EARLIEST, LATEST
from tapal_server.correlation.types import Direction, Record, draft_of
from tapal_server.passages import mrz
from tapal_server.passages.model import Report

REQUIRED = ("record_id", "recorded_at", "direction", "checkpoint")
OPTIONAL = (
    "received_at",
    "lane",
    "voyage_id",
    "traveller_class",
    "persons",
    "result",
    "document_type",
    "document_number",
)
DIRECTIONS: dict[str, Direction] = {
    "inbound": "inbound",
    "masuk": "inbound",
    "outbound": "outbound",
    "keluar": "outbound",
}
MAX_FIELD = 200
LONGEST = {
    "record_id": 128, "checkpoint": 64, "lane": 64, "voyage_id": 64, "traveller_class": 32, "result": 32,
    "document_type": 32,
}  # fmt: skip
SHORTEST = min(LONGEST.values())
EARLIEST_S, LATEST_S = EARLIEST.timestamp(), LATEST.timestamp()
MAX_PERSONS = 500


_Draft = draft_of(Record)
_UNKEPT = re.compile("[\x00\ud800-\udfff]")


class PassageFileError(TapalError):
    """A passage file that cannot be read at all."""


def seconds(text: str) -> float:
    """Read RFC 3339 text with offset as UTC seconds.

    Raises:
        ValueError: not a time, one without offset, or one that no clock tells.
    """
    value = datetime.fromisoformat(text)
    if value.tzinfo is None:
        raise ValueError("no offset")
    found = value.timestamp()
    if not EARLIEST_S <= found < LATEST_S:
        raise ValueError("no year of ours")
    return found


def read_file(path: Path, *, key: bytes | None = None) -> tuple[Report, Iterator[Record]]:
    """Open a passage file; rows are read as the iterator is used, the report fills meanwhile.

    Raises:
        PassageFileError: the file cannot be opened, is not UTF-8, or its header lacks a column.
    """
    return read_lines(text_lines(path), name=str(path), key=key)


def text_lines(path: Path) -> Iterator[str]:
    """The lines of a UTF-8 file, with their ends.

    Raises:
        PassageFileError: it cannot be opened, or is not UTF-8.
    """
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            yield from file
    except UnicodeDecodeError as error:
        raise PassageFileError(f"{path}: is not UTF-8 text (byte {error.start}); save it as CSV UTF-8") from error
    except OSError as error:
        raise PassageFileError(f"{path}: cannot be read ({error.strerror}); check the path") from error


def read_lines(
    lines: Iterable[str], *, name: str = "passages", key: bytes | None = None
) -> tuple[Report, Iterator[Record]]:
    """Read CSV text line by line; see :func:`read_file`. Without `key` hashes match only within this reading."""
    rows = csv.reader(lines, strict=True)
    try:
        header = [column.strip() for column in next(rows)]
    except StopIteration:
        raise PassageFileError(
            f"{name}: is empty; the first line must name the columns {', '.join(REQUIRED)}"
        ) from None
    except csv.Error as error:
        raise PassageFileError(f"{name}, line 1: not CSV ({error}); separate columns with commas") from error
    missing = [column for column in REQUIRED if column not in header]
    if missing:
        raise PassageFileError(
            f"{name}, line 1: the header lacks {', '.join(missing)}; required are {', '.join(REQUIRED)}"
        )
    known = [column for column in header if column in REQUIRED or column in OPTIONAL]
    repeated = sorted({column for column in known if known.count(column) > 1})
    if repeated:
        raise PassageFileError(f"{name}, line 1: the header names {', '.join(repeated)} twice; keep one column")
    ignored = tuple(column for column in header if column not in REQUIRED and column not in OPTIONAL)
    report = Report(name=name, ignored_columns=ignored)
    return report, _records(rows, header, report, document_hasher(key))


def document_hasher(key: bytes | None) -> Callable[[str], str]:
    """Return the keyed hash for document numbers; without a key a random one that nobody keeps."""
    if key is None:
        once = secrets.token_bytes(32)
        begun = blake2b(digest_size=16, key=once)

        def hasher(number: str) -> str:
            state = begun.copy()
            state.update(number.upper().encode())
            return state.hexdigest()

        return hasher
    secret = key
    return lambda number: hmac.digest(secret, number.upper().encode(), "sha256").hex()[:32]


def _records(
    rows: Iterator[list[str]], header: list[str], report: Report, hasher: Callable[[str], str]
) -> Iterator[Record]:
    place = {column: index for index, column in enumerate(header) if column in REQUIRED or column in OPTIONAL}
    reader = _RowReader(place, hasher)
    width = len(header)
    while True:
        line = rows.line_num + 1  # type: ignore[attr-defined]  # csv.reader counts lines
        try:
            row = next(rows)
        except StopIteration:
            return
        except csv.Error as error:
            report.refuse(line, f"not CSV ({error})")
            continue
        if not row:
            continue
        if len(row) != width:
            report.refuse(line, f"has {len(row)} columns where the header has {width}")
            continue
        try:
            record = reader.record(row)
        except ValueError as error:
            report.refuse(line, str(error))
            continue
        report.good += 1
        yield record


class _RowReader:
    """Turns one row of the right width into a record, or says what is wrong with it."""

    def __init__(self, place: dict[str, int], hasher: Callable[[str], str]) -> None:
        self._id, self._time, self._direction, self._checkpoint = (place[column] for column in REQUIRED)
        self._received = place.get("received_at")
        self._number = place.get("document_number")
        self._persons = place.get("persons")
        self._texts = tuple(
            (column, place[column])
            for column in ("lane", "voyage_id", "traveller_class", "result", "document_type")
            if column in place
        )
        # Nothing goes on that some database would refuse together with the good rows beside it.
        self._limits = tuple((column, place[column], limit) for column, limit in LONGEST.items() if column in place)
        self._hasher = hasher

    def record(self, row: list[str]) -> Record:
        longest = max(map(len, row))
        if longest > SHORTEST or not "".join(row).isprintable():
            self._refuse_odd(row, longest)
        record_id, checkpoint, way = row[self._id].strip(), row[self._checkpoint].strip(), row[self._direction]
        if not record_id or not checkpoint:
            raise ValueError(f"{'record_id' if not record_id else 'checkpoint'} is empty")
        direction = DIRECTIONS.get(way) or DIRECTIONS.get(way.strip().lower())
        if direction is None:
            raise ValueError(f"direction {way!r} is none of {', '.join(DIRECTIONS)}")
        time = _time(row[self._time], "recorded_at")
        received = time
        if self._received is not None and row[self._received] != row[self._time] and row[self._received].strip():
            received = _time(row[self._received], "received_at")
        number = row[self._number].strip() if self._number is not None else ""
        record = _Draft(
            id=record_id,
            checkpoint=checkpoint,
            direction=direction,
            time=time,
            received_at=received,
            persons=self._count(row),
            document_hash=self._hasher(mrz.number_of(number)) if number else None,
            check_digit_ok=mrz.number_holds(number),
        )
        for column, index in self._texts:
            setattr(record, column, row[index].strip() or None)
        record.__class__ = Record
        return record

    def _refuse_odd(self, row: list[str], longest: int) -> None:
        if longest > MAX_FIELD:
            raise ValueError(f"a value is longer than {MAX_FIELD} characters")
        for column, index, limit in self._limits:
            value = row[index]
            if len(value) > limit and len(value.strip()) > limit:
                raise ValueError(f"{column} is longer than {limit} characters")
            if not value.isprintable() and _UNKEPT.search(value):
                raise ValueError(f"{column} {value[:40]!r} has a character that cannot be stored")

    def _count(self, row: list[str]) -> int:
        text = row[self._persons].strip() if self._persons is not None else ""
        if not text:
            return 1
        if not text.isascii() or not text.isdigit() or not 1 <= int(text) <= MAX_PERSONS:
            raise ValueError(f"persons {text!r} is not a whole number from 1 to {MAX_PERSONS}")
        return int(text)


def _time(text: str, column: str) -> float:
    try:
        return seconds(text.strip())
    except ValueError as error:
        raise ValueError(
            f"{column} {text[:40]!r} is not a time with offset such as 2026-03-02T06:00:25.151+08:00, "
            f"from {EARLIEST.year} to {LATEST.year - 1}"
        ) from error
