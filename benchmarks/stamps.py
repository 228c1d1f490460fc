"""The server with a watch on each step between a message and an open page; for `benchmarks.shown --steps`.

python -m benchmarks.stamps FILE server run --config server.yaml

Runs the command line as it is, and writes to FILE, as lines of JSON, when each crossing of a site `post-...` came to
each step, and what kept others waiting: the garbage collector, and each step of the correlator, the intake and the
event loop that took longer than 50 ms.
"""

import asyncio
import functools
import gc
import inspect
import json
import sys
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from itertools import pairwise
from pathlib import Path
from typing import Any

import uvicorn
from nicegui.outbox import Outbox

from tapal.cli import main as tapal
from tapal_server.console.live import Live
from tapal_server.correlation.engine import Engine
from tapal_server.correlation.pool import Pool
from tapal_server.db.database import Database
from tapal_server.db.turns import Turns
from tapal_server.ingest.intake import Intake
from tapal_server.ingest.wire import Wire
from tapal_server.live import correlator
from tapal_server.live.correlator import Correlator

LONG_S = 0.05
SLOWEST = 8
STEPS = ("received", "taken", "stored", "read", "decided", "committed", "told", "listed", "drawn", "sent")


def spread(seconds: Sequence[float]) -> dict[str, float]:
    """Median, 95 and 99 percent, and the longest."""
    ranked = sorted(seconds)
    if not ranked:
        return {}
    points = {"median": 0.5, "95_percent": 0.95, "99_percent": 0.99}
    found = {name: ranked[min(int(len(ranked) * share), len(ranked) - 1)] for name, share in points.items()}
    return {name: round(value, 3) for name, value in (found | {"longest": ranked[-1]}).items()}


def steps(path: Path, landed: Mapping[str, float], shown: Mapping[str, float]) -> dict[str, Any]:
    """How long each step took, for all and for the slowest of all, and what else took long."""
    at: dict[str, dict[str, float]] = {event: {"published": when} for event, when in landed.items()}
    others: dict[str, list[float]] = {}
    writers: dict[str, list[tuple[float, float]]] = {}
    first, last = min(landed.values()), max(landed.values())
    for line in path.read_text(encoding="utf-8").splitlines():
        one = json.loads(line)
        meanwhile = first <= one["at"] <= last
        if "wrote" in one and meanwhile:
            writers.setdefault(one["wrote"], []).append((one["took"], one["cpu"]))
        elif "long" in one and meanwhile:
            others.setdefault(one["long"], []).append(one["took"])
        elif one.get("event") in at:
            at[one["event"]].setdefault(one["step"], one["at"])
    for event, when in shown.items():
        at[event]["arrived"] = when
    names = ("published", *STEPS, "arrived")
    waits = {
        event: {step: round(of[step] - of[before], 3) for before, step in pairwise(n for n in names if n in of)}
        for event, of in at.items()
        if event in shown
    }
    slowest = sorted(shown, key=lambda event: landed[event] - shown[event])[:SLOWEST]
    return {
        "each": {step: spread([of[step] for of in waits.values() if step in of]) for step in names[1:]},
        "slowest": [waits[event] for event in slowest],
        "writers": {who: _shares(took, shown) for who, took in sorted(writers.items())},
        "longer_than_50_ms": {what: {"times": len(took), **spread(took)} for what, took in sorted(others.items())},
    }


def _shares(took: Sequence[tuple[float, float]], shown: Mapping[str, float]) -> dict[str, Any]:
    """Of the time between the first and the last who was shown: how much one writer wrote, and of a processor."""
    lasted = max(shown.values()) - min(shown.values())
    walls = [wall for wall, _ in took]
    shares = {"share": sum(walls) / lasted, "cores": sum(cpu for _, cpu in took) / lasted}
    return {"times": len(took)} | {name: round(share, 3) for name, share in shares.items()} | spread(walls)


class Watch:
    """Writes stamps; from any thread."""

    def __init__(self, path: Path) -> None:
        self._file = path.open("w", encoding="utf-8")
        self._lock = threading.Lock()
        self.pending: dict[str, str] = {}

    def write(self, **values: Any) -> None:
        """One line."""
        with self._lock:
            self._file.write(json.dumps(values) + "\n")
            self._file.flush()

    def step(self, step: str, events: Iterable[str]) -> None:
        """These crossings came to a step."""
        now = time.time()
        for event in events:
            self.write(step=step, event=event, at=now)

    def move(self, step: str, source: str) -> None:
        """All crossings that came to the one step came to the next."""
        events = [event for event, at in list(self.pending.items()) if at == source]
        self.pending |= dict.fromkeys(events, step)
        self.step(step, events)

    def long(self, what: str, began: float, **values: Any) -> None:
        """Say what took long."""
        took = time.perf_counter() - began
        if took > LONG_S:
            self.write(long=what, took=round(took, 4), at=time.time(), **values)


def _landed(payload: bytes) -> str | None:
    if b'"site":"post-' not in payload and b'"site": "post-' not in payload:
        return None
    return str(json.loads(payload)["id"])


def _wrap(owner: Any, name: str, make: Callable[[Any], Any]) -> None:
    before = getattr(owner, name)
    setattr(owner, name, functools.wraps(before)(make(before)))


def timed(watch: Watch, owner: Any, name: str) -> None:
    """Say when a call takes long."""

    def make(before: Any) -> Any:
        def call(*args: Any, **kwargs: Any) -> Any:
            began, used = time.perf_counter(), time.thread_time()
            try:
                return before(*args, **kwargs)
            finally:
                watch.long(f"{owner.__name__}.{name}", began, cpu=round(time.thread_time() - used, 4))

        return call

    _wrap(owner, name, make)


