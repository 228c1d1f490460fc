"""The page of the gates, and the numbers behind it."""

import pytest

from tapal_server.console.i18n import words
from tapal_server.console.views.gates import clock_plot, delay_plot, gates, span
from tapal_server.gates import Bin, Curve, GateView, calibration
from tapal_server.people.actor import SYSTEM
from tests.console.busy import busy

ENGLISH = words("en")
LEARNED = {
    "crossings": 812,
    "delay_s": {"p01": 12.0, "median": 30.0, "p99": 51.0},
    "clock_moves_s": [0.0, 0.0],
    "recall": 0.95,
    "unlogged_per_hour_alone": 0.02,
    "unlogged_share_of_flow": 0.002,
    "false_per_hour": 0.05,
    "false_share": 0.001,
    "double_share": 0.003,
    "late_share": 0.01,
    "errors": {"recall": 0.01},
    "doubts": [],
}
CURVE = Curve(delay_s=(0.0, 30.0, 60.0), density=(0.0, 0.05, 0.0), median_s=30.0, low_s=12.0, high_s=51.0)


def gate(**changes) -> GateView:
    values = {"site": "x", "line": "gate", "direction": "inbound", "learning": True, "learned": LEARNED, "curve": CURVE}
    return GateView(**(values | changes))


@pytest.mark.parametrize(
    ("doubts", "said"),
    [
        pytest.param([], "can show single crossings", id="sure"),
        pytest.param(["crowded"], "but not who", id="crowded"),
        pytest.param(["false_or_unlogged"], "person or a miscount", id="miscounts"),
        pytest.param(["not_learned"], "has learned nothing yet", id="new"),
    ],
)
def test_a_sentence_says_what_the_gate_can_show(doubts, said):
    assert said in gates([gate(learned=LEARNED | {"doubts": doubts})], {}, ENGLISH)


def test_bounds_of_the_unlogged_per_day_are_shown_where_known():
    unlogged = {"per_day": 2.04, "per_day_low": 0.5, "per_day_high": 4.2}
    assert "2 (0.5-4.2)" in gates([gate(learned=LEARNED | {"unlogged": unlogged})], {}, ENGLISH)


def test_a_gate_that_is_not_known_yet_says_so():
    assert "Not known yet." in gates([gate(learned=None, curve=None)], {}, ENGLISH)


def test_verdicts_are_grouped_by_what_was_shown():
    found = calibration([(0.65, False), (0.85, True), (0.87, True), (0.83, False), (1.0, True)])
    assert [(one.judged, one.right) for one in found] == [(1, 0), (3, 2), (1, 1)]
    assert found[1] == Bin(low=0.8, high=0.9, shown=pytest.approx(0.85), judged=3, right=2)


def test_the_plot_says_in_words_what_it_shows():
    assert "Half the records come within 30 s, 99% within 51 s." in delay_plot(CURVE, ENGLISH)


def test_a_clock_that_moves_is_drawn_and_told():
    moving = Curve(**{**{f: getattr(CURVE, f) for f in CURVE.__slots__}, "clock": ((0.0, 0.0), (3600.0, -45.0))})
    drawn = clock_plot(moving, "Asia/Makassar", ENGLISH)
    assert "between -45 s and +0 s" in drawn
    assert "polyline" in drawn


@pytest.mark.parametrize(("seconds", "text"), [(45, "45 s"), (600, "10 min"), (9000, "2.5 h"), (-30, "30 s before it")])
def test_a_duration_reads_well(seconds, text):
    assert span(seconds, ENGLISH) == text


def test_the_service_tells_what_a_busy_gate_learned(parts):
    busy(parts, people=130, unlogged=(40,))
    inbound, outbound = parts.services.gates.all(SYSTEM)
    assert inbound.learned["crossings"] >= 120
    assert 20 < inbound.curve.median_s < 45
    assert inbound.calibration
    assert "not_learned" in outbound.learned["doubts"]


async def test_the_page_shows_every_gate(running):
    busy(running.parts, people=70, unlogged=())
    user = await running.sign_in("sari")
    await user.open("/gates")
    for text in ("Tunon Taka · gate · masuk", "Dari lintasan ke catatan", "Belum ada peringatan gerbang ini"):
        await user.should_see(text)
