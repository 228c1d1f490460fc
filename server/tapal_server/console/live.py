"""One subscription to the server's events for all open pages of this process."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar

from nicegui import Client, background_tasks

from tapal_server.alerts.tally import Tally
from tapal_server.console.i18n import Words
from tapal_server.console.markup import Html
from tapal_server.console.ports import AlertRow, Desk, Person, Topic
from tapal_server.console.views.cards import card

log = logging.getLogger(__name__)
MOST_KNOWN = 2000
_LEAST_PAUSE_S = 0.05
_SUMS_AFTER_S = 1.0
"""The numbers of a shift follow a change of its alerts so late: they take a look at all of them."""
Read = TypeVar("Read")
Listener = Callable[[], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Ear:
    """A page that listens."""

    client: Client
    topic: Topic
    listener: Listener


class Live:
    """Tells open pages that something changed, and reads each list once for all of them.

    Between two rounds it rests twice as long as the last one took, at most `pause_s`: where few look on a page is
    current at once, and where many do, what changed meanwhile is told together.
    """

    def __init__(self, desk: Desk, *, pause_s: float = 0.3) -> None:
        self._desk = desk
        self._pause_s = pause_s
        self._ears: dict[int, Ear] = {}
        self._next = 0
        self._wake = asyncio.Event()
        self._changed: set[Topic] = set()
        self._summing: asyncio.TimerHandle | None = None
        self._lists: dict[str, asyncio.Task[Any]] = {}
        self._known: dict[str, AlertRow] = {}
        self._cards: dict[tuple[str, str, bool], tuple[AlertRow, Html]] = {}

    async def run(self) -> None:
        """Pass changes on until cancelled."""
        loop = asyncio.get_running_loop()

        def hear(topic: Topic) -> None:
            if not loop.is_closed():
                loop.call_soon_threadsafe(self.changed, topic)

        unsubscribe = self._desk.subscribe(hear)
        try:
            while True:
                await self._wake.wait()
                began = loop.time()
                self._wake.clear()
                topics, self._changed = self._changed, set()
                if "alerts" in topics:
                    self._lists.clear()
                    self._summing = self._summing or loop.call_later(_SUMS_AFTER_S, self._sum_up)
                await asyncio.gather(*(self._tell(ear) for ear in list(self._ears.values()) if ear.topic in topics))
                await asyncio.sleep(min(max(_LEAST_PAUSE_S, 2 * (loop.time() - began)), self._pause_s))
        finally:
            unsubscribe()
            if self._summing is not None:
                self._summing.cancel()

    def _sum_up(self) -> None:
        self._summing = None
        self.changed("shift")

    def listen(self, client: Client, listener: Listener, *, topic: Topic = "alerts") -> None:
        """Call the listener after each change of the topic for as long as the page lives."""
        key, self._next = self._next, self._next + 1
        self._ears[key] = Ear(client, topic, listener)
        client.on_delete(lambda: self._ears.pop(key, None))

    def changed(self, topic: Topic = "alerts") -> None:
        """Say that something changed; from this loop only."""
        self._changed.add(topic)
        self._wake.set()

    async def duty_alerts(self, person: Person) -> Sequence[AlertRow]:
        """The open alerts a person sees, read once for all who see the same."""
        return await self._once(person.scope, self._unchanged, person)

    def _unchanged(self, person: Person) -> Sequence[AlertRow]:
        """The open alerts; one that did not change is the same object as before, which pages see at a glance."""
        rows = [self._same(row) for row in self._desk.duty_alerts(person)]
        self._known = (self._known if len(self._known) < MOST_KNOWN else {}) | {row.id: row for row in rows}
        return rows

    def _same(self, row: AlertRow) -> AlertRow:
        before = self._known.get(row.id)
        return before if before is not None and before == row else row

    def card(self, alert: AlertRow, words: Words, *, may_judge: bool) -> Html:
        """The card of an alert, made once for all pages that show it alike."""
        key = (alert.id, words.language, may_judge)
        made = self._cards.get(key)
        if made is None or made[0] is not alert:
            if len(self._cards) >= MOST_KNOWN:
                self._cards.clear()
            made = self._cards[key] = (alert, card(alert, words, may_judge=may_judge))
        return made[1]

    async def unfinished(self, person: Person) -> int:
        """How many alerts wait or are being handled, counted once for all who see the same."""
        return await self._once(f"{person.scope} unfinished", self._desk.unfinished, person)

    async def tally(self, person: Person, since: datetime) -> Tally:
        """The alerts raised since then in numbers, counted once for all who see the same."""
        return await self._once(f"{person.scope} since {since.isoformat()}", self._desk.tally, person, since)

    async def _once(self, key: str, read: Callable[..., Read], *args: object) -> Read:
        task: asyncio.Task[Read] | None = self._lists.get(key)
        if task is None or (task.done() and task.exception() is not None):
            reading = asyncio.to_thread(read, *args)
            task = self._lists[key] = background_tasks.create(reading, name="console: read alerts")
        return await asyncio.shield(task)

    async def _tell(self, ear: Ear) -> None:
        try:
            with ear.client:
                await ear.listener()
        except Exception:  # one page that fails must not keep the others from updating
            log.exception("a console page could not update")
