"""Rows of a passage file, many at once and column by column: what is plain becomes records, the rest is left alone.

Whatever is taken here is what :class:`tapal_server.passages.reader` would have made of the row by itself; that one says
what is wrong with a row, and so has the last word on each that is not plain.
"""

from collections.abc import Callable, Iterable, Sequence
from itertools import repeat
from operator import not_

import numpy as np
from numpy.typing import NDArray

from tapal_server.columns import each, filled, printable, seconds_of
from tapal_server.correlation.types import Record
from tapal_server.passages import mrz
from tapal_server.passages.fields import LONGEST, MAX_FIELD, TEXTS, direction_of, persons_of

__all__ = ["QuickRows"]

Odd = NDArray[np.bool_]
Column = Sequence[str]


class QuickRows:
    """Turns many rows into records at once.

    Args:
        place: where in a row each column is that is known.
        header: all columns.
        hasher: turns a document number into its keyed hash.
    """

    def __init__(self, place: dict[str, int], header: Sequence[str], hasher: Callable[[str], str]) -> None:
        self._place = place
        self._longest = [LONGEST.get(column, MAX_FIELD) for column in header]
        self._blank = [""] * len(header)
        self._hasher = hasher

    def records(self, rows: Sequence[list[str]]) -> tuple[list[Record], Odd]:
        """Return a record for each row, and which rows are not plain: their records say nothing."""
        columns, odd = self._columns(rows)
        known = {name: columns[index] for name, index in self._place.items()}
        times = seconds_of(known["recorded_at"])
        arrived = times
        if "received_at" in known:
            both = zip(known["received_at"], known["recorded_at"], strict=True)
            arrived = seconds_of([received or recorded for received, recorded in both])
        odd |= np.isnan(times) | np.isnan(arrived)
        ids = list(map(str.strip, known["record_id"]))
        checkpoints, directions = each(known["checkpoint"], str.strip), each(known["direction"], direction_of)
        persons = each(known["persons"], persons_of) if "persons" in known else [1] * len(rows)
        for needed in (ids, checkpoints, directions, persons):
            if not all(needed):
                odd |= np.fromiter(map(not_, needed), np.bool_, len(rows))
        hashes, holds = self._documents(known.get("document_number", ()))
        columns_of_record: dict[str, Iterable[object]] = {
            "id": ids,
            "checkpoint": checkpoints,
            "direction": directions,
            "time": times.tolist(),
            "received_at": arrived.tolist(),
            "persons": persons,
            "document_hash": hashes,
            "check_digit_ok": holds,
        }
        texts = {name: each(known[name], _text) if name in known else repeat(None) for name in TEXTS}
        return filled(Record, {**columns_of_record, **texts}, len(rows)), odd

    def _columns(self, rows: Sequence[list[str]]) -> tuple[list[Column], Odd]:
        """The rows column by column, blank where one has another width, a long value or a sign that is not printed."""
        width = len(self._blank)
        odd = np.fromiter(map(len, rows), np.intp, len(rows)) != width
        columns = self._turned(rows, odd)
        for column, longest in zip(columns, self._longest, strict=True):
            if max(map(len, column)) > longest:
                odd |= np.fromiter(map(len, column), np.intp, len(rows)) > longest
        if not printable("".join(map("".join, columns))):
            odd |= [not "".join(row).isprintable() for row in rows]
        return self._turned(rows, odd) if odd.any() else columns, odd

    def _turned(self, rows: Sequence[list[str]], odd: Odd) -> list[Column]:
        if odd.any():
            rows = [self._blank if strange else row for row, strange in zip(rows, odd.tolist(), strict=True)]
        return list(zip(*rows, strict=True))

    def _documents(self, column: Column) -> tuple[Iterable[str | None], Iterable[bool | None]]:
        """The keyed hash of each document number, and whether its check digit is right."""
        if not any(column):
            return repeat(None), repeat(None)
        numbers = list(map(str.strip, column))
        hasher = self._hasher
        if mrz.LINES.isdisjoint(map(len, numbers)):
            return [hasher(number) if number else None for number in numbers], repeat(None)
        hashes = [hasher(mrz.number_of(number)) if number else None for number in numbers]
        return hashes, [mrz.number_holds(number) for number in numbers]


def _text(value: str) -> str | None:
    return value.strip() or None
