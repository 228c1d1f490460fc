"""Records that are known before their crossings arrive: a file imported ahead of a node that comes back online."""

from typing import Any

import pytest

from tapal_server.correlation.engine import Engine
from tapal_server.correlation.types import AlertRaised, Crossing, Record
from tapal_server.sites import loads_sites

SITE = """\
sites:
  - id: pier
    name: Pier
    kind: checkpoint
    checkpoint: P
    timezone: Asia/Makassar
    gates:
      - line: gate
        direction: inbound
        delay: {typical_s: 2.5, longest_s: 4, first: crossing}
        rates: {unlogged_share: 0.05, late_share: 0.0}
"""
WITHOUT_RECORD = 7.6
CROSSINGS = [WITHOUT_RECORD, 9.5, 12.9, 20.0, 22.2, 23.4, 24.6]
BEHIND_S = 365.0


def engine_after(ticks: int) -> tuple[Engine, list[Any]]:
    engine = Engine(loads_sites(SITE).to_sites())
    for time in CROSSINGS:
        if time != WITHOUT_RECORD:
            moment = time + 2.5
            engine.on_record(
                Record(id=f"r{time}", checkpoint="P", direction="inbound", time=moment, received_at=BEHIND_S)
            )
    changes: list[Any] = []
    now = BEHIND_S
    for time in CROSSINGS:
        now = BEHIND_S + time
        changes += engine.advance(now)
        engine.on_crossing(
            Crossing(id=f"x{time}", site="pier", line="gate", direction="inbound", time=time, received_at=now)
        )
    for _ in range(ticks):
        now += 5.0
        changes += engine.advance(now)
    return engine, changes


def test_a_record_that_seemed_to_explain_is_given_back_when_its_own_crossing_arrives():
    _, changes = engine_after(ticks=2)
    raised = [change.alert for change in changes if isinstance(change, AlertRaised)]
    assert [alert.event_ids for alert in raised] == [(f"x{WITHOUT_RECORD}",)]


def test_what_is_settled_is_what_is_believed():
    engine, _ = engine_after(ticks=2)
    for settled in engine.settled():
        believed = engine.posterior(settled.crossing.id)
        assert believed is not None
        assert settled.unlogged == pytest.approx(believed.unlogged, abs=0.02), settled.crossing.id


@pytest.mark.parametrize("most", [1, 4, 1000])
def test_beliefs_are_taken_when_they_change_and_only_then(most):
    engine, _ = engine_after(ticks=0)
    taken: dict[str, float] = {}
    for tick in range(3):
        engine.advance(engine.now + 5.0 * tick)
        while some := engine.take_beliefs(most=most):
            assert len(some) <= most
            assert some.items().isdisjoint(taken.items()), "taken before"
            taken |= some
        assert taken == {one.crossing.id: round(one.unlogged, 4) for one in engine.settled()}
    assert engine.take_beliefs([("pier", "elsewhere", "inbound")], most=most) == {}


def test_beliefs_are_taken_of_one_gate():
    engine, _ = engine_after(ticks=2)
    every = {one.crossing.id for one in engine.settled()}
    assert engine.take_beliefs([("pier", "gate", "inbound")], most=1000).keys() == every
