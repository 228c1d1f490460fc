"""A gate known for long begins its lessons with what it knows, but follows a clock that moved anew each time.

Else a clock that was wrong for an hour would be held to be wrong for ever after.
"""

from dataclasses import replace

import pytest

from tapal_server.correlation import learn as learning
from tapal_server.correlation import pool
from tapal_server.correlation.clock import STILL, Clock
from tapal_server.correlation.engine import Engine
from tapal_server.correlation.types import Crossing, Gate, Site

SITE = Site(id="post", kind="checkpoint", checkpoint="P", gates=(Gate(line="gate", direction="inbound"),))
MOVED = Clock((0.0, 600.0), (0.0, 60.0))


@pytest.mark.parametrize(("clock", "known"), [(STILL, True), (MOVED, False)])
def test_a_lesson_starts_from_what_is_known_unless_the_clock_moved(monkeypatch, clock, known):
    starts = []

    def learn(_sample, base, _reach, *, start, **_):
        starts.append(start)
        return replace(base, clock=clock)

    monkeypatch.setattr(learning, "learn", learn)
    monkeypatch.setattr(pool, "LESSON_STEP", 50)
    engine = Engine([SITE])
    for number in range(300):
        at = 100.0 * number
        engine.on_crossing(
            Crossing(id=f"{number}", site="post", line="gate", direction="inbound", time=at, received_at=at)
        )
        engine.advance(at)
    assert starts[0] is None
    assert (starts[-1] is not None) is known
