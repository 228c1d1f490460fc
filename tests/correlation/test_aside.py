"""Lessons taken aside: the engine decides by what it knows meanwhile, and by what was learned once it is brought."""

import random

import pytest

from tapal_server.correlation.engine import Engine
from tapal_server.correlation.types import Crossing, Delay, Gate, Record, Site

KEYS = [("post", "left", "inbound"), ("post", "right", "outbound")]
GATES = tuple(Gate(line=line, direction=way, delay=Delay(typical_s=30)) for _, line, way in KEYS)
POST = Site(id="post", kind="checkpoint", checkpoint="P", gates=GATES)


def tell(engine: Engine, people: int, after_each=lambda _: None, *, first: int = 0) -> list:
    """Let people pass both gates and be recorded, one in fifteen of them not; returns what the engine says."""
    dice, said = random.Random(first), []
    for number in range(first, first + people):
        _, line, way = KEYS[number % 2]
        at = 40.0 * number
        engine.on_crossing(Crossing(id=f"c{number}", site="post", line=line, direction=way, time=at, received_at=at))
        said += engine.advance(at)
        after_each(engine)
        written = at + dice.uniform(8, 30)
        if number % 15:
            engine.on_record(Record(id=f"r{number}", checkpoint="P", direction=way, time=written, received_at=written))
        said += engine.advance(written)
        after_each(engine)
    return said


def bring_all(engine: Engine) -> None:
    while (taken := engine.aside.take(engine.now)) is not None:
        gate, lesson = taken
        engine.aside.bring(gate, lesson.learned(), engine.now)


def last_word(said: list) -> dict[str, float]:
    """What was last said of whom."""
    return {id_: one.alert.probability for one in said for id_ in one.alert.event_ids}


@pytest.fixture
def aside() -> Engine:
    engine = Engine([POST])
    engine.aside.begin()
    return engine


def learned_from(engine: Engine) -> list[float]:
    return [engine.params(*key).crossings for key in KEYS]


def test_nothing_is_learned_until_it_is_brought(aside):
    tell(aside, 130)
    assert learned_from(aside) == [0.0, 0.0]
    bring_all(aside)
    assert learned_from(aside) == [65.0, 65.0], "of all who passed until it was taken, not until it was due"
    assert aside.aside.take(aside.now) is None


def test_the_gate_that_waits_longest_is_first(aside):
    tell(aside, 120)
    first, _ = aside.aside.take(aside.now)
    second, _ = aside.aside.take(aside.now)
    assert [first, second] == KEYS


def test_what_is_brought_at_once_gives_what_is_learned_in_place(aside):
    place = Engine([POST])
    expected = last_word(tell(place, 400))
    assert last_word(tell(aside, 400, bring_all)) == pytest.approx(expected, abs=1e-4)
    assert len(expected) > 5, "those who are in no record"
    for key in KEYS:
        learned, known = aside.params(*key), place.params(*key)
        assert learned.believed[0] == pytest.approx(known.believed[0], rel=1e-4)


def test_a_gate_decides_by_what_it_knows_while_its_lesson_is_out(aside):
    tell(aside, 120)
    taken = [aside.aside.take(aside.now) for _ in KEYS]
    before = [aside.params(*key) for key in KEYS]
    said = tell(aside, 30, first=120)
    assert [aside.params(*key) for key in KEYS] == before
    for gate, lesson in taken:
        aside.aside.bring(gate, lesson.learned(), aside.now)
    said += aside.advance(aside.now + 3600)
    assert learned_from(aside) == [60.0, 60.0]
    assert set(last_word(said)) >= {"c120", "c135"}, "those without a record"


def test_who_waited_learns_in_place_when_lessons_are_no_longer_taken_aside(aside):
    tell(aside, 130)
    aside.aside.end()
    aside.advance(aside.now)
    assert learned_from(aside) == [65.0, 65.0]


def test_a_gate_whose_lesson_is_out_asks_for_the_next_when_that_is_due(aside):
    tell(aside, 120)
    out = [aside.aside.take(aside.now) for _ in KEYS]
    tell(aside, 40, first=120)
    for gate, lesson in out:
        aside.aside.bring(gate, lesson.learned(), aside.now)
    bring_all(aside)
    assert learned_from(aside) == [80.0, 80.0]


def test_gates_that_never_learn_wait_for_nothing():
    engine = Engine([Site(id="post", kind="checkpoint", checkpoint="P", gates=(
        Gate(line="left", direction="inbound", learn=False), Gate(line="right", direction="outbound", learn=False)
    ))])  # fmt: skip
    engine.aside.begin()
    tell(engine, 200)
    assert engine.aside.take(engine.now) is None
    engine.aside.end()
    engine.advance(engine.now)
    assert learned_from(engine) == [0.0, 0.0]
