"""What happened inside the server, told to whoever listens in this process.

The bus carries hints, never the only copy: everything it tells is in the database, so a listener that falls behind
loses nothing but speed.
"""

import asyncio
import logging
import threading
from collections import deque
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime

__all__ = [
    "AlertChanged",
    "AlertRaised",
    "Bell",
    "Bus",
    "CameraPictured",
    "ClipChanged",
    "CommandAnswered",
    "CommandIssued",
    "EventsStored",
    "MediaStored",
    "NodeSeen",
    "PassagesStored",
    "RolloutChanged",
    "ScheduleChanged",
    "ServerEvent",
]

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class AlertRaised:
    """A new alert exists."""

    alert_id: str
    site: str
    kind: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AlertChanged:
    """An alert has another state, probability, note or owner."""

    alert_id: str
    site: str
    action: str


@dataclass(frozen=True, slots=True, kw_only=True)
class NodeSeen:
    """A node said something about itself."""

    node: str
    site: str
    status: str
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class EventsStored:
    """Messages of edges were committed; where no sites are named, of any."""

    count: int
    sites: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class MediaStored:
    """A picture was stored."""

    event_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PassagesStored:
    """Records of the passage log were committed, changed or withdrawn; where no checkpoints are named, of any."""

    source: str
    count: int
    checkpoints: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ScheduleChanged:
    """A planned movement or a voyage was entered, changed or cancelled."""

    site: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RolloutChanged:
    """A roll-out of a model began, came further, or ended."""

    rollout_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CommandIssued:
    """Something is asked of a node."""

    command_id: str
    node: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CommandAnswered:
    """A node said what became of a command."""

    command_id: str
    node: str
    camera: str
    state: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CameraPictured:
    """A picture that was asked for has come."""

    node: str
    camera: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ClipChanged:
    """The film of an event was asked for, came further, or cannot be had."""

    event_id: str


ServerEvent = (
    AlertRaised
    | AlertChanged
    | NodeSeen
    | EventsStored
    | MediaStored
    | PassagesStored
    | ScheduleChanged
    | RolloutChanged
    | CommandIssued
    | CommandAnswered
    | CameraPictured
    | ClipChanged
)
Listener = Callable[[ServerEvent], None]


class Bell:
    """Rings in one event loop when something was published. Use :meth:`Bus.bell`."""

    def __init__(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._rung = asyncio.Event()

    def ring(self) -> None:
        """Wake whoever waits, or let them not wait at all when they come; from any thread."""
        if not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._rung.set)

    async def wait(self, longest_s: float | None) -> None:
        """Return when it has rung since the last return, or after so long; what rings from then on counts anew."""
        try:
            async with asyncio.timeout(longest_s):
                await self._rung.wait()
        except TimeoutError:
            return
        finally:
            self._rung.clear()


class Bus:
    """Tells every listener of this process; safe to publish from any thread."""

    def __init__(self) -> None:
        self._listeners: dict[int, Listener] = {}
        self._next = 0
        self._lock = threading.Lock()

    def publish(self, *events: ServerEvent) -> None:
        """Tell the listeners; one that fails is logged and does not stop the others."""
        with self._lock:
            listeners = list(self._listeners.values())
        for event in events:
            for listener in listeners:
                try:
                    listener(event)
                except Exception:  # one bad listener must not stop the others
                    log.exception("a listener failed on %s", type(event).__name__)

    def subscribe(self, listener: Listener) -> Callable[[], None]:
        """Call the listener, in the publisher's thread, until the function given back is called."""
        with self._lock:
            key, self._next = self._next, self._next + 1
            self._listeners[key] = listener

        def unsubscribe() -> None:
            with self._lock:
                self._listeners.pop(key, None)

        return unsubscribe

    @contextmanager
    def listening(self, listener: Listener) -> Iterator[None]:
        """Call the listener for as long as the context lasts."""
        unsubscribe = self.subscribe(listener)
        try:
            yield
        finally:
            unsubscribe()

    @contextmanager
    def bell(self, rings: Callable[[ServerEvent], bool]) -> Iterator[Bell]:
        """For tasks that look by themselves every now and then, and at once after events of some kind."""
        bell = Bell()

        def hear(event: ServerEvent) -> None:
            if rings(event):
                bell.ring()

        with self.listening(hear):
            yield bell

    @contextmanager
    def stream(self, *, longest: int = 1000) -> Iterator[AsyncIterator[ServerEvent]]:
        """An async iterator of what is published from now on, in the running event loop.

        A reader that falls `longest` events behind loses the oldest; reload from the services then and when starting.
        """
        loop = asyncio.get_running_loop()
        waiting: deque[ServerEvent] = deque(maxlen=longest)
        wake = asyncio.Event()

        def arrive(event: ServerEvent) -> None:
            waiting.append(event)
            if not loop.is_closed():
                loop.call_soon_threadsafe(wake.set)

        async def events() -> AsyncIterator[ServerEvent]:
            while True:
                await wake.wait()
                wake.clear()
                while waiting:
                    yield waiting.popleft()

        with self.listening(arrive):
            yield events()
