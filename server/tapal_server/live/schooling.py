"""Lessons of a correlator's gates, learned in a process of its own, so that no alert waits for what a gate learns."""

import asyncio
import contextlib
import logging
import os
from collections.abc import Callable

from anyio import BrokenWorkerProcess, CapacityLimiter, to_process

from tapal_server.correlation.engine import Engine, GateKey
from tapal_server.correlation.learn import Lesson
from tapal_server.correlation.params import Params

__all__ = ["Schooling", "Teacher"]

log = logging.getLogger(__name__)

_LEAST_NICE = 19


class Teacher:
    """Teaches one lesson after the other, for all correlators of a server, when nobody else wants the processor."""

    def __init__(self) -> None:
        self._one = CapacityLimiter(1)

    async def learned(self, lesson: Lesson) -> Params:
        """Return what a lesson teaches; without another process to be had it is learned in this one."""
        try:
            return await to_process.run_sync(_learned, lesson, cancellable=True, limiter=self._one)
        except BrokenWorkerProcess as error:
            log.warning("the process that learns has ended (%s); this lesson is learned in the server's own", error)
            return await asyncio.to_thread(lesson.learned)


def _learned(lesson: Lesson) -> Params:
    with contextlib.suppress(OSError):  # where that is not allowed, it learns at the priority of all
        os.nice(_LEAST_NICE)
    return lesson.learned()


class Schooling:
    """One engine's lessons: one is out at a time, and what it taught is brought back between two looks.

    Without a teacher gates learn where they stand.
    """

    def __init__(self, teacher: Teacher | None) -> None:
        self._teacher = teacher
        self._engine: Engine | None = None
        self._out: tuple[GateKey, Lesson] | None = None
        self._learning: asyncio.Task[Params] | None = None

    def begin(self, engine: Engine) -> None:
        """Take this engine's lessons aside from now on; whatever another one's was out is not wanted any more."""
        self.end()
        if self._teacher is not None:
            engine.aside.begin()
            self._engine = engine

    def end(self) -> None:
        """Let go of a lesson that is out."""
        if self._learning is not None:
            self._learning.cancel()
        self._engine = self._out = self._learning = None

    def bring(self) -> None:
        """Bring back what was learned; called by whoever may touch the engine.

        Raises:
            Exception: whatever learning failed with.
        """
        if self._engine is not None and self._out is not None and self._learning is not None and self._learning.done():
            (gate, _), params = self._out, self._learning.result()
            self._out = self._learning = None
            self._engine.aside.bring(gate, params, self._engine.now)

    def take(self) -> None:
        """Take out the next lesson if none is out; called by whoever may touch the engine."""
        if self._engine is not None and self._out is None:
            self._out = self._engine.aside.take(self._engine.now)

    def send(self, ring: Callable[[], None]) -> None:
        """Have the lesson that was taken out learned, in this event loop; it rings when that is done."""
        if self._teacher is not None and self._out is not None and self._learning is None:
            self._learning = asyncio.create_task(self._teacher.learned(self._out[1]), name="a gate's lesson")
            self._learning.add_done_callback(lambda _: ring())
