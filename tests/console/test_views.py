from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from tapal_server.alerts.tally import Tally
from tapal_server.console import format as shown
from tapal_server.console.i18n import words
from tapal_server.console.markup import Html, tag
from tapal_server.console.ports import Evidence, Mark
from tapal_server.console.views.cards import older, section_of
from tapal_server.console.views.shift import shift_start, shift_summary
from tapal_server.console.views.timeline import Scale, timeline
from tests.console.fakes import alert

NOON = datetime(2026, 3, 1, 4, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("changes", "section"),
    [
        pytest.param({"state": "new"}, "new", id="new-and-open"),
        pytest.param({"state": "new", "open": False}, "cleared", id="closed-before-anyone-looked"),
        pytest.param({"state": "reopened", "open": False}, "new", id="reopened-after-it-closed"),
        pytest.param({"state": "acknowledged"}, "mine", id="acknowledged"),
        pytest.param({"state": "in_progress", "open": False}, "mine", id="closed-while-handled"),
        pytest.param({"state": "resolved"}, None, id="resolved"),
        pytest.param({"state": "resolved", "verdict": "explained"}, "cleared", id="explained-before-anyone-looked"),
        pytest.param({"state": "resolved", "verdict": "explained", "acknowledged_at": NOON}, None, id="by-somebody"),
    ],
)
def test_the_section_of_an_alert(changes, section):
    assert section_of(alert(**changes)) == section


@pytest.mark.parametrize(
    ("unfinished", "said"),
    [
        pytest.param(199, None, id="fewer"),
        pytest.param(200, None, id="just-as-many"),
        pytest.param(201, "1 older alert that is not finished is not shown", id="one"),
        pytest.param(431, "231 older alerts that are not finished are not shown", id="some"),
        pytest.param(10_000, "9800+ older alerts", id="more-than-are-counted"),
    ],
)
def test_a_list_says_how_many_it_leaves_out(unfinished, said):
    told = older(unfinished, words("en"))
    assert told == "" if said is None else said in told


@pytest.mark.parametrize(
    ("probability", "word", "number"),
    [
        pytest.param(0.999, "hampir pasti", "99%", id="never-certain"),
        pytest.param(0.83, "sangat mungkin", "83%", id="very-likely"),
        pytest.param(0.6, "mungkin", "60%", id="likely"),
        pytest.param(0.5, "bisa ya, bisa tidak", "50%", id="even"),
        pytest.param(0.0, "kurang mungkin", "1%", id="never-impossible"),
    ],
)
def test_a_probability_in_words_and_number(probability, word, number):
    assert (shown.likelihood(probability, words("id")), shown.percent(probability)) == (word, number)


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        pytest.param(20, "just now", id="now"),
        pytest.param(60, "1 min ago", id="minute"),
        pytest.param(3600 * 3, "3 h ago", id="hours"),
        pytest.param(86400 * 3, "3 d ago", id="days"),
    ],
)
def test_an_age(seconds, text):
    assert shown.age(NOON, words("en"), now=NOON + timedelta(seconds=seconds)) == text


def test_times_are_those_of_the_site():
    assert shown.full(NOON, "Asia/Makassar") == "01-03-2026 12:00:00 WITA"
    assert shown.clock(NOON, "Asia/Jakarta") == "11:00"


def test_ticks_are_round_moments_of_the_site():
    scale = Scale(NOON + timedelta(seconds=70), NOON + timedelta(minutes=20), 0, 100)
    ticks = [shown.clock(tick, "Asia/Makassar") for tick in scale.ticks("Asia/Makassar", 4)]
    assert ticks == ["12:05", "12:10", "12:15", "12:20"]


def test_a_mark_outside_the_span_stays_in_the_picture():
    scale = Scale(NOON, NOON + timedelta(minutes=10), 50, 150)
    assert scale.x(NOON - timedelta(hours=1)) == 50
    assert scale.x(NOON + timedelta(minutes=5)) == 100


def test_the_time_line_tells_in_a_sentence_what_it_draws():
    marks = (Mark(id="c", what="crossing", at=NOON, mine=True), Mark(id="r", what="record", at=NOON))
    drawn = timeline(Evidence(start=NOON, end=NOON + timedelta(hours=1), marks=marks), "Asia/Makassar", words("en"))
    assert 'aria-label="1 crossings and 1 records between 12:00 and 13:00."' in drawn
    assert drawn.count("<svg") == 5


def test_without_marks_the_time_line_says_so():
    drawn = timeline(Evidence(start=NOON, end=NOON, marks=()), "Asia/Makassar", words("en"))
    assert "No other crossings or records" in drawn


@pytest.mark.parametrize(
    ("made", "markup"),
    [
        pytest.param(tag("p", "a < b & c"), "<p>a &lt; b &amp; c</p>", id="text-escaped"),
        pytest.param(tag("p", Html("<b>x</b>")), "<p><b>x</b></p>", id="markup-kept"),
        pytest.param(
            tag("a", "x", title='"><script>'), '<a title="&quot;&gt;&lt;script&gt;">x</a>', id="attribute-escaped"
        ),
        pytest.param(
            tag("input", name="n", required=True, value=None), '<input name="n" required>', id="bare-and-absent"
        ),
        pytest.param(tag("circle", cx=1.23456789, r=2), '<circle cx="1.23457" r="2"/>', id="svg"),
        pytest.param(tag("ul", [tag("li", "a"), None, "b"]), "<ul><li>a</li>b</ul>", id="sequence"),
    ],
)
def test_markup(made, markup):
    assert made == markup


@pytest.mark.parametrize(
    ("hour", "start"),
    [
        pytest.param(6, "28-02-2026 23:00", id="before-the-morning-watch"),
        pytest.param(7, "01-03-2026 07:00", id="as-it-begins"),
        pytest.param(14, "01-03-2026 07:00", id="during-the-day"),
        pytest.param(23, "01-03-2026 23:00", id="at-night"),
    ],
)
def test_the_shift_on_duty(hour, start):
    now = datetime(2026, 3, 1, hour, 0, tzinfo=ZoneInfo("Asia/Makassar"))
    assert shift_start(now, "Asia/Makassar").strftime("%d-%m-%Y %H:%M") == start


def test_a_shift_in_numbers():
    tally = Tally(raised=2, waiting=1, outcomes={"explained": 1}, response_s=40)
    drawn = shift_summary(tally, NOON, "Asia/Makassar", words("en"))
    for number in (
        "<dt>Alerts</dt><dd>2</dd>",
        "<dt>Waiting</dt><dd>1</dd>",
        "<dt>Explained</dt><dd>1</dd>",
        "40 seconds",
    ):
        assert number in drawn
