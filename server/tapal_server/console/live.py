"""One subscription to the server's events for all open pages of this process."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence

from nicegui import Client, background_tasks

from tapal_server.console.ports import AlertRow, Desk, Person

log = logging.getLogger(__name__)
Listener = Callable[[], Awaitable[None]]


class Live:
    """Tells open pages that something changed, at most once in `pause_s`, and reads each list once for all of them."""

    def __init__(self, desk: Desk, *, pause_s: float = 0.3) -> None:
        self._desk = desk
        self._pause_s = pause_s
        self._listeners: dict[str, Listener] = {}
        self._changed = asyncio.Event()
        self._lists: dict[str, asyncio.Task[Sequence[AlertRow]]] = {}

    async def run(self) -> None:
        """Pass changes on until cancelled."""
        loop = asyncio.get_running_loop()

        def wake() -> None:
            if not loop.is_closed():
                loop.call_soon_threadsafe(self._changed.set)

        unsubscribe = self._desk.subscribe(wake)
        try:
            while True:
                await self._changed.wait()
                self._changed.clear()
                self._lists.clear()
                await asyncio.gather(*(self._tell(key) for key in list(self._listeners)))
                await asyncio.sleep(self._pause_s)
        finally:
            unsubscribe()

    def listen(self, client: Client, listener: Listener) -> None:
        """Call the listener after each change for as long as the page lives."""
        key = f"{client.id}:{len(self._listeners)}"

        async def within() -> None:
            with client:
                await listener()

        self._listeners[key] = within
        client.on_delete(lambda: self._listeners.pop(key, None))

    def changed(self) -> None:
        """Say that something changed; for what this process did itself."""
        self._changed.set()

    async def duty_alerts(self, person: Person) -> Sequence[AlertRow]:
        """The open alerts a person sees, read once for all who see the same."""
        key = person.scope
        task = self._lists.get(key)
        if task is None:
            task = background_tasks.create(
                asyncio.to_thread(self._desk.duty_alerts, person), name="console: read alerts"
            )
            self._lists[key] = task
        return await asyncio.shield(task)

    async def _tell(self, key: str) -> None:
        listener = self._listeners.get(key)
        if listener is None:
            return
        try:
            await listener()
        except Exception:  # one page that fails must not keep the others from updating
            log.exception("a console page could not update")
