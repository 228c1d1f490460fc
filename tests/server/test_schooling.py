"""Lessons beside the correlator's work: no alert waits for what a gate learns, and what it learns is used."""

import asyncio
from contextlib import asynccontextmanager
from dataclasses import replace

import pytest
from anyio import BrokenWorkerProcess

from tapal_server.correlation.params import Params, prior
from tapal_server.correlation.types import Gate
from tapal_server.live import schooling
from tapal_server.live.correlator import Correlator
from tapal_server.live.schooling import Schooling, Teacher
from tapal_server.paging import Paging
from tapal_server.parts import build_parts
from tapal_server.people.actor import SYSTEM
from tests.correlation.test_aside import KEYS, POST, learned_from, tell
from tests.server.edges import Edge
from tests.server.test_begin import eventually
from tests.support.patience import PATIENCE_S

GATE = ("tunon-taka", "gate", "inbound")


@pytest.fixture
def backend() -> str:
    """Who teaches does not depend on the database."""
    return "sqlite"


class Absent(Teacher):
    """A teacher who takes lessons and answers when told."""

    def __init__(self) -> None:
        super().__init__()
        self.asked, self.back = asyncio.Event(), asyncio.Event()

    async def learned(self, lesson) -> Params:
        self.asked.set()
        await self.back.wait()
        return replace(lesson.base, crossings=60.0)


class Present(Teacher):
    """A teacher of this process."""

    async def learned(self, lesson) -> Params:
        return lesson.learned()


class Failing(Teacher):
    """A teacher who cannot."""

    async def learned(self, lesson) -> Params:
        raise ArithmeticError(f"nothing can be learned from {len(lesson.sample.stretch.x)} crossings")


@asynccontextmanager
async def correlating(correlator: Correlator, teacher: Teacher):
    correlator._schooling = Schooling(teacher)
    task = asyncio.create_task(correlator.run())
    try:
        await eventually(lambda: correlator.running)
        yield
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


@pytest.fixture
def parts(settings, clock):
    parts = build_parts(settings, clock=clock)
    yield parts
    parts.database.close()


@pytest.fixture
def correlator(parts) -> Correlator:
    (one,) = parts.correlator.correlators.values()
    return one


def many_pass(parts, clock, count: int = 65) -> None:
    edge = Edge(site="tunon-taka", line="gate")
    parts.intake.take(edge.sent(*[edge.crossing(20.0 * number) for number in range(count)]))
    clock.move(20.0 * count)


def landings(parts) -> int:
    shown = parts.services.alerts.page(SYSTEM, Paging(size=500), sort="time").items
    return sum(alert.kind == "presence" for alert in shown)


async def test_an_alert_does_not_wait_for_a_lesson(parts, clock, correlator):
    teacher, edge = Absent(), Edge(node="jetty", site="bambangan", line="jetty")
    async with asyncio.timeout(PATIENCE_S), correlating(correlator, teacher):
        many_pass(parts, clock)
        await teacher.asked.wait()
        parts.intake.take(edge.sent(edge.crossing(1300)))
        await eventually(lambda: landings(parts) == 1)
        assert correlator.params(*GATE).crossings == 0.0
        teacher.back.set()
        await eventually(lambda: correlator.params(*GATE).crossings == 60.0)


async def test_a_gate_decides_by_what_another_process_learned(parts, clock, correlator, monkeypatch):
    monkeypatch.setattr(asyncio, "to_thread", only_steps(asyncio.to_thread))
    async with asyncio.timeout(PATIENCE_S), correlating(correlator, Teacher()):
        many_pass(parts, clock)
        await eventually(lambda: correlator.params(*GATE).crossings > 0.0)
        assert correlator.params(*GATE).crossings >= 60.0


def only_steps(to_thread):
    """Nothing is learned in a thread of this process."""

    def checked(function, *args):
        assert function.__name__ != "learned"
        return to_thread(function, *args)

    return checked


async def test_a_process_that_ends_costs_no_lesson(monkeypatch, caplog):
    async def ends(*_, **__):
        raise BrokenWorkerProcess

    monkeypatch.setattr(schooling.to_process, "run_sync", ends)
    engine = of_two_gates()
    _, lesson = engine.aside.take(engine.now)
    assert (await Teacher().learned(lesson)).crossings == 65.0
    assert "the process that learns has ended" in caplog.text


async def test_a_lesson_that_cannot_be_learned_is_not_passed_over():
    engine, school = of_two_gates(), Schooling(Failing())
    school.begin(engine)
    tell(engine, 12, first=130)
    school.take()
    rung = asyncio.Event()
    school.send(rung.set)
    await asyncio.wait_for(rung.wait(), PATIENCE_S)
    with pytest.raises(ArithmeticError, match="nothing can be learned from"):
        school.bring()


async def test_each_gate_has_its_turn_and_an_engine_of_before_hears_nothing():
    engine, school, rung = of_two_gates(), Schooling(Present()), asyncio.Event()
    school.begin(engine)
    engine.advance(engine.now)
    for learned in ([65.0, 0.0], [65.0, 65.0]):
        school.take()
        school.send(rung.set)
        await asyncio.wait_for(rung.wait(), PATIENCE_S)
        rung.clear()
        school.bring()
        assert learned_from(engine) == learned
    old, engine = engine, of_two_gates()
    tell(old, 40, first=130)
    school.take()
    school.send(rung.set)
    school.begin(engine)
    school.bring()
    assert (learned_from(old), learned_from(engine)) == ([65.0, 65.0], [0.0, 0.0])


def of_two_gates():
    engine = schooling.Engine([POST])
    engine.aside.begin()
    tell(engine, 130)
    return engine


def test_without_a_teacher_gates_learn_where_they_stand():
    engine = schooling.Engine([POST])
    Schooling(None).begin(engine)
    tell(engine, 130)
    assert learned_from(engine) == [60.0, 60.0]
    assert engine.params(*KEYS[0]) != prior(Gate(line="left", direction="inbound"))
