"""Real processes, real broker, real database, and a seeded schedule of power cuts and broken links."""

import asyncio
import random
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import AsyncExitStack, suppress
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path

from sqlalchemy import select

from tapal_server.db import migrate
from tapal_server.db.database import Database
from tapal_server.db.tables import EventRow, MediaRow, NodeRow
from tests.chaos.office import Office
from tests.chaos.proxy import Mischief, Proxy
from tests.chaos.story import Story
from tests.support.services import stop
from tests.support.services.mosquitto import Mosquitto
from tests.support.services.postgres import Postgres

ROOT = Path(__file__).resolve().parents[2]
SMALL_BROKER = "max_queued_messages 100\nmax_inflight_messages 20"


def prepare(database_url: str) -> None:
    """Bring the database to its tables."""
    database = Database(database_url)
    try:
        migrate.upgrade(database)
    finally:
        database.close()


@dataclass(frozen=True)
class Plan:
    """How big a storm."""

    seed: int = 8
    edges: int = 3
    events_each: int = 500
    seconds: float = 15.0
    kills: int = 8
    faults: int = 8
    give_up_s: float = 240.0
    mischief: Mischief = field(default_factory=lambda: Mischief(repeat=0.05, late=0.05))


@dataclass
class Outcome:
    """What the storm did, and what is in the database after it."""

    kills: Counter[str] = field(default_factory=Counter)
    cuts: int = 0
    stalls: int = 0
    repeated_by_link: int = 0
    reordered_by_link: int = 0
    seconds: float = 0.0
    ids: dict[str, list[str]] = field(default_factory=dict)
    seqs: dict[str, list[int | None]] = field(default_factory=dict)
    pictures: set[str] = field(default_factory=set)
    repeats: int = 0
    conflicts: int = 0
    lost: int = 0
    stored_out_of_order: int = 0
    alerts: dict[tuple[str, ...], float] = field(default_factory=dict)

    @property
    def stored(self) -> int:
        return sum(len(ids) for ids in self.ids.values())

    def figures(self) -> dict[str, object]:
        told = {key: value for key, value in vars(self).items() if key not in {"ids", "seqs", "pictures", "alerts"}}
        return told | {
            "kills": dict(self.kills),
            "stored": self.stored,
            "pictures": len(self.pictures),
            "alerts": len(self.alerts),
        }


@dataclass
class Child:
    """A process of ours that is killed without warning and started again."""

    name: str
    command: Sequence[str]
    log: Path
    process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(self.command, stdout=log, stderr=log, cwd=ROOT)

    def kill(self) -> None:
        assert self.process is not None
        self.process.kill()
        self.process.wait()

    @property
    def finished(self) -> bool:
        """Ended by itself, with all done."""
        assert self.process is not None
        code = self.process.poll()
        if code not in {None, 0}:
            raise RuntimeError(f"{self.name} ended with status {code}: {self.log.read_text()[-2000:]}")
        return code == 0


