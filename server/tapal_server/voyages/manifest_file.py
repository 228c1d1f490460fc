"""A manifest as CSV: the documents of its rows, and nothing else of the people on it."""

import csv
from dataclasses import dataclass

from tapal_server.errors import InvalidError
from tapal_server.texts import decoded

__all__ = ["COLUMNS", "ManifestFile", "read_manifest_file"]

COLUMNS = ("document_number", "mrz", "nomor_dokumen", "no_paspor")
MOST_ROWS = 10_000
MAX_FIELD = 200


@dataclass(frozen=True, slots=True)
class ManifestFile:
    """One entry per row; `lines` says where in the file each stands."""

    documents: tuple[str, ...]
    lines: tuple[int, ...]


def read_manifest_file(content: bytes, *, name: str) -> ManifestFile:
    """Read the column of documents; every other column (names, birth dates) is passed over.

    Raises:
        InvalidError: no UTF-8, no CSV, no such column, or more rows than a manifest has.
    """
    text = decoded(content, name=name)
    heading = text.partition("\n")[0]
    rows = csv.reader(
        text.splitlines(keepends=True), delimiter=";" if heading.count(";") > heading.count(",") else ",", strict=True
    )
    documents: list[str] = []
    lines: list[int] = []
    try:
        header = [column.strip().casefold() for column in next(rows, [])]
        place = next((header.index(column) for column in COLUMNS if column in header), None)
        if place is None:
            raise InvalidError(f"{name}, line 1: has none of the columns {', '.join(COLUMNS)}; name one so")
        line = rows.line_num + 1
        for row in rows:
            if any(value.strip() for value in row):
                documents.append(row[place].strip()[:MAX_FIELD] if place < len(row) else "")
                lines.append(line)
            if len(lines) > MOST_ROWS:
                raise InvalidError(f"{name}: has more than {MOST_ROWS} rows; check the manifest")
            line = rows.line_num + 1
    except csv.Error as error:
        raise InvalidError(f"{name}, line {rows.line_num}: not CSV ({error}); separate columns with commas") from error
    return ManifestFile(tuple(documents), tuple(lines))
