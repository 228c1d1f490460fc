"""Reports: figures that hold, in a workbook and on pages, in both languages."""

import io
from datetime import UTC, datetime, timedelta

import pypdfium2
import pytest
from openpyxl import load_workbook

from tapal_server.reports.pdf import to_pdf
from tapal_server.reports.period import GateRecall, GateTraffic, KindCount, Report, Uptime
from tapal_server.reports.workbook import to_workbook
from tests.server.conftest import START
from tests.server.edges import Edge

REPORT = Report(
    since=datetime(2026, 2, 28, 16, tzinfo=UTC),
    until=datetime(2026, 3, 31, 16, tzinfo=UTC),
    sites=("tunon-taka", "bambangan"),
    traffic=(
        GateTraffic(site="tunon-taka", direction="inbound", seen=5312, logged=5290),
        GateTraffic(site="tunon-taka", direction="outbound", seen=4988, logged=5001),
        GateTraffic(site="=cmd|' /C calc'!A0", direction="inbound", seen=41, logged=0),
    ),
    kinds=(
        KindCount(kind="presence", raised=14, confirmed=9, welfare=2, false_alarm=3, explained=0, open=0),
        KindCount(kind="unlogged_crossing", raised=31, confirmed=6, welfare=0, false_alarm=8, explained=17, open=0),
    ),
    acknowledged_after=3.5,
    acknowledged_late=12.0,
    resolved_after=41.0,
    busiest_hour=5,
    hours_over_budget=0,
    blind_minutes={"camera gate-1": 64.0},
    load_by_hour=tuple(range(24)),
    uptime=(
        Uptime(source="camera", name="gate-1", blind_minutes=64, share=0.9986),
        Uptime(source="feed", name="simkim", blind_minutes=0, share=1.0),
    ),
    recall=(GateRecall(site="tunon-taka", line="gate", direction="inbound", recall=0.962),),
)


def text_of(pdf: bytes) -> str:
    document = pypdfium2.PdfDocument(pdf)
    try:
        return "\n".join(page.get_textpage().get_text_range() for page in document)
    finally:
        document.close()


@pytest.mark.parametrize(
    ("language", "words"),
    [
        pytest.param("id", ("Laporan", "Lalu lintas", "masuk", "Diterima setelah", "01-03-2026 00:00 WITA"), id="id"),
        pytest.param("en", ("watch report", "Traffic", "inbound", "Acknowledged after", "96.2", "99.9"), id="en"),
    ],
)  # fmt: skip
def test_the_pages_say_what_the_report_says(language, words):
    text = text_of(to_pdf(REPORT, language=language))
    assert [word for word in words if word not in text] == []


def test_a_report_of_nothing_is_a_page_all_the_same(parts, people):
    empty = parts.services.reports.period(people.supervisor, START, START + timedelta(hours=8))
    assert text_of(to_pdf(empty, language="en"))


def test_a_formula_in_a_name_stays_text():
    book = load_workbook(io.BytesIO(to_workbook(REPORT, language="en")))
    cell = book.worksheets[0]["A4"]
    assert (cell.value, cell.data_type) == ("'=cmd|' /C calc'!A0", "s")
    assert [sheet.title for sheet in book] == [
        "Traffic", "Alerts", "Load by hour", "Figures", "Watch", "Estimated recall",
    ]  # fmt: skip


def test_blindness_is_cut_to_the_period_and_counted_once(parts, people, clock):
    parts.intake.take([Edge().state("offline")])
    parts.watchdog.look()
    clock.move(6 * 3600)
    report = parts.services.reports.period(
        people.supervisor, START + timedelta(hours=1), START + timedelta(hours=5), site="tunon-taka"
    )
    (node,) = [one for one in report.uptime if one.source == "node"]
    assert (node.blind_minutes, node.share) == (240.0, 0.0)
    assert sum(report.load_by_hour) == 0, "blindness is no lead"
