"""When a gate learns next: soon while its clock wanders, seldom once it is known."""

from dataclasses import replace

import pytest

from tapal_server.correlation.clock import STEADY, STILL, Clock
from tapal_server.correlation.lessons import LESSON_STEP, MOVING_STEP, next_lesson
from tapal_server.correlation.params import Params, prior
from tapal_server.correlation.types import Gate

TAKEN, WIDTH = 14_000, 40.0
SOON, LATER = TAKEN + MOVING_STEP, TAKEN + LESSON_STEP


def with_clock(clock: Clock) -> Params:
    return replace(prior(Gate(line="gate", direction="inbound")), clock=clock)


def steps(*shifts: float) -> Clock:
    return Clock(tuple(100.0 * step for step in range(len(shifts))), shifts)


@pytest.mark.parametrize(
    ("clock", "expected"),
    [
        pytest.param(STILL, LATER, id="still"),
        pytest.param(steps(*[0.0] * 60, *[60.0] * (STEADY - 1)), SOON, id="jumped-of-late"),
        pytest.param(steps(*[0.0] * 60, *[60.0] * STEADY), LATER, id="jumped-and-stands-since"),
        pytest.param(steps(*(0.2 * step for step in range(120))), SOON, id="drifts"),
        pytest.param(steps(*[0.0] * 60, *[5.0] * 10), LATER, id="hardly-moved"),
    ],
)
def test_a_lesson_comes_soon_only_while_the_clock_wanders(clock: Clock, expected: int) -> None:
    assert next_lesson(TAKEN, with_clock(clock), WIDTH) == expected
