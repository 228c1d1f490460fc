"""What one server tells its listeners is told to those of the others too, through PostgreSQL's LISTEN and NOTIFY.

These are hints (see `events.Bus`): whatever they tell is in the database, and every listener looks there by itself now
and then, so that one that is lost costs seconds and nothing else.
"""

import asyncio
import json
import logging
import random
from collections.abc import Iterable, Iterator
from dataclasses import asdict, replace
from typing import Any, get_args

from psycopg import AsyncConnection, Error
from pydantic import TypeAdapter
from sqlalchemy.engine import URL

from tapal_contract.ids import new_id
from tapal_server.events import AlertChanged, Bus, EventsStored, PassagesStored, ScheduleChanged, ServerEvent
from tapal_server.replicas.elected import connection_to

__all__ = ["Relay", "pack", "unpack"]

log = logging.getLogger(__name__)

_CHANNEL = "tapal_hints"
_GATHER_S = 0.05
_MOST_BYTES = 7000  # PostgreSQL takes 8,000 in a message
_LONGEST_LINE = 2000
_MOST_WAITING = 10_000
_AGAIN_AFTER_S = 2.0
_KINDS: dict[str, TypeAdapter[ServerEvent]] = {kind.__name__: TypeAdapter(kind) for kind in get_args(ServerEvent)}
# After a time without ears: look at everything once.
_MISSED: tuple[ServerEvent, ...] = (
    EventsStored(count=0),
    PassagesStored(source="", count=0),
    ScheduleChanged(site=""),
    AlertChanged(alert_id="", site="", action="missed"),
)


class Relay:
    """One task that passes hints on, both ways."""

    def __init__(self, url: URL, bus: Bus) -> None:
        self._url = url
        self._bus = bus
        self._name = new_id()
        self._waiting: dict[str, None] = {}  # each hint once, however often it was given
        self._repeated: ServerEvent | None = None
        self._news = asyncio.Event()

    async def run(self) -> None:
        """Pass on until cancelled."""
        loop = asyncio.get_running_loop()

        def hear(event: ServerEvent) -> None:
            if event is not self._repeated:
                loop.call_soon_threadsafe(self._note, event)

        with self._bus.listening(hear):
            while True:
                try:
                    async with connection_to(self._url) as ears, connection_to(self._url) as mouth:
                        await ears.execute(f"LISTEN {_CHANNEL}")
                        self._tell(_MISSED)
                        async with asyncio.TaskGroup() as tasks:
                            tasks.create_task(self._listen(ears), name="hints of other replicas")
                            tasks.create_task(self._speak(mouth), name="hints for other replicas")
                except* (Error, OSError) as errors:
                    log.warning("no hints from other replicas for a moment: %s", errors.exceptions[0])
                await asyncio.sleep(_AGAIN_AFTER_S * random.uniform(0.5, 1.5))  # noqa: S311 - spreads, keeps no secret

    def _note(self, event: ServerEvent) -> None:
        if len(self._waiting) < _MOST_WAITING:
            self._waiting[pack(event)] = None
            self._news.set()

    async def _speak(self, mouth: AsyncConnection) -> None:
        while True:
            await self._news.wait()
            await asyncio.sleep(_GATHER_S)
            self._news.clear()
            lines, self._waiting = list(self._waiting), {}
            for message in _messages(self._name, lines):
                await mouth.execute("SELECT pg_notify(%s, %s)", (_CHANNEL, message))

    async def _listen(self, ears: AsyncConnection) -> None:
        async for notice in ears.notifies():
            sender, *lines = notice.payload.split("\n")
            if sender != self._name:
                self._tell(event for event in map(unpack, lines) if event is not None)

    def _tell(self, events: Iterable[ServerEvent]) -> None:
        for event in events:
            self._repeated = event
            try:
                self._bus.publish(event)
            finally:
                self._repeated = None


def _anywhere(event: ServerEvent) -> ServerEvent:
    """The same hint without its many places."""
    if isinstance(event, EventsStored):
        return replace(event, sites=())
    return replace(event, checkpoints=()) if isinstance(event, PassagesStored) else event


def pack(event: ServerEvent) -> str:
    """A hint as one line; one of many places names none."""
    data: dict[str, Any] = asdict(event)
    line = json.dumps([type(event).__name__, data], default=str)
    return line if len(line) <= _LONGEST_LINE or event == _anywhere(event) else pack(_anywhere(event))


def unpack(line: str) -> ServerEvent | None:
    """The hint of a line; None for one of a newer version, which this one cannot know."""
    try:
        name, data = json.loads(line)
        return _KINDS[name].validate_python(data)
    except (KeyError, ValueError, TypeError):
        log.info("a hint of another version was passed over: %.80s", line)
        return None


def _messages(sender: str, lines: Iterable[str]) -> Iterator[str]:
    message = sender
    for line in lines:
        if len(message) + len(line) + 1 > _MOST_BYTES and message != sender:
            yield message
            message = sender
        message = f"{message}\n{line}"
    if message != sender:
        yield message
