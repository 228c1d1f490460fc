"""Rows of CSV, JSON Lines and XLSX files, with their line numbers; bounded in size and expansion."""

import csv
import io
import json
import zipfile
from collections.abc import Iterator, Mapping
from typing import IO, Any

from openpyxl import load_workbook

from tapal_contract.errors import TapalError
from tapal_server.feeds.profile import Profile

__all__ = ["Row", "TableError", "read_table"]

Row = tuple[int, Mapping[str, Any] | None, str]
MOST_ROWS = 2_000_000
LARGEST_SHEET = 512 * 1024 * 1024
LONGEST_LINE = 64 * 1024


class TableError(TapalError):
    """A file that cannot be read as a table at all."""


def read_table(profile: Profile, file: IO[bytes], *, name: str) -> Iterator[Row]:
    """Line number, row and why there is none; the first row read also checks the columns.

    Raises:
        TableError: not of the format, a required column is missing, or larger than allowed.
    """
    reader = {"csv": _csv, "jsonl": _jsonl, "xlsx": _xlsx}[profile.format]
    for count, row in enumerate(reader(profile, file, name), 1):
        if count > MOST_ROWS:
            raise TableError(f"{name}: has more than {MOST_ROWS} rows; split it")
        yield row


def _check(profile: Profile, columns: list[str], name: str) -> None:
    missing = profile.missing(frozenset(columns))
    if missing:
        wanted = "; ".join(f"{field} from {' + '.join(profile.columns_of(field))}" for field in missing)
        raise TableError(f"{name}: lacks columns for {wanted}; correct the profile or the file")


def _csv(profile: Profile, file: IO[bytes], name: str) -> Iterator[Row]:
    encoding = "utf-8-sig" if profile.encoding == "utf-8" else profile.encoding
    text = io.TextIOWrapper(file, encoding=encoding, newline="")
    try:
        rows = csv.reader(_short_lines(text, name), delimiter=profile.delimiter, strict=True)
        header = [column.strip() for column in next(rows, [])]
        _check(profile, header, name)
        while True:
            line = rows.line_num + 1
            try:
                row = next(rows)
            except StopIteration:
                return
            except csv.Error as error:
                yield line, None, f"not CSV ({error})"
                continue
            if not row:
                continue
            if len(row) != len(header):
                yield line, None, f"has {len(row)} columns where the header has {len(header)}"
                continue
            yield line, dict(zip(header, row, strict=True)), ""
    except UnicodeError as error:
        raise TableError(f"{name}: is not {profile.encoding} text; set the profile's encoding") from error
    except csv.Error as error:
        raise TableError(f"{name}, line 1: not CSV ({error}); set the profile's delimiter") from error
    finally:
        text.detach()


def _short_lines(text: io.TextIOBase, name: str) -> Iterator[str]:
    while line := text.readline(LONGEST_LINE):
        if len(line) == LONGEST_LINE:
            raise TableError(f"{name}: has a line longer than {LONGEST_LINE} characters; is it a table?")
        yield line


def _jsonl(profile: Profile, file: IO[bytes], name: str) -> Iterator[Row]:
    line = 0
    while raw := file.readline(LONGEST_LINE):
        line += 1
        if len(raw) == LONGEST_LINE:
            raise TableError(f"{name}, line {line}: is longer than {LONGEST_LINE} bytes; is it JSON Lines?")
        if not raw.strip():
            continue
        try:
            value = json.loads(raw)
        except (ValueError, RecursionError) as error:
            yield line, None, f"not JSON ({str(error)[:80]})"
            continue
        if not isinstance(value, dict):
            yield line, None, "not an object with fields"
            continue
        missing = profile.missing(frozenset(value))
        yield (line, None, f"lacks {', '.join(missing)}") if missing else (line, value, "")


def _xlsx(profile: Profile, file: IO[bytes], name: str) -> Iterator[Row]:
    try:
        yield from _sheet(profile, file, name)
    except TapalError:
        raise
    except Exception as error:  # of a broken workbook openpyxl raises whatever its parsers of ZIP and XML do
        raise TableError(f"{name}: is not an XLSX workbook; save it as .xlsx") from error


def _sheet(profile: Profile, file: IO[bytes], name: str) -> Iterator[Row]:
    with zipfile.ZipFile(file) as archive:
        size = sum(entry.file_size for entry in archive.infolist())
    if size > LARGEST_SHEET:
        raise TableError(f"{name}: unpacks to {size} bytes, more than the {LARGEST_SHEET} allowed")
    file.seek(0)
    book = load_workbook(file, read_only=True, data_only=True, keep_links=False)
    try:
        sheet = book.worksheets[0]
        rows = sheet.iter_rows(values_only=True)
        header = [str(value).strip() if value is not None else "" for value in next(rows, ())]
        _check(profile, header, name)
        for line, row in enumerate(rows, 2):
            if any(value is not None for value in row):
                yield line, dict(zip(header, row, strict=False)), ""
    finally:
        book.close()