def _watch_intake(watch: Watch) -> None:
    def receive(before: Any) -> Any:
        def take(self: Wire, kind: int, body: bytes) -> bytes:
            # The number of a packet may hold a brace, too.
            event = _landed(body[body.find(b'{"') :]) if b"post-" in body else None
            if event:
                watch.step("received", [event])
            return bytes(before(self, kind, body))

        return take

    def intake(before: Any) -> Any:
        def take(self: Intake, batch: Any, **rest: Any) -> Any:
            events = [event for one in batch if b"post-" in one.payload and (event := _landed(one.payload))]
            watch.step("taken", events)
            began = time.perf_counter()
            answers = before(self, batch, **rest)
            watch.long("Intake.take", began, count=len(batch))
            watch.step("stored", events)
            return answers

        return take

    _wrap(Wire, "_take", receive)
    _wrap(Intake, "take", intake)


def _watch_correlator(watch: Watch) -> None:
    def reading(before: Any) -> Any:
        def read(*args: Any, **kwargs: Any) -> Any:
            began = time.perf_counter()
            arrivals = before(*args, **kwargs)
            watch.long("read_arrivals", began, count=len(arrivals.items))
            events = [one.id for one in arrivals.items if getattr(one, "site", "").startswith("post-")]
            watch.step("read", events)
            return arrivals

        return read

    def feeding(before: Any) -> Any:
        def feed(self: Correlator, engine: Engine, arrivals: Any) -> Any:
            began, used = time.perf_counter(), time.thread_time()
            changes = before(self, engine, arrivals)
            used = time.thread_time() - used
            watch.long("Correlator._feed", began, count=len(arrivals.items), changes=len(changes), cpu=round(used, 4))
            watch.step("decided", _of(changes))
            return changes

        return feed

    def committing(before: Any) -> Any:
        def commit(self: Correlator, engine: Engine, arrivals: Any, changes: Any) -> Any:
            began = time.perf_counter()
            left = before(self, engine, arrivals, changes)
            watch.long("Correlator._commit", began, changes=len(changes))
            watch.step("committed", _of(changes))
            watch.pending |= dict.fromkeys(_of(changes), "committed")
            return left

        return commit

    def _of(changes: Any) -> list[str]:
        return [event for one in changes if one.alert.kind == "presence" for event in one.alert.event_ids]

    _wrap(correlator, "read_arrivals", reading)
    _wrap(Correlator, "_feed", feeding)
    _wrap(Correlator, "_commit", committing)
    for owner, name in ((Pool, "take_in"), (Correlator, "_report"), (Correlator, "_keep"), (Engine, "take_beliefs")):
        timed(watch, owner, name)


def _watch_console(watch: Watch) -> None:
    def telling(before: Any) -> Any:
        async def tell(self: Live, ear: Any) -> None:
            if ear.topic == "alerts":
                watch.move("told", "committed")
            began = time.perf_counter()
            await before(self, ear)
            watch.long("Live._tell", began, topic=ear.topic)
            if ear.topic == "alerts":
                watch.move("drawn", "listed")

        return tell

    def listing(before: Any) -> Any:
        async def list_(self: Live, person: Any) -> Any:
            began = time.perf_counter()
            rows = await before(self, person)
            watch.long("Live.duty_alerts", began, count=len(rows))
            watch.move("listed", "told")
            return rows

        return list_

    def sending(before: Any) -> Any:
        async def emit(self: Outbox, message: Any) -> None:
            await before(self, message)
            if message[1] == "update":
                watch.move("sent", "drawn")

        return emit

    _wrap(Live, "_tell", telling)
    _wrap(Live, "duty_alerts", listing)
    _wrap(Outbox, "_emit", sending)


def _watch_writers(watch: Watch) -> None:
    """Say who wrote to the database for how long, the wait for it not counted."""

    def writing(before: Any) -> Any:
        @contextmanager
        def write(self: Database) -> Iterator[Any]:
            frame = inspect.currentframe()
            while frame is not None and Path(frame.f_code.co_filename).name in {"contextlib.py", Path(__file__).name}:
                frame = frame.f_back
            assert frame is not None, "somebody writes"
            who = f"{Path(frame.f_code.co_filename).stem}.{frame.f_code.co_name}"
            with before(self) as session:
                began, used = time.perf_counter(), time.thread_time()
                yield session
            took, cpu = time.perf_counter() - began, time.thread_time() - used
            watch.write(wrote=who, took=round(took, 4), cpu=round(cpu, 4), at=time.time())

        return write

    _wrap(Database, "write", writing)


def _watch_pauses(watch: Watch) -> None:
    began = 0.0

    def collect(phase: str, info: dict[str, int]) -> None:
        nonlocal began
        if phase == "start":
            began = time.perf_counter()
        else:
            watch.long("gc", began, generation=info["generation"])

    async def ticking() -> None:
        while True:
            begun = time.perf_counter()
            await asyncio.sleep(0.01)
            watch.long("event loop", begun)

    def starting(before: Any) -> Any:
        async def startup(self: Any, sockets: Any = None) -> None:
            await before(self, sockets)
            self.ticking = asyncio.create_task(ticking())

        return startup

    gc.callbacks.append(collect)
    _wrap(uvicorn.Server, "startup", starting)
    timed(watch, Turns, "_take")


def main() -> None:
    """Watch the server."""
    watch = Watch(Path(sys.argv.pop(1)))
    _watch_intake(watch)
    _watch_correlator(watch)
    _watch_console(watch)
    _watch_pauses(watch)
    _watch_writers(watch)
    tapal()


if __name__ == "__main__":
    main()
