"""Lessons taken aside: what gates have to learn is asked for, learned elsewhere, and brought back."""

from collections.abc import Mapping

from tapal_server.correlation.agenda import NEVER
from tapal_server.correlation.desk import Desk, GateKey
from tapal_server.correlation.learn import Lesson
from tapal_server.correlation.params import Params
from tapal_server.correlation.turns import Turns


class Aside:
    """The gates that wait for a lesson, the longest waiting first.

    A lesson takes the time of a thousand decisions, and nobody who waits for an alert wants to wait for it. By default
    each gate learns where it stands, as a replay does; :meth:`begin` changes that.
    """

    def __init__(self, desks: Mapping[GateKey, Desk], turns: Turns) -> None:
        self._desks = desks
        self._turns = turns
        self._waiting: dict[GateKey, None] = {}

    def begin(self) -> None:
        """Learn nothing from now on but by `take` and `bring`."""
        self._let(self._waiting)

    def end(self) -> None:
        """Let each gate learn where it stands again; who waited does so next."""
        self._let(None)

    def _let(self, waiting: dict[GateKey, None] | None) -> None:
        self._waiting.clear()
        for desk in self._desks.values():
            desk.waiting = waiting
            if desk.pool.lesson_at == NEVER:
                desk.pool.learn_soon()
                self._turns.soon(desk)

    def take(self, now: float) -> tuple[GateKey, Lesson] | None:
        """Return what the gate has to learn that waits longest; None where nobody waits."""
        key = next(iter(self._waiting), None)
        if key is None:
            return None
        del self._waiting[key]
        desk = self._desks[key]
        lesson = desk.pool.lesson(now)
        self._turns.soon(desk)
        return key, lesson

    def bring(self, gate: GateKey, params: Params, now: float) -> None:
        """Decide at a gate by what its lesson taught; what follows is in the engine's next `advance`."""
        desk = self._desks[gate]
        desk.learned(params, now)
        self._turns.soon(desk)
