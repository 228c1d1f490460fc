"""A report as an XLSX workbook: a sheet for each table, with a chart where it has bars."""

import io

from openpyxl import Workbook
from openpyxl.chart import BarChart, Reference
from openpyxl.styles import Font
from openpyxl.worksheet.worksheet import Worksheet

from tapal_server.exports import defused
from tapal_server.reports.period import Report
from tapal_server.reports.tables import Table, tables

__all__ = ["to_workbook"]


def to_workbook(report: Report, *, language: str) -> bytes:
    """All tables of a report."""
    book = Workbook()
    first = book.active
    assert isinstance(first, Worksheet)
    for number, table in enumerate(tables(report, language=language)):
        sheet = first if number == 0 else book.create_sheet()
        assert isinstance(sheet, Worksheet)
        _fill(sheet, table)
    buffer = io.BytesIO()
    book.save(buffer)
    return buffer.getvalue()


def _fill(sheet: Worksheet, table: Table) -> None:
    sheet.title = table.title
    for row in (table.head, *table.rows):
        sheet.append([defused(value) if isinstance(value, str) else value for value in row])
    for cell in sheet[1]:
        cell.font = Font(bold=True)
    if not table.rows or not table.bars:
        return
    chart, rows = BarChart(), len(table.rows) + 1
    chart.title = table.title
    data = Reference(sheet, min_col=table.bars[0] + 1, max_col=table.bars[-1] + 1, min_row=1, max_row=rows)
    chart.add_data(data, titles_from_data=True)
    chart.set_categories(Reference(sheet, min_col=1, min_row=2, max_row=rows))
    sheet.add_chart(chart, "J2")
