"""The page of reports, and which period it means."""

from datetime import UTC, datetime

import pytest

from tapal_server.console.views.reports import Wanted, bounds
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


async def test_a_period_that_is_too_long_is_refused_in_words(running):
    user = await running.sign_in("budi")
    await user.open("/reports?period=custom&first=2020-01-01&last=2026-01-01")
    await user.should_see("Laporan mencakup paling lama 100 hari")


async def test_without_the_right_to_report_the_page_says_what_to_do(running):
    user = await running.sign_in("sari")
    await user.open("/reports")
    await user.should_see("Laporan")
