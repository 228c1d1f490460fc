"""Which share of the sites is made ready next, when a server begins."""

import asyncio
import heapq
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

__all__ = ["Beginning"]


class Beginning:
    """One share after the other, so that the first is live at once and nobody who takes in events waits for a thread.

    All at once would share the one interpreter, and each be ready at the end only.
    """

    def __init__(self) -> None:
        self._busy = False
        self._waiting: list[tuple[float, int, asyncio.Event]] = []
        self._count = 0

    @asynccontextmanager
    async def turn(self, rank: float) -> AsyncIterator[None]:
        """Wait until nobody else begins and nobody of a lower rank waits."""
        await self._take(rank)
        try:
            yield
        finally:
            self._give()

    async def _take(self, rank: float) -> None:
        if not self._busy:
            self._busy = True
            return
        called = asyncio.Event()
        self._count += 1
        waits = (rank, self._count, called)
        heapq.heappush(self._waiting, waits)
        try:
            await called.wait()
        except asyncio.CancelledError:
            if called.is_set():
                self._give()
            else:
                self._waiting.remove(waits)
                heapq.heapify(self._waiting)
            raise

    def _give(self) -> None:
        if self._waiting:
            heapq.heappop(self._waiting)[2].set()
        else:
            self._busy = False
