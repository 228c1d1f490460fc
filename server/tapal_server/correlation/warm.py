"""Compile all that an evaluation needs before the first person crosses: on a new machine that takes a while."""

from functools import cache

from tapal_server.correlation.engine import Engine
from tapal_server.correlation.types import Crossing, Gate, Record, Site

__all__ = ["warm"]

NOWHERE = Site(id="nowhere", kind="checkpoint", checkpoint="none", gates=(Gate(line="no-line", direction="inbound"),))
CROSSINGS = 60
APART_S, TO_THE_COUNTER_S = 20.0, 8.0
LATER_S = 2 * 86_400.0


@cache
def warm() -> None:
    """Correlate people who never were; where the compiled code is kept already, within a second."""
    engine = Engine([NOWHERE])
    for number in range(CROSSINGS):
        at, recorded = number * APART_S, number * APART_S + TO_THE_COUNTER_S
        engine.on_crossing(_crossing(number))
        if number % 5:
            engine.on_record(
                Record(id=f"none-{number}", checkpoint="none", direction="inbound", time=recorded, received_at=recorded)
            )
        engine.advance(at + APART_S)
    engine.advance(CROSSINGS * APART_S + LATER_S)
    engine.on_crossing(_crossing(CROSSINGS))  # late, beside others whose records are missing
    engine.withdraw("none-1")
    engine.advance(CROSSINGS * APART_S + 2 * LATER_S)


def _crossing(number: int) -> Crossing:
    at, name = number * APART_S, f"nobody-{number}"
    return Crossing(id=name, site="nowhere", line="no-line", direction="inbound", time=at, received_at=at)


if __name__ == "__main__":
    warm()