class Storm:
    """One run: call :meth:`run` once."""

    def __init__(self, plan: Plan, folder: Path, database_url: str, *, postgres: Postgres | None = None) -> None:
        self.plan = plan
        self.folder = folder
        self.database_url = database_url
        self.postgres = postgres
        self.random = random.Random(plan.seed)
        first_s = time.time() - 2 * 3600 - plan.events_each * Story.apart_s
        self.stories = [Story(f"edge-{number}", plan.events_each, first_s) for number in range(1, plan.edges + 1)]
        self.broker = Mosquitto(folder / "broker", extra=SMALL_BROKER)
        self.outcome = Outcome()
        self.undisturbed: dict[tuple[str, ...], float] = {}
        self.office = Office(self.stories)
        self.edges: list[Child] = []
        self.server: Child | None = None
        self.proxies: list[Proxy] = []

    async def run(self) -> Outcome:
        begun = time.monotonic()
        async with AsyncExitStack() as stack:
            stack.callback(self._end)
            await asyncio.to_thread(self.broker.start)
            for _ in range(self.plan.edges + 1):
                proxy = Proxy(self.broker.port, random.Random(self.random.random()), self.plan.mischief)
                self.proxies.append(await stack.enter_async_context(proxy.open()))
            self._start_processes()
            async with asyncio.timeout(self.plan.give_up_s):
                await asyncio.gather(self._strike(), self._disturb())
                while not all(edge.finished for edge in self.edges):  # noqa: ASYNC110 - an ending process rings no bell
                    await asyncio.sleep(0.1)
        self.outcome.seconds = round(time.monotonic() - begun, 1)
        self._read()
        self.outcome.alerts = await asyncio.to_thread(self.office.alerts)
        self.undisturbed = await asyncio.to_thread(self.office.undisturbed_alerts)
        return self.outcome

    def _start_processes(self) -> None:
        start = str(time.time() + 1.0)
        python = [sys.executable, "-m"]
        broker = f"mqtt://127.0.0.1:{self.proxies[-1].port}"
        config = self.office.write(self.folder, self.database_url, broker)
        self.office.import_passages()
        command = [*python, "tapal", "server", "run", "--config", str(config)]
        self.server = Child("server", command, self.folder / "server.log")
        self.server.start()
        for story, proxy in zip(self.stories, self.proxies, strict=False):
            home = self.folder / story.node
            home.mkdir()
            command = [
                *python,
                "tests.chaos.edge_process",
                str(home),
                "--node",
                story.node,
                "--first",
                str(story.first_s),
            ]
            command += ["--count", str(story.count), "--port", str(proxy.port), "--start", start]
            command += ["--seconds", str(self.plan.seconds)]
            edge = Child(story.node, command, self.folder / f"{story.node}.log")
            edge.start()
            self.edges.append(edge)

    def _moments(self, count: int) -> list[float]:
        """Pauses between `count` moments spread by chance over the time in which events are made."""
        moments = sorted(self.random.uniform(0.1, 1.0) * self.plan.seconds for _ in range(count))
        return [after - before for before, after in zip([0.0, *moments], moments, strict=False)]

    async def _strike(self) -> None:
        """Kill one after the other; every kind gets its turn before any gets a second one."""
        kinds: list[str] = []
        for pause in self._moments(self.plan.kills):
            if not kinds:
                kinds = ["edge", "edge", "broker", "server", *(["database"] if self.postgres else [])]
                self.random.shuffle(kinds)
            await asyncio.sleep(pause)
            await self._kill(kinds.pop())

    async def _kill(self, kind: str) -> None:
        down_s = self.random.uniform(0.0, 0.5)
        kill: Callable[[], None]
        start: Callable[[], None]
        if kind == "broker":
            kill, start = self.broker.kill, self.broker.start
        elif kind == "database":
            assert self.postgres is not None
            kill, start = self.postgres.kill, self.postgres.start
        else:
            assert self.server is not None
            alive = [edge for edge in self.edges if not edge.finished]
            child = self.random.choice(alive) if kind == "edge" and alive else self.server
            kind = "edge" if child is not self.server else "server"
            kill, start = child.kill, child.start
        await asyncio.to_thread(kill)
        self.outcome.kills[kind] += 1
        await asyncio.sleep(down_s)
        await asyncio.to_thread(start)

    async def _disturb(self) -> None:
        for pause in self._moments(self.plan.faults):
            await asyncio.sleep(pause)
            proxy = self.random.choice(self.proxies)
            fault = self.random.choice([proxy.cut, proxy.stall])
            await fault(self.random.uniform(0.05, 1.0))

    def _end(self) -> None:
        for child in [*self.edges, self.server]:
            if child is not None and child.process is not None:
                stop(child.process)
        with suppress(ProcessLookupError):
            self.broker.stop()

    def complaints(self) -> list[str]:
        """What is not as it must be; empty after a good run."""
        outcome, found = self.outcome, []
        for story in self.stories:
            if outcome.ids[story.node] != story.ids:
                found.append(f"{story.node}: {len(outcome.ids[story.node])} events stored, or not in their order")
            if outcome.seqs[story.node] != list(range(1, story.count + 1)):
                found.append(f"{story.node}: numbers are not 1 to {story.count}")
        missing = set().union(*(story.pictured for story in self.stories)) - outcome.pictures
        if missing:
            found.append(f"{len(missing)} pictures are missing")
        if outcome.lost or outcome.conflicts:
            found.append(f"the server believes {outcome.lost} lost and {outcome.conflicts} in conflict")
        differing = set(outcome.alerts) ^ set(self.undisturbed)
        if differing:
            found.append(f"{len(differing)} alerts differ from an undisturbed run, such as {min(differing)}")
        return found

    def _read(self) -> None:
        outcome = self.outcome
        for proxy in self.proxies:
            outcome.cuts += proxy.cuts
            outcome.stalls += proxy.stalls
            outcome.repeated_by_link += proxy.repeated
            outcome.reordered_by_link += proxy.reordered
        database = Database(self.database_url)
        try:
            with database.read() as session:
                for story in self.stories:
                    query = select(EventRow.id, EventRow.seq, EventRow.arrival).where(EventRow.node == story.node)
                    rows = session.execute(query.order_by(EventRow.epoch, EventRow.seq)).all()
                    outcome.ids[story.node] = [row.id for row in rows]
                    outcome.seqs[story.node] = [row.seq for row in rows]
                    arrivals = [row.arrival for row in rows]
                    outcome.stored_out_of_order += sum(a > b for a, b in pairwise(arrivals))
                for node in session.scalars(select(NodeRow)):
                    outcome.repeats += node.repeats
                    outcome.conflicts += node.conflicts
                    outcome.lost += node.lost
                outcome.pictures = set(session.scalars(select(MediaRow.event_id)))
        finally:
            database.close()
