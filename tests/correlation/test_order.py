"""The order in which things arrive leaves no trace: what is open in the end is what everything known says."""

from random import Random

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from tapal_server.correlation.engine import Engine
from tapal_server.correlation.types import Crossing, Delay, Gate, Rates, Record, Settings, Site
from tests.support.crowd import crowd

DELAY = Delay(typical_s=10, longest_s=60)
RATES = Rates(unlogged_share=0.05, late_share=0.0)
SITE = Site(
    id="post",
    kind="checkpoint",
    checkpoint="P",
    gates=(Gate(line="gate", direction="inbound", delay=DELAY, rates=RATES),),
)
START = 1e9


def world(seed: int, apart_s: float, people: int = 120) -> list[Crossing | Record]:
    """People at one gate, in the order in which they pass: one in twelve without a record, some not seen."""
    items = crowd(
        seed, people=people, start=START, apart_s=apart_s, least_apart_s=0.2, seen=0.97, logged=0.92, spread=0.35
    )
    return sorted(items, key=lambda item: item.received_at)


def displaced(items: list[Crossing | Record], random: Random, far_s: float) -> list[Crossing | Record]:
    """The same things in another order: each is late by up to `far_s`."""
    return sorted(items, key=lambda item: item.received_at + random.uniform(0.0, far_s))


def final(items: list[Crossing | Record], *, arrivals_at: str, per_step: int = 1) -> tuple[set[str], dict[str, float]]:
    """Feed a live engine, let it decide all that comes due, and return who is in an open alert, and the posteriors.

    Things arrive as they happen, or long after.
    """
    engine = Engine([SITE], Settings(learn=False, alerts_per_hour=10_000))
    now = START + (0.0 if arrivals_at == "once" else 86_400.0)
    alerts = {}
    for number, item in enumerate(items):
        now = max(now, item.received_at) if arrivals_at == "once" else now + 0.01
        engine.on_crossing(item) if isinstance(item, Crossing) else engine.on_record(item)
        if number % per_step == 0:
            for change in engine.advance(now):
                alerts[change.alert.id] = change.alert
    for _ in range(3):
        now += 86_400.0
        for change in engine.advance(now):
            alerts[change.alert.id] = change.alert
    open_ones = {
        event
        for alert in alerts.values()
        if alert.status == "open" and alert.kind == "unlogged_crossing"
        for event in alert.event_ids
    }
    return open_ones, {one.crossing.id: one.unlogged for one in engine.settled()}


@pytest.mark.parametrize("apart_s", [200.0, 40.0, 15.0])
@pytest.mark.parametrize("arrivals_at", ["once", "after"])
@settings(deadline=None, phases=[Phase.generate], derandomize=True, max_examples=4)
@given(seed=st.integers(0, 10_000), random=st.randoms(use_true_random=False), far_s=st.sampled_from([30.0, 300.0, 1e6]))
def test_any_order_of_arrivals_leaves_the_live_engine_with_the_same_alerts(arrivals_at, apart_s, seed, random, far_s):
    items = world(seed, apart_s)
    expected, sure = final(items, arrivals_at="once")
    found, sure_then = final(displaced(items, random, far_s), arrivals_at=arrivals_at, per_step=random.choice([1, 7]))
    close = {key for key, share in sure.items() if abs(share - 0.6) < 0.02 or abs(sure_then[key] - 0.6) < 0.02}
    assert found - close == expected - close
