"""What one server takes: events committed and acknowledged a second, and the delay of each.

python -m benchmarks.server [--events N] [--json]

The rate is measured from end to end (publisher, Mosquitto, `tapal server run`, its acknowledgements) on SQLite and on
PostgreSQL, and as a share of what a bare subscriber that only counts does on the same broker in the same run. Seconds
of processor time of the server are given beside it, because a busy machine slows the clock but not those.
"""

import argparse
import asyncio
import json
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from subprocess import Popen
from typing import Any

import aiomqtt
import psutil

from tapal_contract.events import dump
from tapal_contract.ids import new_id
from tapal_contract.node import Ack, parse_control
from tapal_contract.topics import Topic
from tapal_server.ingest.wire import Address, Wire, connect
from tests.server.edges import Edge
from tests.support.services import free_port, stop
from tests.support.services.mosquitto import Mosquitto, mosquitto
from tests.support.services.postgres import postgres

NODES = 5
WINDOW = 400  # of each node
NO_LIMITS = "max_queued_messages 0\nmax_inflight_messages 0"


class Edges:
    """Some nodes in one connection: they send ahead of the acknowledgements by a window, as real ones do."""

    def __init__(self, each: int, *, prefix: str) -> None:
        self.each = each
        self.acknowledged: dict[str, int] = {}
        self.at: dict[tuple[str, int], float] = {}
        self.delays: list[float] = []
        self.payloads: dict[str, list[bytes]] = {}
        self.moved = asyncio.Event()
        for number in range(NODES):
            edge = Edge(node=f"{prefix}-{number}", boot=new_id())
            now = datetime.now(UTC)
            times = [now + timedelta(milliseconds=number) for number in range(each)]
            self.payloads[edge.node] = [dump(edge.crossing(time=at, sent_at=at)) for at in times]
            self.acknowledged[edge.node] = 0

    async def send(self, port: int, *, rate: float | None = None) -> float:
        """Send all, wait for the last acknowledgement, return the seconds it took."""
        async with connect(Address(host="127.0.0.1", port=port, client_id=f"edges-{new_id()}")) as wire:
            await wire.subscribe("tapal/1/+/+/ack")
            async with asyncio.TaskGroup() as tasks:
                hearing = tasks.create_task(self._hear(wire))
                begun = time.perf_counter()
                await self._send_all(wire, begun, rate)
                while any(seq < self.each for seq in self.acknowledged.values()):
                    await self._wait()
                took = time.perf_counter() - begun
                hearing.cancel()
        return took

    async def _send_all(self, wire: Wire, begun: float, rate: float | None) -> None:
        for seq in range(1, self.each + 1):
            for node, payloads in self.payloads.items():
                while seq - self.acknowledged[node] > WINDOW:
                    await self._wait()
                self.at[node, seq] = time.perf_counter()
                await wire.publish(Topic("tunon-taka", node, "event").path, payloads[seq - 1])
            if rate is not None:
                await asyncio.sleep(max(0.0, begun + seq * NODES / rate - time.perf_counter()))
            elif seq % 20 == 0:
                await asyncio.sleep(0)

    async def _wait(self) -> None:
        self.moved.clear()
        await asyncio.wait_for(self.moved.wait(), 60)

    async def _hear(self, wire: Wire) -> None:
        while True:
            for message in await wire.batch(1000):
                node = Topic.parse(message.topic).node
                through = parse_control(Ack, message.payload).through
                now = time.perf_counter()
                for seq in range(self.acknowledged.get(node, through) + 1, through + 1):
                    self.delays.append(now - self.at[node, seq])
                self.acknowledged[node] = max(through, self.acknowledged.get(node, 0))
            self.moved.set()


async def count_only(port: int, ready: asyncio.Event) -> None:
    """The bare subscriber: counts, and says so every 100 messages, storing nothing."""
    counts: dict[str, int] = {}
    async with aiomqtt.Client("127.0.0.1", port, identifier="bare") as client:
        await client.subscribe("tapal/1/+/+/event", qos=1)
        ready.set()
        async for message in client.messages:
            topic = Topic.parse(message.topic.value)
            counts[topic.node] = counts.get(topic.node, 0) + 1
            if counts[topic.node] % 100 == 0:
                ack = dump(Ack(through=counts[topic.node]))
                await client.publish(Topic(topic.site, topic.node, "ack").path, ack, qos=1)


