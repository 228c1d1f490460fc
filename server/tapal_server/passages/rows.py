"""Rows that come as JSON, read by the same reader as a file."""

import csv
import io
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from tapal_server.passages.fields import OPTIONAL, REQUIRED
from tapal_server.passages.model import Record, Report
from tapal_server.passages.reader import read_lines

__all__ = ["read_mapped", "read_rows"]

_COLUMNS = (*REQUIRED, *OPTIONAL)


def read_rows(rows: Sequence[Mapping[str, Any]], *, name: str, key: bytes) -> tuple[Report, Iterator[Record]]:
    """Read objects with the fields of passages.csv; row 1 is reported as line 2, as in a file with a header."""
    report, records = read_lines(_lines(rows), name=name, key=key)
    extra = {column for row in rows for column in row if column not in _COLUMNS}
    report.ignored_columns = tuple(sorted(extra))
    return report, records


def read_mapped(rows: Iterable[Mapping[str, Any]], *, name: str, key: bytes) -> tuple[Report, Iterator[Record]]:
    """Read objects that have our fields and no others, as they come."""
    return read_lines(_lines(rows), name=name, key=key)


def _lines(rows: Iterable[Mapping[str, Any]]) -> Iterator[str]:
    yield ",".join(_COLUMNS) + "\r\n"
    line = io.StringIO()
    write = csv.writer(line).writerow
    for row in rows:
        write([_text(row[column]) if column in row else "" for column in _COLUMNS])
        yield line.getvalue()
        line.seek(0)
        line.truncate()


def _text(value: Any) -> str:
    if isinstance(value, str) and value.isprintable():
        return value
    # A value stays on its line, so that a reason names the row it belongs to.
    return "" if value is None else " ".join(str(value).replace("\x00", "").splitlines())
