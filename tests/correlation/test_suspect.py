"""When an officer is told of a crossing without a record: likely already, and likelier still if nothing comes."""

from dataclasses import replace
from typing import Literal

import numpy as np
import pytest

from tapal_server.correlation.alerts import Book
from tapal_server.correlation.engine import Engine
from tapal_server.correlation.evaluate import Stretch, evaluate
from tapal_server.correlation.late import lags_of
from tapal_server.correlation.params import prior
from tapal_server.correlation.pool import Pool
from tapal_server.correlation.seen import Seen
from tapal_server.correlation.types import (
    AlertClosed,
    AlertRaised,
    Crossing,
    Delay,
    Gate,
    Rates,
    Reason,
    Record,
    Settings,
    Site,
)
from tapal_server.correlation.unlogged import Unlogged

DELAY = Delay(typical_s=30, longest_s=300)
RATES = Rates(unlogged_share=0.02, late_share=0.02)
GATE = Gate(line="gate", direction="inbound", delay=DELAY, rates=RATES)
SITE = Site(id="post", kind="checkpoint", checkpoint="P", gates=(GATE,))


def crossing(name: str, time: float) -> Crossing:
    return Crossing(id=name, site="post", line="gate", direction="inbound", time=time, received_at=time)


@pytest.mark.parametrize(
    ("unlogged", "standing", "told"),
    [
        pytest.param(0.65, 0.66, True, id="sure-and-nothing-can-come"),
        pytest.param(0.45, 0.70, True, id="likely-and-only-a-late-row-speaks-against-it"),
        pytest.param(0.26, 0.70, True, id="as-soon-as-one-in-four"),
        pytest.param(0.24, 0.80, False, id="a-row-may-well-come"),
        pytest.param(0.55, 0.56, False, id="nothing-can-come-and-still-unsure"),
    ],
)
def test_an_alert_needs_to_be_likely_and_to_stand_without_further_rows(unlogged, standing, told):
    seen = Seen(crossing("c", 0.0), unlogged=unlogged, standing=standing)
    assert seen.suspect(Settings()) is told


def test_one_threshold_alone_is_had_by_setting_early_as_high():
    seen = Seen(crossing("c", 0.0), unlogged=0.45, standing=0.70)
    assert not seen.suspect(Settings(early=0.6))
    assert Seen(crossing("c", 0.0), unlogged=0.35, standing=0.35).suspect(Settings(threshold=0.3))


def test_an_early_alert_says_how_likely_the_row_is_late_and_closes_when_it_comes():
    engine = Engine([SITE], Settings(learn=False))
    for number in range(30):
        at = 1e9 + 400.0 * number
        engine.on_crossing(crossing(f"c{number}", at))
        engine.on_record(
            Record(id=f"r{number}", checkpoint="P", direction="inbound", time=at + 30, received_at=at + 31)
        )
        engine.advance(at)
    lonely = 1e9 + 400.0 * 30
    engine.on_crossing(crossing("lonely", lonely))
    changes = [change for _ in range(40) for change in engine.advance(engine.ahead) if engine.ahead < lonely + 86_400.0]
    raised = next(change for change in changes if isinstance(change, AlertRaised))
    late = next(one for one in raised.alert.innocent if one.code == "record_late")
    assert raised.alert.event_ids == ("lonely",)
    assert raised.alert.probability < 0.6
    assert late.probability == pytest.approx(0.3, abs=0.25)
    after = raised.alert.raised_at + 3600.0
    engine.on_record(Record(id="late", checkpoint="P", direction="inbound", time=lonely + 30, received_at=after))
    closed = [change for change in engine.advance(after) if isinstance(change, AlertClosed)]
    assert [change.because.code for change in closed] == ["record_arrived"]


def test_what_a_slow_clock_adds_to_the_lag_of_rows_is_not_lateness():
    time, received = np.array([0.0, 100.0, 200.0]), np.array([2.0, 152.0, 302.0])
    shift = np.array([0.0, -50.0, -100.0])
    assert lags_of(time, received, shift).tolist() == [2.0, 2.0, 2.0]
    assert lags_of(time, received, -shift).tolist() == [2.0, 52.0, 102.0]