async def bare(broker: Mosquitto, each: int) -> float:
    ready = asyncio.Event()
    counting = asyncio.create_task(count_only(broker.port, ready))
    await ready.wait()
    took = await Edges(each, prefix="bare").send(broker.port)
    counting.cancel()
    await asyncio.gather(counting, return_exceptions=True)
    return NODES * each / took


def write_office(folder: Path, database: str, broker: str) -> Path:
    gate = {"line": "gate", "direction": "inbound"}
    site = {"id": "tunon-taka", "kind": "checkpoint", "checkpoint": "TTK", "gates": [gate]}
    (folder / "sites.yaml").write_text(json.dumps({"sites": [site]}), encoding="utf-8")
    config = folder / "server.yaml"
    settings = {"database": database, "data_dir": "data", "mqtt": {"url": broker}, "http": {"port": free_port()}}
    config.write_text(json.dumps(settings), encoding="utf-8")
    return config


@contextmanager
def server(config: Path, *, run: Sequence[str | Path] = ("tapal",)) -> Iterator[Popen[bytes]]:
    """The server in a process of its own, once it listens; `run` is the module that runs its command line."""
    log = (config.parent / "server.log").open("ab")
    with log:
        process = Popen([sys.executable, "-m", *run, "server", "run", "--config", config], stdout=log, stderr=log)
    try:
        deadline = time.monotonic() + 300
        while "listening at the broker" not in (config.parent / "server.log").read_text(encoding="utf-8"):
            if process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError((config.parent / "server.log").read_text(encoding="utf-8")[-2000:])
            time.sleep(0.1)
        yield process
    finally:
        stop(process)


def processor_seconds(process: Popen[bytes]) -> float:
    times = psutil.Process(process.pid).cpu_times()
    return float(times.user + times.system)


async def measure(broker: Mosquitto, folder: Path, database: str, each: int, rate_each: int) -> dict[str, Any]:
    with server(write_office(folder, database, broker.url)) as process:
        before = processor_seconds(process)
        edges = Edges(each, prefix="full")
        took = await edges.send(broker.port)
        used = processor_seconds(process) - before
        steady = Edges(rate_each, prefix="steady")
        await steady.send(broker.port, rate=500)
    delays = statistics.quantiles(steady.delays, n=100)
    return {
        "events_per_s": round(NODES * each / took),
        "server_cpu_ms_per_event": round(1000 * used / (NODES * each), 3),
        "ack_delay_at_500_per_s": {"p50_s": round(delays[49], 3), "p99_s": round(delays[98], 3)},
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--events", type=int, default=20_000)
    parser.add_argument("--json", action="store_true")
    given = parser.parse_args()
    each = given.events // NODES
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="tapal-bench-")))
        broker = stack.enter_context(mosquitto(folder / "broker", extra=NO_LIMITS, quiet=True))
        figures: dict[str, Any] = {"cores": os.cpu_count(), "load_before": round(os.getloadavg()[0], 1)}
        figures["bare_events_per_s"] = round(asyncio.run(bare(broker, each)))
        (folder / "sqlite").mkdir()
        (folder / "postgresql").mkdir()
        sqlite = f"sqlite:///{folder / 'sqlite' / 'tapal.sqlite3'}"
        figures["sqlite"] = asyncio.run(measure(broker, folder / "sqlite", sqlite, each, 1000))
        with postgres() as running:
            url = running.new_database()
            figures["postgresql"] = asyncio.run(measure(broker, folder / "postgresql", url, each, 1000))
        for kind in ("sqlite", "postgresql"):
            figures[kind]["share_of_bare"] = round(figures[kind]["events_per_s"] / figures["bare_events_per_s"], 2)
        figures["load_after"] = round(os.getloadavg()[0], 1)
    print(json.dumps(figures, indent=None if given.json else 2))


if __name__ == "__main__":
    main()
