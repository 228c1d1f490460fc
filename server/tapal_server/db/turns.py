"""A lock whose waiters get it in the order in which they came."""

import threading
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager

__all__ = ["Turns"]


class Turns:
    """Who writes next to a database that takes one writer at a time.

    SQLite lets whoever meets another writer sleep and look again, up to a tenth of a second later: where one thread
    writes again and again, another finds it writing for seconds. A lock of Python's would not be fair either, as who
    gives it back and asks again at once has it before the one who was woken.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._taken = False
        self._waiting: deque[threading.Event] = deque()

    @contextmanager
    def one(self, longest_s: float) -> Iterator[None]:
        """Hold it for the length of the block; after so long a wait the block begins all the same."""
        mine = self._take(longest_s)
        try:
            yield
        finally:
            if mine:
                self._give()

    def _take(self, longest_s: float) -> bool:
        turn = threading.Event()
        with self._lock:
            if not self._taken:
                self._taken = True
                return True
            self._waiting.append(turn)
        if turn.wait(longest_s):
            return True
        with self._lock:
            if turn.is_set():  # it was given in the last moment
                return True
            self._waiting.remove(turn)
            return False

    def _give(self) -> None:
        with self._lock:
            if self._waiting:
                self._waiting.popleft().set()
            else:
                self._taken = False
