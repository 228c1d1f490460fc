"""A report as tables with their words, in Indonesian or English: what the workbook and the PDF both print."""

from collections.abc import Mapping
from dataclasses import astuple, dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from tapal_server.notify.rules import kind_name
from tapal_server.reports.movements import PlannedTotal
from tapal_server.reports.period import Report

__all__ = ["Cell", "Table", "tables", "title"]

Cell = str | int | float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """Rows under a head; `bars` are the columns a chart shows, by their place."""

    title: str
    head: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]
    bars: tuple[int, ...] = ()


_WORDS = {
    "id": {
        "title": "Laporan pengawasan lintas batas",
        "traffic": ("Lalu lintas", "Lokasi", "Arah", "Terlihat", "Tercatat", "Selisih"),
        "kinds": (
            "Peringatan", "Jenis", "Jumlah", "Terbukti", "Perlindungan", "Keliru", "Terjelaskan", "Terbuka",
            "Ketepatan",
        ),
        "load": ("Beban per jam", "Jam", "Peringatan"),
        "uptime": ("Pengawasan", "Sumber", "Nama", "Terputus (menit)", "Aktif (%)"),
        "recall": ("Perkiraan kamera", "Lokasi", "Garis", "Arah", "Terlihat dari yang lewat (%)"),
        "agencies": (
            "Beda antarinstansi", "Lokasi", "Sumber", "Pembanding", "Catatan", "Catatan pembanding", "Sama",
            "Hanya sumber", "Hanya pembanding", "Waktu beda", "Orang beda", "Hari dilewati",
        ),
        "planned": (
            "Pergerakan terencana", "Lokasi", "Jenis", "Pergerakan", "Orang direncanakan", "Lebih dari rencana",
        ),
        "severity": ("Prioritas", "Prioritas", "Peringatan", "Bagian (%)", "Patokan (%)"),
        "high": "tinggi",
        "medium": "sedang",
        "low": "rendah",
        "figures": ("Angka", "Ukuran", "Nilai"),
        "inbound": "masuk",
        "outbound": "keluar",
        "rows": (
            "Dari", "Sampai", "Diterima setelah (menit, median)", "Diterima setelah (menit, 90 %)",
            "Selesai setelah (menit, median)", "Jam tersibuk (peringatan)", "Jam di atas batas",
            "Batas per jam", "Banjir (10 dalam 10 menit)", "Banjir (menit)",
        ),
    },
    "en": {
        "title": "Border crossing watch report",
        "traffic": ("Traffic", "Site", "Direction", "Seen", "Logged", "Difference"),
        "kinds": (
            "Alerts", "Kind", "Raised", "Confirmed", "Welfare", "False", "Explained", "Open", "Precision",
        ),
        "load": ("Load by hour", "Hour", "Alerts"),
        "uptime": ("Watch", "Source", "Name", "Blind (minutes)", "Up (%)"),
        "recall": ("Estimated recall", "Site", "Line", "Direction", "Seen of those who pass (%)"),
        "agencies": (
            "Agencies differ", "Site", "Source", "Other", "Records", "Other's records", "Agree", "Only source",
            "Only other", "Times differ", "Persons differ", "Days left out",
        ),
        "planned": (
            "Planned movements", "Site", "Kind", "Movements", "Persons planned", "More than planned",
        ),
        "severity": ("Priorities", "Priority", "Alerts", "Share (%)", "Guide (%)"),
        "high": "high",
        "medium": "medium",
        "low": "low",
        "figures": ("Figures", "Measure", "Value"),
        "inbound": "inbound",
        "outbound": "outbound",
        "rows": (
            "From", "Until", "Acknowledged after (minutes, median)", "Acknowledged after (minutes, 90 %)",
            "Resolved after (minutes, median)", "Busiest hour (alerts)", "Hours above the budget",
            "Budget an hour", "Floods (10 in 10 minutes)", "Floods (minutes)",
        ),
    },
}  # fmt: skip


GUIDE = {"high": 5, "medium": 15, "low": 80}  # EEMUA 191


_PLAN_KINDS = {
    "id": {
        "deportation": "deportan", "exercise": "latihan", "domestic": "pelayaran dalam negeri",
        "official": "kunjungan resmi", "works": "pekerjaan", "other": "lainnya",
    },
    "en": {
        "deportation": "deportees", "exercise": "exercise", "domestic": "domestic sailing",
        "official": "official visit", "works": "works", "other": "other",
    },
}  # fmt: skip


def _planned(one: PlannedTotal, language: str) -> tuple[Cell, ...]:
    return one.site, _PLAN_KINDS[language].get(one.kind, one.kind), one.movements, one.persons, one.exceeded


def _severities(report: Report, words: Mapping[str, Any]) -> list[tuple[Cell, ...]]:
    if not report.load.shares:
        return []
    counts, shares = report.load.by_severity, report.load.shares
    return [(words[name], counts[name], round(100 * shares[name], 1), guide) for name, guide in GUIDE.items()]


def title(language: str) -> str:
    """What the report is called."""
    return str(_WORDS[language]["title"])


def tables(report: Report, *, language: str, timezone: str = "Asia/Makassar") -> tuple[Table, ...]:
    """All of a report."""
    words = _WORDS[language]

    def table(name: str, rows: list[tuple[Cell, ...]], bars: tuple[int, ...] = ()) -> Table:
        heading, *head = words[name]
        return Table(title=heading, head=tuple(head), rows=tuple(rows), bars=bars)

    def way(direction: str) -> str:
        return str(words.get(direction, direction))

    def when(moment: datetime) -> str:
        return f"{moment.astimezone(ZoneInfo(timezone)):%d-%m-%Y %H:%M %Z}"

    values: tuple[Cell, ...] = (
        when(report.since),
        when(report.until),
        report.acknowledged_after,
        report.acknowledged_late,
        report.resolved_after,
        report.busiest_hour,
        report.hours_over_budget,
        report.load.budget,
        report.load.floods,
        report.load.flood_minutes,
    )
    return (
        table("traffic", [(g.site, way(g.direction), g.seen, g.logged, g.difference) for g in report.traffic], (2, 3)),
        table(
            "kinds",
            [
                (
                    kind_name(k.kind, language), k.raised, k.confirmed, k.welfare, k.false_alarm, k.explained, k.open,
                    None if k.precision is None else round(k.precision, 2),
                )
                for k in report.kinds
            ],
            (1, 2),
        ),
        table("load", [(f"{hour:02d}:00", count) for hour, count in enumerate(report.load_by_hour)], (1,)),
        table("figures", [(str(name), value) for name, value in zip(words["rows"], values, strict=True)]),
        table(
            "uptime", [(u.source, u.name, round(u.blind_minutes), round(100 * u.share, 1)) for u in report.uptime], (3,)
        ),
        table("severity", _severities(report, words), (1,)),
        table("planned", [_planned(one, language) for one in report.planned]),
        table("agencies", [astuple(one) for one in report.agencies]),
        table("recall", [(r.site, r.line, way(r.direction), round(100 * r.recall, 1)) for r in report.recall], (3,)),
    )  # fmt: skip
