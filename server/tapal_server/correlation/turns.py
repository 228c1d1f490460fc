"""Whose turn it is: the gates of an engine by when they have something to decide."""

import heapq
from collections.abc import Mapping

from tapal_server.correlation.agenda import NEVER
from tapal_server.correlation.desk import Desk, GateKey


class Turns:
    """Gates by time. A gate may stand here more than once; only its own `turn` counts."""

    def __init__(self, desks: Mapping[GateKey, Desk]) -> None:
        self._desks = desks
        self._agenda: list[tuple[float, GateKey]] = []

    @property
    def next(self) -> float:
        """When the next gate has something to decide; infinite when none has."""
        return self._agenda[0][0] if self._agenda else NEVER

    def soon(self, desk: Desk) -> None:
        """Put a gate down for the time when it has something to decide, unless it is there already."""
        due = desk.due
        if due < desk.turn:
            desk.turn = due
            heapq.heappush(self._agenda, (due, desk.key))

    def called(self, now: float) -> list[Desk]:
        """Take off the gates whose turn has come."""
        agenda, due = self._agenda, []
        while agenda and agenda[0][0] <= now:
            at, key = heapq.heappop(agenda)
            desk = self._desks[key]
            if at == desk.turn:  # else it was called earlier
                due.append(desk)
                desk.turn = NEVER
        return due
