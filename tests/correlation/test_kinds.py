"""The other alert kinds: each raised by its cause, closed by what explains it, silent without it."""

from dataclasses import replace
from random import Random

import numpy as np
import pytest
from scipy.stats import binom

from tapal_server.correlation.counts import bound
from tapal_server.correlation.engine import Engine
from tapal_server.correlation.types import Crossing, Delay, Gate, Rates, Record, Settings, Site, Voyage
from tapal_server.wording import LANGUAGES, reason

GATE = Gate(line="gate", direction="inbound", delay=Delay(typical_s=10, longest_s=60), rates=Rates(recall=0.98))
SITE = Site(id="post", kind="checkpoint", checkpoint="GATE", gates=(GATE,), location=(4.1, 117.6))
FAR = Site(id="far", kind="checkpoint", checkpoint="FAR", gates=(), location=(3.3, 117.6))


def crossing(n, time, **more):
    return Crossing(id=f"c{n}", site="post", line="gate", direction="inbound", time=time, received_at=time, **more)


def record(n, time, **more):
    values = {"checkpoint": "GATE", "direction": "inbound", "received_at": time} | more
    return Record(id=f"r{n}", time=time, **values)


def changes_of(engine, kind, until=20_000.0):
    changes = []
    due = engine.next_due()
    while due is not None and due <= until:
        changes += engine.advance(due)
        due = engine.next_due()
    changes += engine.advance(until)
    return [change for change in changes if change.alert.kind == kind]


@pytest.mark.parametrize(("seen", "logged", "recall"), [(97, 97, 0.98), (118, 97, 0.98), (5, 5, 0.9), (0, 3, 0.9)])
def test_bound_without_extras_is_the_binomial_tail(seen, logged, recall):
    assert bound(seen, logged, recall, 0.0).tail == pytest.approx(float(binom.sf(seen - 1, logged, recall)), abs=1e-9)


def test_bound_says_what_chance_explains():
    found = bound(118, 97, 0.98, 1.0)
    assert found.tail < 1e-6
    assert (found.low, found.high) == (91, 100)


def test_a_window_with_more_people_than_records_is_raised():
    engine = Engine([SITE], Settings(learn=False))
    rng = np.random.default_rng(5)
    times = np.sort(rng.uniform(3600 + 300, 7200 - 300, 118))
    for n, time in enumerate(times):
        engine.on_crossing(crossing(n, float(time)))
    for n, time in enumerate(rng.choice(times, 80, replace=False)):
        engine.on_record(record(n, float(time) + 10.0))
    raised = changes_of(engine, "count_excess")
    data = raised[-1].alert.reason.data
    assert data["seen"] > data["high"] >= data["logged"] * 0.95
    for n, time in enumerate(times):
        engine.on_record(record(f"late{n}", float(time) + 10.0))
    closed = changes_of(engine, "count_excess", until=50_000.0)
    assert type(closed[-1]).__name__ == "AlertClosed"


@pytest.mark.parametrize(
    ("numbers", "raised"),
    [
        pytest.param({"declared": 30, "cleared": 30}, 0, id="agree"),
        pytest.param({"declared": 30, "cleared": 26}, 1, id="papers-disagree"),
        pytest.param({"declared": 20, "cleared": 20}, 1, id="more-seen-than-cleared"),
        pytest.param({}, 0, id="nothing-known"),
    ],
)
def test_a_voyage_whose_numbers_disagree_is_raised(numbers, raised):
    engine = Engine([SITE], Settings(learn=False))
    engine.voyage(Voyage(id="V1", site="post", direction="inbound", start=900.0, end=2000.0, **numbers))
    for n in range(30):
        engine.on_crossing(crossing(n, 1000.0 + 20 * n))
    found = changes_of(engine, "manifest_mismatch")
    assert len({change.alert.id for change in found}) == raised


def test_a_corrected_voyage_closes_its_alert():
    engine = Engine([SITE], Settings(learn=False))
    voyage = Voyage(id="V1", site="post", direction="inbound", start=900.0, end=2000.0, declared=30, cleared=26)
    engine.voyage(voyage)
    for n in range(30):
        engine.on_crossing(crossing(n, 1000.0 + 20 * n))
    assert len(changes_of(engine, "manifest_mismatch")) == 1
    engine.voyage(replace(voyage, cleared=30))
    (closed,) = changes_of(engine, "manifest_mismatch", until=20_001.0)
    assert closed.alert.status == "explained"


