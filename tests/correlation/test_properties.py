"""What must hold for any stream: order of arrival, shifts of time and the missing record."""

from dataclasses import replace

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from tapal_server.correlation.engine import Engine
from tapal_server.correlation.types import Crossing, Delay, Gate, Record, Settings, Site
from tests.support.crowd import crowd

GATE = Gate(line="gate", direction="inbound", delay=Delay(typical_s=10, longest_s=60))
SITE = Site(id="post", kind="checkpoint", checkpoint="P", gates=(GATE,))
END = 1e9 + 30 * 86400.0


def world(seed, people=90, start=1e9):
    return crowd(seed, people=people, start=start, apart_s=60.0, least_apart_s=0.0, seen=0.95, logged=0.95, spread=0.3)


def final(items, *, learn=True):
    engine = Engine([SITE], Settings(learn=learn))
    alerts = {}
    for item in items:
        engine.on_crossing(item) if isinstance(item, Crossing) else engine.on_record(item)
        for change in engine.advance(max(item.received_at, engine.now)):
            alerts[change.alert.id] = change.alert
    for change in engine.finish(max(END, engine.now)):
        alerts[change.alert.id] = change.alert
    open_ids = {
        event for a in alerts.values() if a.status == "open" and a.kind == "unlogged_crossing" for event in a.event_ids
    }
    return {one.crossing.id: one.unlogged for one in engine.settled()}, open_ids


@settings(deadline=None, phases=[Phase.generate], derandomize=True, max_examples=8)
@given(st.integers(0, 10_000), st.randoms(use_true_random=False))
def test_a_permutation_of_arrivals_gives_the_same_final_state(seed, random):
    items = world(seed)
    expected, open_ids = final(items)
    random.shuffle(items)
    found, found_open = final(items)
    assert found == pytest.approx(expected, abs=1e-6)
    assert found_open == open_ids


@settings(deadline=None, phases=[Phase.generate], derandomize=True, max_examples=4)
@given(st.integers(0, 10_000), st.floats(-1e6, 1e6))
def test_shifting_all_times_shifts_all_results(seed, shift):
    items = world(seed)
    moved = [replace(item, time=item.time + shift, received_at=item.received_at + shift) for item in items]
    expected, open_ids = final(items)
    found, found_open = final(moved)
    assert found == pytest.approx(expected, abs=2e-2)
    assert found_open == open_ids


@settings(deadline=None, phases=[Phase.generate], derandomize=True, max_examples=4)
@given(st.integers(0, 10_000))
def test_adding_the_missing_record_closes_its_alert(seed):
    items = world(seed)
    lonely = Crossing(
        id="lonely", site="post", line="gate", direction="inbound", time=1e9 + 86400.0, received_at=1e9 + 86400.0
    )
    before, _ = final([*items, lonely], learn=False)
    record = Record(
        id="found", checkpoint="P", direction="inbound", time=lonely.time + 10.0, received_at=1e9 + 20 * 86400.0
    )
    after, open_after = final([*items, lonely, record], learn=False)
    assert before["lonely"] > 0.3
    assert after["lonely"] < 0.05
    assert "lonely" not in open_after
