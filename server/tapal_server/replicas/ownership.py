"""Which replica does what only one may do at a time."""

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any, Protocol

__all__ = ["Alone", "Ownership", "Work"]

Work = Callable[[], Coroutine[Any, Any, None]]


class Ownership(Protocol):
    """Deals out duties among the servers of one database."""

    def owns(self, duty: str) -> bool:
        """Whether this server does it now, as far as it knows."""

    async def keep(self, duty: str, work: Work) -> None:
        """Do the work whenever the duty is this server's, until cancelled."""

    async def run(self) -> None:
        """Take part until cancelled."""


class Alone:
    """One server on one SQLite file: every duty is its own."""

    def owns(self, duty: str) -> bool:  # noqa: ARG002 - all of them
        """Whether this server does it now."""
        return True

    async def keep(self, duty: str, work: Work) -> None:  # noqa: ARG002 - all of them
        """Do the work."""
        await work()

    async def run(self) -> None:
        """Nobody to agree with."""
        await asyncio.Event().wait()