@pytest.mark.parametrize(
    ("rows", "code"),
    [
        pytest.param([("GATE", "inbound", 0), ("GATE", "inbound", 3600)], "twice_inbound", id="two-entries"),
        pytest.param(
            [("GATE", "inbound", 0), ("GATE", "outbound", 3600), ("GATE", "inbound", 7200)], None, id="round-trip"
        ),
        pytest.param([("FAR", "outbound", 0), ("GATE", "inbound", 600)], "too_far_apart", id="too-fast"),
        pytest.param([("FAR", "outbound", 0), ("GATE", "inbound", 36000)], None, id="a-day-trip"),
    ],
)
def test_records_that_cannot_all_be_true(rows, code):
    both = replace(SITE, gates=(GATE, replace(GATE, direction="outbound")))
    far = replace(FAR, gates=(replace(GATE, direction="outbound"),))
    engine = Engine([both, far])
    for n, (post, direction, time) in enumerate(rows):
        engine.on_record(record(n, float(time), checkpoint=post, direction=direction, document_hash="h"))
    found = changes_of(engine, "record_conflict", until=40_000.0)
    assert [change.alert.reason.code for change in found] == ([] if code is None else [code])


def test_a_first_document_that_is_a_week_late_is_compared_with_none() -> None:
    engine = Engine([SITE])
    late = replace(record(1, 100.0, document_hash="h"), received_at=100.0 + 8 * 86400.0)
    engine.on_record(late)
    engine.feed([replace(late, id="r2", time=200.0, document_hash="other")], late.received_at)
    assert changes_of(engine, "record_conflict", late.received_at) == []


def test_a_wrong_check_digit_is_raised_and_withdrawing_the_row_closes_it():
    engine = Engine([SITE])
    engine.on_record(record(1, 100.0, check_digit_ok=False))
    assert [change.alert.reason.code for change in changes_of(engine, "record_conflict", 200.0)] == ["check_digit"]
    engine.withdraw("r1")
    (closed,) = changes_of(engine, "record_conflict", 300.0)
    assert closed.because.code == "record_withdrawn"


def test_passing_without_the_counter_is_a_bypass_until_a_record_says_otherwise():
    engine = Engine([replace(SITE, gates=(replace(GATE, counter_zones=("counters",)),))], Settings(learn=False))
    for n in range(40):
        engine.on_crossing(crossing(n, 100.0 * n, visited={"counters": 8.0}))
        engine.on_record(record(n, 100.0 * n + 10.0))
    engine.on_crossing(crossing(99, 4100.0, visited={"waiting": 3.0}))
    (raised, *_) = changes_of(engine, "bypass", 4101.0)
    assert raised.alert.event_ids == ("c99",)
    engine.on_record(record(99, 4110.0))
    closed = changes_of(engine, "bypass", 30_000.0)
    assert closed[-1].alert.status == "explained"


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_whoever_passes_without_the_counter_is_judged_by_those_before_in_whatever_order_they_are_reported(seed):
    passing = [
        crossing(n, 100.0 * n, visited={"waiting": 3.0} if n % 25 == 20 else {"counters": 8.0}) for n in range(120)
    ]
    mixed = sorted(passing, key=lambda one: Random(f"{seed}{one.id}").random())
    found = []
    for order in (passing, mixed):
        engine = Engine([replace(SITE, gates=(replace(GATE, counter_zones=("counters",)),))], Settings(learn=False))
        for one in order:
            engine.on_crossing(one)
            engine.advance(12_000.0)
        found.append({alert.event_ids for alert in engine.book.open.values() if alert.kind == "bypass"})
    assert found == [{("c45",), ("c70",), ("c95",)}] * 2


@pytest.mark.parametrize("language", sorted(LANGUAGES))
def test_a_count_is_said_in_words(language):
    data = {"from": "14:00", "to": "15:00", "seen": 118, "logged": 97, "low": 91, "high": 99}
    (sentence,) = reason("count_excess", "window_excess", data, language)
    assert all(str(value) in sentence for value in data.values())
