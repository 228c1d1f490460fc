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
from datetime import datetime
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
DUTY = " is this server's now"
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
    replicas: int = 1
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
    taken_over_s: list[float] = field(default_factory=list)

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
        self.kinds = ["edge", "edge", "broker", "server", *(["database"] if postgres else [])]
        self.deaths: list[tuple[float, Path]] = []
        self.servers: list[Child] = []
        self.proxies: list[Proxy] = []

    async def run(self) -> Outcome:
        begun = time.monotonic()
        async with AsyncExitStack() as stack:
            stack.callback(self._end)
            await asyncio.to_thread(self.broker.start)
            for _ in range(self.plan.edges + 1):
                proxy = Proxy(self.broker.port, random.Random(self.random.random()), self.plan.mischief)
                self.proxies.append(await stack.enter_async_context(proxy.open()))
            self._start_servers()
            if self.plan.replicas > 1:
                await self._taken(self.servers, set())
            self._start_edges()
            async with asyncio.timeout(self.plan.give_up_s):
                await asyncio.gather(self._strike() if "edge" in self.kinds else self._strike_owners(), self._disturb())
                while not all(edge.finished for edge in self.edges):  # noqa: ASYNC110 - an ending process rings no bell
                    await asyncio.sleep(0.1)
        self.outcome.seconds = round(time.monotonic() - begun, 1)
        self._read()
        self.outcome.taken_over_s = take_overs(self.deaths, [server.log for server in self.servers])
        self.outcome.alerts = await asyncio.to_thread(self.office.alerts)
        self.undisturbed = await asyncio.to_thread(self.office.undisturbed_alerts)
        return self.outcome

    def _start_servers(self) -> None:
        python = [sys.executable, "-m"]
        broker = f"mqtt://127.0.0.1:{self.proxies[-1].port}"
        configs = self.office.write(self.folder, self.database_url, broker, replicas=self.plan.replicas)
        self.office.import_passages()
        for config in configs:
            command = [*python, "tapal", "server", "run", "--config", str(config)]
            self.servers.append(Child(config.stem, command, config.with_suffix(".log")))
            self.servers[-1].start()

    def _start_edges(self) -> None:
        start, python = str(time.time() + 1.0), [sys.executable, "-m"]
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
                kinds = list(self.kinds)
                self.random.shuffle(kinds)
            await asyncio.sleep(pause)
            await self._kill(kinds.pop())

    async def _strike_owners(self) -> None:
        """Kill one server after the other, each when all duties have an owner, until one has them all."""
        alive, duties = list(self.servers), set[str]()
        while len(alive) > 1:
            await asyncio.sleep(self.plan.seconds / self.plan.replicas)  # some events come in between
            await self._taken(alive, duties)
            duties |= {duty for server in self.servers for _, duty in said_in(server.log)}
            victim = alive.pop(self.random.randrange(len(alive)))
            self.deaths.append((time.time(), victim.log))
            await asyncio.to_thread(victim.kill)
            self.outcome.kills["server"] += 1
        await self._taken(alive, duties)

    async def _taken(self, alive: Sequence[Child], duties: set[str]) -> None:
        """Wait until each server listens, each has had a duty, and these servers have all duties."""
        while True:
            listen = all("listening at the broker" in _text(server.log) for server in alive)
            said = {server.name: said_in(server.log) for server in self.servers}
            owners = {duty: name for _, duty, name in sorted((*one, name) for name in said for one in said[name])}
            living = {server.name for server in alive}
            if listen and all(said[name] for name in living) and all(owners.get(duty) in living for duty in duties):
                return
            await asyncio.sleep(0.1)

    async def _kill(self, kind: str) -> None:
        down_s, at = self.random.uniform(0.0, 0.5), time.time()
        kill: Callable[[], None]
        start: Callable[[], None]
        if kind == "broker":
            kill, start = self.broker.kill, self.broker.start
        elif kind == "database":
            assert self.postgres is not None
            kill, start = self.postgres.kill, self.postgres.start
        else:
            alive = [edge for edge in self.edges if not edge.finished]
            child = self.random.choice(alive) if kind == "edge" and alive else self.random.choice(self.servers)
            kind = "edge" if child not in self.servers else "server"
            kill, start = child.kill, child.start
            if kind == "server" and self.plan.replicas > 1:
                down_s = self.random.uniform(4.0, 6.0)  # long enough for another to take over
                self.deaths.append((at, child.log))
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
        for child in [*self.edges, *self.servers]:
            if child.process is not None:
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


def take_overs(deaths: Sequence[tuple[float, Path]], logs: Sequence[Path]) -> list[float]:
    """For each duty that a killed server had: the seconds until a server says that it is its own."""
    told = sorted((at, duty, log) for log in logs for at, duty in said_in(log))
    owners: dict[str, Path] = {}
    waiting: dict[str, float] = {}
    found = []
    for at, duty, log in sorted([*told, *((at, "", log) for at, log in deaths)]):
        if not duty:
            waiting |= {name: at for name, owner in owners.items() if owner == log}
        else:
            owners[duty] = log
            if duty in waiting:
                found.append(round(at - waiting.pop(duty), 2))
    return found


def said_in(log: Path) -> list[tuple[float, str]]:
    """When a server said that which duty is its own."""
    return [_said(line) for line in _text(log).splitlines() if DUTY in line]


def _text(log: Path) -> str:
    return log.read_text(encoding="utf-8")


def _said(line: str) -> tuple[float, str]:
    at = datetime.fromisoformat(line.split(maxsplit=1)[0]).timestamp()
    return at, line.partition("elected: ")[2].removesuffix(DUTY)
