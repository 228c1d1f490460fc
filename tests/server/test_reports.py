"""Reports: figures that hold, in a workbook and on pages, in both languages."""

import io
from datetime import UTC, datetime, timedelta

import pypdfium2
import pytest
from openpyxl import load_workbook
from sqlalchemy.event import listen

from tapal_server.parts import build_parts
from tapal_server.passages.model import Record
from tapal_server.passages.model import Report as Report_
from tapal_server.people.actor import SYSTEM
from tapal_server.reconciliation.pair import ReconcilePair
from tapal_server.reports.agencies import AgencyDifference, agency_differences
from tapal_server.reports.load import alarm_load
from tapal_server.reports.movements import PlannedTotal
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
    blind_minutes={"camera gate-1": 64.0},
    load_by_hour=tuple(range(24)),
    uptime=(
        Uptime(source="camera", name="gate-1", blind_minutes=64, share=0.9986),
        Uptime(source="feed", name="simkim", blind_minutes=0, share=1.0),
    ),
    load=alarm_load([(START + timedelta(seconds=30 * n), "high") for n in range(12)], budget=6),
    agencies=(
        AgencyDifference(
            site="tunon-taka", first="simkim", second="ksop", first_records=326, second_records=331, only_second=5
        ),
    ),
    planned=(PlannedTotal(site="tunon-taka", kind="deportation", movements=3, persons=640, exceeded=1),),
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
        pytest.param(
            "id",
            ("Laporan", "Lalu lintas", "masuk", "Diterima setelah", "01-03-2026 00:00 WITA", "Beda antar", "Banjir"),
            id="id",
        ),
        pytest.param(
            "en",
            ("watch report", "Traffic", "inbound", "Acknowledged after", "96.2", "99.9", "Agencies", "ksop", "331"),
            id="en",
        ),
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
        "Traffic", "Alerts", "Load by hour", "Figures", "Watch", "Priorities", "Planned movements",
        "Agencies differ", "Estimated recall",
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


@pytest.mark.parametrize(
    ("minutes", "floods", "lasted"),
    [
        pytest.param(list(range(10)), 1, 9.0, id="ten-in-ten-minutes"),
        pytest.param([2 * n for n in range(10)], 0, 0.0, id="ten-in-twenty"),
        pytest.param([*range(10), *(10 + 3 * n for n in range(5))], 1, 19.0, id="goes-on-while-five-come-in-ten"),
        pytest.param([*range(10), *range(300, 310)], 2, 18.0, id="two"),
        pytest.param(list(range(9)), 0, 0.0, id="nine"),
    ],
)
def test_a_flood_is_ten_alerts_in_ten_minutes(minutes, floods, lasted):
    found = alarm_load([(START + timedelta(minutes=at), "medium") for at in minutes], budget=6)
    assert (found.floods, found.flood_minutes) == (floods, lasted)


def test_the_load_is_counted_by_hour_and_severity():
    times = [START + timedelta(minutes=8 * n) for n in range(15)]
    found = alarm_load([(at, "high" if n == 0 else "low") for n, at in enumerate(times)], budget=6)
    assert (found.busiest_hour, found.hours_over_budget) == (8, 2)
    assert found.by_severity == {"high": 1, "medium": 0, "low": 14}
    assert alarm_load([], budget=6).shares == {}


def logged(parts, source, *rows):
    records = [
        Record(id=f"{source}-{at}", checkpoint="TTK", direction="inbound", time=at, received_at=at, persons=persons)
        for at, persons in ((START.timestamp() + offset, persons) for offset, persons in rows)
    ]
    parts.services.passages.take(SYSTEM, source, Report_("x"), records)


def test_what_agencies_tell_differently_is_summed_over_the_days(parts, people):
    day = 86_400
    logged(parts, "simkim", (0, 1), (3600, 2), (day, 1), (day + 3600, 1))
    logged(parts, "ksop", (5, 1), (3605, 3), (day + 200, 1))
    pair = ReconcilePair(site="tunon-taka", first="simkim", second="ksop")
    found = agency_differences(
        parts.services.reconciliation, people.officer, [pair], ["tunon-taka"], (START, START + timedelta(days=3))
    )
    (one,) = found
    assert (one.first_records, one.second_records, one.agreeing) == (4, 3, 1)
    assert (one.only_first, one.only_second, one.times_differ, one.persons_differ) == (1, 0, 1, 1)
    none = agency_differences(parts.services.reconciliation, people.officer, [pair], ["bambangan"], (START, START))
    assert none == ()


def test_a_log_that_is_only_compared_counts_nobody_twice(settings, parts, people, clock):
    logged(parts, "simkim", (0, 1), (3600, 2))
    logged(parts, "ksop", (5, 1), (3605, 3))
    pair = ReconcilePair(site="tunon-taka", first="simkim", second="ksop")
    built = build_parts(settings.model_copy(update={"reconcile": (pair,)}), clock=clock)
    found = built.services.reports.period(people.supervisor, START, START + timedelta(hours=5), site="tunon-taka")
    assert {one.direction: one.logged for one in found.traffic} == {"inbound": 3, "outbound": 0}
    built.database.close()


def test_a_report_counts_by_its_indexes_alone(parts, people):
    """Thirty days of a million rows took two seconds while the rows themselves were read."""
    if not parts.database.is_sqlite:
        pytest.skip("PostgreSQL plans by what a table holds; an empty one is read whole")
    asked = []
    listen(parts.database.engine, "before_cursor_execute", lambda *given: asked.append(given[2:4]))
    within_an_hour = timedelta(minutes=7)
    parts.services.reports.period(people.officer, START + within_an_hour, START + timedelta(days=30) - within_an_hour)
    counts = [one for one in asked if "GROUP BY" in one[0]]
    with parts.database.engine.connect() as connection:
        plans = [str(connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {text}", given).all()) for text, given in counts]
    whole_hours = [plan for plan in plans if "tallies" in plan]
    assert (len(plans), len(whole_hours)) == (6, 2), "the hours, and what is cut off at both ends, of either count"
    assert [plan for plan in whole_hours if "SEARCH tallies USING PRIMARY KEY" not in plan] == []
    assert [plan for plan in plans if plan not in whole_hours and "COVERING INDEX" not in plan] == []