@pytest.mark.parametrize(
    ("standing", "age", "stays"),
    [
        pytest.param(0.2, "young", True, id="half-explained-while-others-rows-may-come"),
        pytest.param(0.1, "young", False, id="explained"),
        pytest.param(0.2, "settled", False, id="half-explained-when-all-have-theirs"),
        pytest.param(0.5, "settled", True, id="a-little-below-the-threshold-within-a-day"),
        pytest.param(0.5, "old", False, id="a-little-below-the-threshold-after-a-day"),
    ],
)
def test_an_open_alert_does_not_flutter(standing, age, stays):
    pool, book = Pool(GATE, Settings()), Book(6)
    alerts = Unlogged(SITE, pool, book)
    (seen,) = suspects(pool, 1e9)
    alerts.update([seen], 1e9 + 60.0)
    believe(pool, seen, standing, standing)
    alerts.update([seen], 1e9 + {"young": pool.unsettled - 1.0, "settled": pool.unsettled + 1.0, "old": 86_401.0}[age])
    assert len(book.open) == stays


def test_an_alert_that_stays_below_the_threshold_is_looked_at_again_after_a_day():
    pool, book = Pool(GATE, Settings()), Book(6)
    alerts = Unlogged(SITE, pool, book)
    (seen,) = suspects(pool, 1e9)
    alerts.update([seen], 1e9 + 60.0)
    pool.decide(1e9 + 80_000.0)
    believe(pool, seen, 0.5, 0.5)
    alerts.update([seen], 1e9 + 80_000.0)
    assert pool.due == pytest.approx(1e9 + 86_400.0)


@pytest.mark.parametrize("apart_s", [80.0, 100.0, 140.0])
def test_an_alert_is_raised_as_soon_as_it_is_likely_enough(apart_s):
    rates = Rates(unlogged_share=0.005, false_share=0.0002, late_share=0.03)
    engine = Engine([replace(SITE, gates=(replace(GATE, rates=rates),))], Settings(learn=False, threshold=0.5))
    for number in range(60):
        at = 1e9 + apart_s * number
        engine.on_crossing(crossing(f"c{number}", at))
        if number != 30:
            engine.on_record(
                Record(id=f"r{number}", checkpoint="P", direction="inbound", time=at + 30, received_at=at + 31)
            )
    changes = []
    while engine.ahead < 1e9 + 86_400.0:
        changes += engine.advance(engine.ahead)
    (raised,) = [change.alert for change in changes if isinstance(change, AlertRaised)]
    assert raised.event_ids == ("c30",)
    assert 0.25 <= raised.probability < 0.27


def test_a_fresh_row_may_be_of_somebody_who_is_yet_to_pass():
    stretch = Stretch(np.array([1000.0]), np.array([1280.0]))

    def alone(first: Literal["crossing", "either"], now: float) -> float:
        gate = replace(GATE, delay=replace(DELAY, first=first))
        return float(evaluate(stretch, prior(gate), now).unmatched[0])

    assert alone("either", 1280.0) > alone("either", 1310.0) + 0.1 > alone("either", 2000.0) + 0.2
    assert alone("crossing", 1280.0) == pytest.approx(alone("crossing", 2000.0), abs=0.03)


def test_of_a_group_that_is_partly_forgotten_the_rest_is_followed():
    pool, book = Pool(GATE, Settings()), Book(6)
    alerts = Unlogged(SITE, pool, book)
    old, young, other = suspects(pool, 1e9, 1e9 + 60.0, 1e9 + 5000.0)
    alerts.update([old, young], 1e9 + 120.0)
    assert [len(alert.event_ids) for alert in book.open.values()] == [2]
    pool.forget(1)
    alerts.forget(pool.since)
    believe(pool, young, 0.6, 0.8)
    believe(pool, other, 0.9, 0.9)
    alerts.update([young], 1e9 + 180.0)
    (alert,) = book.open.values()
    assert (len(alert.event_ids), alert.probability, old.unlogged) == (2, 0.6, 0.5)
    alerts.excuse(lambda _: Reason("planned"), 1e9 + 240.0)
    assert not book.open
    assert not pool.crossings.table[pool.crossings.place_of(other)]["followed"]


def suspects(pool: Pool, *times: float) -> list[Seen]:
    """People of whom half believe that no record comes."""
    for number, time in enumerate(times):
        pool.add_crossing(crossing(f"c{number}", time))
    found = [pool.crossings.get(f"c{number}") for number in range(len(times))]
    for seen in found:
        believe(pool, seen, 0.5, 0.7)
    return found


def believe(pool: Pool, seen: Seen, unlogged: float, standing: float) -> None:
    row = pool.crossings.table[pool.crossings.place_of(seen)]
    row["unlogged"] = seen.unlogged = unlogged
    row["standing"] = seen.standing = standing
