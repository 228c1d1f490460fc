"""The page of reports, and which period it means."""

from datetime import UTC, datetime, timedelta

import pytest

from tapal_server.console.i18n import words
from tapal_server.console.views import reports as views
from tapal_server.console.views.reports import Wanted, bounds
from tapal_server.reports.agencies import AgencyDifference
from tapal_server.reports.load import alarm_load
from tapal_server.reports.movements import PlannedTotal
from tapal_server.reports.period import GateRecall, Report, Uptime
from tests.console.busy import busy

NOW = datetime(2026, 3, 2, 6, 30, tzinfo=UTC)  # 14:30 in Makassar


@pytest.mark.parametrize(
    ("wanted", "since", "until"),
    [
        pytest.param(Wanted(), "2026-03-02T07:00", "2026-03-02T14:30", id="shift"),
        pytest.param(Wanted(period="today"), "2026-03-02T00:00", "2026-03-02T14:30", id="today"),
        pytest.param(Wanted(period="yesterday"), "2026-03-01T00:00", "2026-03-02T00:00", id="yesterday"),
        pytest.param(Wanted(period="week"), "2026-02-23T00:00", "2026-03-02T14:30", id="week"),
        pytest.param(
            Wanted(period="custom", first="2026-01-01", last="2026-01-31"),
            "2026-01-01T00:00",
            "2026-02-01T00:00",
            id="both days included",
        ),
        pytest.param(Wanted(period="custom", first="x"), "2026-03-02T07:00", "2026-03-02T14:30", id="no dates"),
    ],
)
def test_a_period_is_counted_on_the_clock_of_the_site(wanted, since, until):
    first, last = bounds(wanted, NOW, "Asia/Makassar")
    zone = first.tzinfo
    assert (f"{first:%Y-%m-%dT%H:%M}", f"{last.astimezone(zone):%Y-%m-%dT%H:%M}") == (since, until)


async def test_a_day_is_shown_in_figures(running):
    busy(running.parts, people=70, unlogged=())
    user = await running.sign_in("budi")
    await user.open("/reports?period=today")
    for text in ("Tunon Taka · masuk", "70", "Tidak ada kamera, node, atau log yang terputus.", "period.xlsx"):
        await user.should_see(text)


def report(**changes) -> Report:
    at = [NOW + timedelta(seconds=30 * number) for number in range(12)]
    values = {
        "since": NOW, "until": NOW + timedelta(hours=2), "sites": ("tunon-taka",), "traffic": (), "kinds": (),
        "acknowledged_after": None, "acknowledged_late": 4.5, "resolved_after": None,
        "blind_minutes": {}, "load_by_hour": (0,) * 14 + (12,) + (0,) * 9,
        "load": alarm_load([(one, "high") for one in at], budget=6),
    }  # fmt: skip
    return Report(**(values | changes))


def test_floods_and_the_load_by_the_hour_are_drawn_and_told():
    drawn = views.report(report(), {}, "Asia/Makassar", words("en"))
    for text in ("Floods</dt><dd>1<", "5.5 minutes", "Hours with more than 6 alerts</dt><dd>1<", "from 14:00: 12"):
        assert text in drawn
    assert drawn.count("<rect") == 1, "one bar, for the one hour with alerts"


def test_how_agencies_differ_is_a_table_with_the_way_to_each_passage():
    one = AgencyDifference(
        site="tunon-taka", first="simkim", second="ksop", agreeing=40, only_second=3, days_left_out=2
    )
    drawn = views.report(report(agencies=(one,)), {}, "Asia/Makassar", words("id"))
    assert "/reconciliation?site=tunon-taka&amp;first=simkim&amp;second=ksop&amp;since=2026-03-02" in drawn
    for text in ("Selisih antarinstansi", "<span>40</span>", "<span>3</span>", "2 hari memuat terlalu banyak"):
        assert text in drawn
    assert "Belum ada dua log" in views.report(report(), {}, "Asia/Makassar", words("id"))


def test_what_was_lost_is_told_with_its_share():
    away = Uptime(source="camera", name="gate-1", blind_minutes=30.0, share=0.75)
    drawn = views.report(report(uptime=(away,)), {}, "Asia/Makassar", words("id"))
    for text in ("Kamera gate-1", "30 menit", "75%"):
        assert text in drawn


async def test_a_period_that_is_too_long_is_refused_in_words(running):
    user = await running.sign_in("budi")
    await user.open("/reports?period=custom&first=2020-01-01&last=2026-01-01")
    await user.should_see("Laporan mencakup paling lama 100 hari")


async def test_without_the_right_to_report_the_page_says_what_to_do(running):
    user = await running.sign_in("sari")
    await user.open("/reports")
    await user.should_see("Laporan")


def test_planned_movements_and_what_cameras_see_are_told():
    total = PlannedTotal(site="tunon-taka", kind="deportation", movements=3, persons=640, exceeded=1)
    recall = GateRecall(site="tunon-taka", line="gate", direction="inbound", recall=0.962)
    drawn = views.report(report(planned=(total,), recall=(recall,)), {}, "Asia/Makassar", words("id"))
    for text in ("Deportan", "640", "Lebih dari rencana", "96,2%"):
        assert text in drawn
    assert "Tidak ada pergerakan terencana" in views.report(report(), {}, "Asia/Makassar", words("id"))
