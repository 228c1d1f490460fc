"""A log that was silent comes in row by row: nobody is a suspect before it rests, then whoever lacks a row."""

import numpy as np

from tapal_server.correlation.doubt import REST_S
from tapal_server.correlation.engine import Engine
from tapal_server.correlation.types import AlertRaised, Crossing, Delay, Gate, Rates, Record, Settings, Site

DELAY = Delay(typical_s=30, longest_s=300)
RATES = Rates(unlogged_share=0.02, late_share=0.02)
SITE = Site(
    id="post",
    kind="checkpoint",
    checkpoint="P",
    gates=(Gate(line="gate", direction="inbound", delay=DELAY, rates=RATES),),
)
BEGIN, APART_S, PEOPLE, SILENT, LONELY, EACH_S = 1e9, 300.0, 200, 40, 120, 3.0
BACK = BEGIN + PEOPLE * APART_S + 7200.0


def row(number: int, received_at: float) -> Record:
    at = BEGIN + APART_S * number + 30.0
    return Record(id=f"r{number}", checkpoint="P", direction="inbound", time=at, received_at=received_at)


def filled(*, learn: bool) -> list[tuple[float, tuple[str, ...]]]:
    """Return when who was told of since the rows of all but the first people, and of one, come in, in any order."""
    engine, told = Engine([SITE], Settings(learn=learn)), []

    def advance(now: float) -> None:
        told.extend(
            (now, change.alert.event_ids)
            for change in engine.advance(now)
            if isinstance(change, AlertRaised) and change.alert.kind == "unlogged_crossing"
        )

    for number in range(PEOPLE):
        at = BEGIN + APART_S * number
        engine.on_crossing(
            Crossing(id=f"{number}", site="post", line="gate", direction="inbound", time=at, received_at=at)
        )
        advance(at)
        if number < SILENT:
            engine.on_record(row(number, at + 31.0))
            advance(at + 31.0)
    late = SILENT + np.random.default_rng(2).permutation(PEOPLE - SILENT)
    for turn, number in enumerate(late.tolist()):
        now = BACK + EACH_S * turn
        if number != LONELY:
            engine.on_record(row(number, now))
        advance(now)
    while (due := engine.next_due()) is not None and due < BACK + 86_400.0:
        advance(due)
    return [(now, who) for now, who in told if now >= BACK]  # the first of a silence are suspects: it may be they


def test_whoever_still_lacks_a_row_when_the_log_rests_is_told_of_and_nobody_before():
    told = filled(learn=False)
    assert [who for _, who in told] == [(str(LONELY),)]
    assert BACK + REST_S <= told[0][0] <= BACK + EACH_S * PEOPLE + 2 * REST_S


def test_a_gate_learns_nothing_from_a_log_that_is_half_filled_in():
    assert not [who for _, who in filled(learn=True) if who != (str(LONELY),)]
