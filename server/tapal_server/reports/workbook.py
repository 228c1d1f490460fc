"""A report as an XLSX workbook, with charts, in Indonesian or English."""

import io

from openpyxl import Workbook
from openpyxl.chart import BarChart, Reference
from openpyxl.styles import Font
from openpyxl.worksheet.worksheet import Worksheet

from tapal_server.exports import defused
from tapal_server.reports.period import Report

__all__ = ["to_workbook"]

_WORDS = {
    "id": {
        "traffic": "Lalu lintas",
        "alerts": "Peringatan",
        "figures": "Angka",
        "head": ("Lokasi", "Arah", "Terlihat", "Tercatat", "Selisih"),
        "kinds": ("Jenis", "Jumlah", "Terbukti", "Perlindungan", "Keliru", "Terjelaskan", "Terbuka", "Ketepatan"),
        "inbound": "masuk",
        "outbound": "keluar",
        "rows": (
            "Dari", "Sampai", "Diterima setelah (menit, median)", "Selesai setelah (menit, median)",
            "Jam tersibuk (peringatan)", "Jam di atas batas", "Terputus (menit)",
        ),
    },
    "en": {
        "traffic": "Traffic",
        "alerts": "Alerts",
        "figures": "Figures",
        "head": ("Site", "Direction", "Seen", "Logged", "Difference"),
        "kinds": ("Kind", "Raised", "Confirmed", "Welfare", "False", "Explained", "Open", "Precision"),
        "inbound": "inbound",
        "outbound": "outbound",
        "rows": (
            "From", "Until", "Acknowledged after (minutes, median)", "Resolved after (minutes, median)",
            "Busiest hour (alerts)", "Hours above the budget", "Blind (minutes)",
        ),
    },
}  # fmt: skip


def to_workbook(report: Report, *, language: str) -> bytes:
    """Three sheets: traffic, alerts, figures."""
    words = _WORDS[language]
    book = Workbook()
    traffic, alerts, figures = book.active, book.create_sheet(), book.create_sheet()
    assert isinstance(traffic, Worksheet)
    traffic.title, alerts.title, figures.title = str(words["traffic"]), str(words["alerts"]), str(words["figures"])
    _append(traffic, words["head"])
    for gate in report.traffic:
        _append(traffic, (gate.site, words[gate.direction], gate.seen, gate.logged, gate.difference))
    _append(alerts, words["kinds"])
    for one in report.kinds:
        counts = (one.raised, one.confirmed, one.welfare, one.false_alarm, one.explained, one.open)
        _append(alerts, (one.kind, *counts, one.precision))
    values = (
        report.since.isoformat(timespec="minutes"),
        report.until.isoformat(timespec="minutes"),
        report.acknowledged_after,
        report.resolved_after,
        report.busiest_hour,
        report.hours_over_budget,
        "; ".join(f"{name} {minutes:.0f}" for name, minutes in report.blind_minutes.items()),
    )
    for label, value in zip(words["rows"], values, strict=True):
        _append(figures, (label, value))
    _chart(traffic, columns=(3, 4), rows=len(report.traffic) + 1)
    _chart(alerts, columns=(2, 3), rows=len(report.kinds) + 1)
    buffer = io.BytesIO()
    book.save(buffer)
    return buffer.getvalue()


def _append(sheet: Worksheet, values: object) -> None:
    assert isinstance(values, tuple)
    sheet.append([defused(value) if isinstance(value, str) else value for value in values])
    if sheet.max_row == 1:
        for cell in sheet[1]:
            cell.font = Font(bold=True)


def _chart(sheet: Worksheet, *, columns: tuple[int, int], rows: int) -> None:
    if rows < 2:
        return
    chart = BarChart()
    chart.title = sheet.title
    data = Reference(sheet, min_col=columns[0], max_col=columns[1], min_row=1, max_row=rows)
    chart.add_data(data, titles_from_data=True)
    chart.set_categories(Reference(sheet, min_col=1, min_row=2, max_row=rows))
    sheet.add_chart(chart, "J2")
