"""What a row of `passages.csv` may hold, and one row read by itself, with the last word on what is wrong with it."""

import re
from collections.abc import Callable
from datetime import datetime
from typing import Literal, get_args

from tapal_contract.times import EARLIEST, LATEST
from tapal_server.correlation.types import Direction, Record
from tapal_server.passages import mrz

__all__ = [
    "DIRECTIONS",
    "LONGEST",
    "MAX_FIELD",
    "OPTIONAL",
    "REQUIRED",
    "TEXTS",
    "FieldName",
    "RowReader",
    "direction_of",
    "persons_of",
    "seconds",
]

RequiredField = Literal["record_id", "recorded_at", "direction", "checkpoint"]
OptionalField = Literal[
    "received_at",
    "lane",
    "voyage_id",
    "traveller_class",
    "persons",
    "result",
    "document_type",
    "document_number",
]
FieldName = Literal[RequiredField, OptionalField]
REQUIRED: tuple[str, ...] = get_args(RequiredField)
OPTIONAL: tuple[str, ...] = get_args(OptionalField)
TEXTS = ("lane", "voyage_id", "traveller_class", "result", "document_type")
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

_UNKEPT = re.compile("[\x00\ud800-\udfff]")


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


def direction_of(text: str) -> Direction | None:
    """Read a direction in either language; None for what is none."""
    return DIRECTIONS.get(text) or DIRECTIONS.get(text.strip().lower())


def persons_of(text: str) -> int | None:
    """Read how many persons a row is of, one if it does not say; None for what is no such number."""
    text = text.strip()
    if not text:
        return 1
    if not text.isascii() or not text.isdigit():
        return None
    number = int(text)
    return number if 1 <= number <= MAX_PERSONS else None


class RowReader:
    """Turns one row into a record, or says what is wrong with it."""

    def __init__(self, place: dict[str, int], width: int, hasher: Callable[[str], str]) -> None:
        self._width = width
        self._id, self._time, self._direction, self._checkpoint = (place[column] for column in REQUIRED)
        self._received = place.get("received_at")
        self._number = place.get("document_number")
        self._persons = place.get("persons")
        self._texts = tuple((column, place[column]) for column in TEXTS if column in place)
        # Nothing goes on that some database would refuse together with the good rows beside it.
        self._limits = tuple((column, place[column], limit) for column, limit in LONGEST.items() if column in place)
        self._hasher = hasher

    def record(self, row: list[str]) -> Record:
        """Read a row.

        Raises:
            ValueError: what is wrong with it.
        """
        if len(row) != self._width:
            raise ValueError(f"has {len(row)} columns where the header has {self._width}")
        longest = max(map(len, row))
        if longest > SHORTEST or not "".join(row).isprintable():
            self._refuse_odd(row, longest)
        record_id, checkpoint, way = row[self._id].strip(), row[self._checkpoint].strip(), row[self._direction]
        if not record_id or not checkpoint:
            raise ValueError(f"{'record_id' if not record_id else 'checkpoint'} is empty")
        direction = direction_of(way)
        if direction is None:
            raise ValueError(f"direction {way!r} is none of {', '.join(DIRECTIONS)}")
        time = _time(row[self._time], "recorded_at")
        received = time
        if self._received is not None and row[self._received] != row[self._time] and row[self._received].strip():
            received = _time(row[self._received], "received_at")
        number = row[self._number].strip() if self._number is not None else ""
        return Record(
            id=record_id,
            checkpoint=checkpoint,
            direction=direction,
            time=time,
            received_at=received,
            persons=self._count(row),
            document_hash=self._hasher(mrz.number_of(number)) if number else None,
            check_digit_ok=mrz.number_holds(number),
            **{column: row[index].strip() or None for column, index in self._texts},
        )

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
        if self._persons is None:
            return 1
        persons = persons_of(row[self._persons])
        if persons is None:
            raise ValueError(f"persons {row[self._persons].strip()!r} is not a whole number from 1 to {MAX_PERSONS}")
        return persons


def _time(text: str, column: str) -> float:
    try:
        return seconds(text.strip())
    except ValueError as error:
        raise ValueError(
            f"{column} {text[:40]!r} is not a time with offset such as 2026-03-02T06:00:25.151+08:00, "
            f"from {EARLIEST.year} to {LATEST.year - 1}"
        ) from error
