"""A comparison as CSV or as an XLSX workbook, in Indonesian or English."""

import csv
import io
from collections.abc import Iterator
from zoneinfo import ZoneInfo

from openpyxl import Workbook
from openpyxl.styles import Font
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.worksheet import Worksheet

from tapal_server.exports import defused
from tapal_server.reconciliation.views import Difference, ReconciliationView

__all__ = ["to_csv", "to_workbook"]

Cell = str | int | None
_KINDS = {
    "id": {
        "only_first": "Hanya di sumber pertama",
        "only_second": "Hanya di sumber kedua",
        "times_differ": "Waktu berbeda",
        "persons_differ": "Jumlah orang berbeda",
        "inbound": "masuk",
        "outbound": "keluar",
    },
    "en": {
        "only_first": "Only in the first source",
        "only_second": "Only in the second source",
        "times_differ": "Times differ",
        "persons_differ": "Persons differ",
        "inbound": "inbound",
        "outbound": "outbound",
    },
}
_HEADS = {
    "id": ("Perbedaan", "Arah", "Pelayaran", "Catatan 1", "Waktu 1", "Orang 1", "Catatan 2", "Waktu 2", "Orang 2"),
    "en": ("Difference", "Direction", "Voyage", "Record 1", "Time 1", "Persons 1", "Record 2", "Time 2", "Persons 2"),
}
_SHEETS = {"id": ("Ringkasan", "Perbedaan"), "en": ("Summary", "Differences")}
_ROWS = {
    "id": (
        "Pos", "Sumber pertama", "Sumber kedua", "Dari", "Sampai", "Catatan 1", "Catatan 2", "Orang 1", "Orang 2",
        "Berpasangan", "Berpasangan lewat dokumen", "Sama", "Hanya di 1", "Hanya di 2", "Waktu berbeda",
        "Jumlah orang berbeda",
    ),
    "en": (
        "Checkpoint", "First source", "Second source", "From", "Until", "Records 1", "Records 2", "Persons 1",
        "Persons 2", "Paired", "Paired by document", "Agreeing", "Only in 1", "Only in 2", "Times differ",
        "Persons differ",
    ),
}  # fmt: skip


def to_csv(view: ReconciliationView, *, language: str, timezone: str) -> str:
    """One line per difference."""
    text = io.StringIO()
    rows = csv.writer(text)
    rows.writerow(_HEADS[language])
    rows.writerows(_lines(view, language, timezone))
    return text.getvalue()


def to_workbook(view: ReconciliationView, *, language: str, timezone: str) -> bytes:
    """Two sheets: what it comes to, and each difference."""
    book = Workbook()
    summary, differences = book.active, book.create_sheet()
    assert isinstance(summary, Worksheet)
    summary.title, differences.title = _SHEETS[language]
    zone = ZoneInfo(timezone)
    values: tuple[Cell, ...] = (
        view.checkpoint, view.first, view.second,
        view.since.astimezone(zone).isoformat(timespec="minutes"),
        view.until.astimezone(zone).isoformat(timespec="minutes"),
        view.first_records, view.second_records, view.first_persons, view.second_persons, view.paired,
        view.paired_by_document, view.agreeing, view.only_first, view.only_second, view.times_differ,
        view.persons_differ,
    )  # fmt: skip
    for label, value in zip(_ROWS[language], values, strict=True):
        summary.append([label, defused(value) if isinstance(value, str) else value])
    differences.append(list(_HEADS[language]))
    for line in _lines(view, language, timezone):
        differences.append(list(line))
    for cell in differences[1]:
        cell.font = Font(bold=True)
    for sheet in (summary, differences):
        for number, column in enumerate(sheet.columns, 1):
            width = max(len(str(cell.value or "")) for cell in column) + 2
            sheet.column_dimensions[get_column_letter(number)].width = min(40, width)
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


def _lines(view: ReconciliationView, language: str, timezone: str) -> Iterator[tuple[Cell, ...]]:
    zone = ZoneInfo(timezone)
    for one in view.differences:
        yield _line(one, _KINDS[language], zone)


def _line(one: Difference, words: dict[str, str], zone: ZoneInfo) -> tuple[Cell, ...]:
    first = one.first_at.astimezone(zone).isoformat(timespec="seconds") if one.first_at else None
    second = one.second_at.astimezone(zone).isoformat(timespec="seconds") if one.second_at else None
    return (
        words[one.kind],
        words[one.direction],
        defused(one.voyage_id or ""),
        defused(one.first_id or ""),
        first,
        one.first_persons,
        defused(one.second_id or ""),
        second,
        one.second_persons,
    )
