"""A second line that the same people pass sharpens what the first one means."""

from dataclasses import replace

import numpy as np

from tapal_server.correlation.engine import Engine
from tapal_server.correlation.types import Crossing, Delay, Gate, Rates, Site
from tapal_server.correlation.witnesses import confirmation

GATE = Gate(
    line="gate",
    direction="inbound",
    delay=Delay(typical_s=10, longest_s=60),
    rates=Rates(unlogged_share=0.01, late_share=0.0001),
    confirmed_by=("hall",),
)
SITE = Site(id="post", kind="checkpoint", checkpoint="GATE", gates=(GATE,))


def crossing(name: str, line: str, time: float) -> Crossing:
    return Crossing(id=name, site="post", line=line, direction="inbound", time=time, received_at=time)


def believed(gate: Gate, *, seen_again: bool) -> float:
    """P(unlogged) of a crossing without a record among people who all pass the hall."""
    engine = Engine([replace(SITE, gates=(gate,))])
    for number in range(6):
        time = 1000.0 + 200.0 * number
        engine.on_crossing(crossing(f"c{number}", "gate", time))
        if number != 3 or seen_again:
            engine.on_crossing(crossing(f"h{number}", "hall", time + 8.0))
    engine.advance(10_000.0)
    posterior = engine.posterior("c3")
    assert posterior is not None
    return posterior.unlogged


def test_who_is_seen_at_both_lines_is_a_person_and_who_is_not_may_be_a_shadow() -> None:
    without = believed(replace(GATE, confirmed_by=()), seen_again=True)
    assert believed(GATE, seen_again=True) > without + 0.02
    assert believed(GATE, seen_again=False) < without - 0.1


def test_a_second_line_that_sees_nobody_says_nothing() -> None:
    lawful, person, false = confirmation(np.array([10.0, 500.0]), np.zeros(0))
    assert (lawful == 1.0).all()
    assert (person == 1.0).all()
    assert (false == 1.0).all()


def test_in_a_crowd_being_confirmed_says_little() -> None:
    x = np.array([3000.0])
    alone = confirmation(x, np.array([3005.0]))
    crowd = confirmation(x, np.arange(2000.0, 4000.0, 5.0))
    assert (alone[1] / alone[2])[0] > 3 * (crowd[1] / crowd[2])[0]
