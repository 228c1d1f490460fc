"""Reading `passages.csv`: good rows are kept, bad ones are reported with their line and reason.

The document number becomes a keyed hash while the row is read, so no caller ever sees it. Names, nationality, birth
dates and every other unknown column are passed over and reported by name.
"""

import csv
import hmac
import secrets
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from hashlib import blake2b
from itertools import islice
from pathlib import Path

from tapal_contract.errors import TapalError
from tapal_server.correlation.types import Record
from tapal_server.passages.fields import OPTIONAL, REQUIRED, RowReader
from tapal_server.passages.model import Report
from tapal_server.passages.quick import QuickRows

TOGETHER = 1024  # rows that are looked at at once


class PassageFileError(TapalError):
    """A passage file that cannot be read at all."""


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
    quick, careful = QuickRows(place, header, hasher), RowReader(place, len(header), hasher)
    for block in _blocks(rows):
        if block.rows:
            records, odd = quick.records(block.rows)
            if odd.any():
                records = _looked_at(records, odd.tolist(), block, careful, report)
            report.good += len(records)
            yield from records
        if isinstance(block.trouble, csv.Error):
            report.refuse(block.ends[-1] + 1, f"not CSV ({block.trouble})")
        elif block.trouble is not None:
            raise block.trouble


@dataclass(slots=True)
class _Block:
    """Rows that follow upon each other, the lines on which they end, and what kept the next from being read."""

    rows: list[list[str]] = field(default_factory=list)
    ends: list[int] = field(default_factory=list)  # one more than rows: first the line before them
    trouble: csv.Error | TapalError | None = None


def _blocks(rows: Iterator[list[str]]) -> Iterator[_Block]:
    while True:
        block = _Block(ends=[rows.line_num])  # type: ignore[attr-defined]  # csv.reader counts lines
        try:
            for row in islice(rows, TOGETHER):
                block.rows.append(row)
                block.ends.append(rows.line_num)  # type: ignore[attr-defined]  # see above
        except (csv.Error, TapalError) as error:
            block.trouble = error
        if not block.rows and block.trouble is None:
            return
        yield block


def _looked_at(
    records: list[Record], odd: list[bool], block: _Block, careful: RowReader, report: Report
) -> list[Record]:
    """The records of a block, those of its odd rows read anew one by one, or reported."""
    kept = []
    for record, strange, row, end in zip(records, odd, block.rows, block.ends, strict=False):
        if not strange:
            kept.append(record)
        elif row:
            try:
                kept.append(careful.record(row))
            except ValueError as error:
                report.refuse(end + 1, str(error))
    return kept
