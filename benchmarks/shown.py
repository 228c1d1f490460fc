"""From an edge's message to an open console while 500 messages a second come in.

python -m benchmarks.shown [--seconds N] [--rate N] [--postgresql] [--steps] [--json]

The real server (`tapal server run`: broker, intake, correlator, console) in a process of its own, real Mosquitto. At
500 gates people cross, of whom the log tells some seconds later; twice a second somebody lands where nobody should be,
at another post each time, and half a minute later an officer judges it. The delay is from the publication of that
landing to the arrival of the update that shows its alert on an open duty page. Publisher, log, officer and console run
in this process, on the same cores as the server; `own_wait` is how late it was at its own work, and part of the delay.

With --steps the server runs under a watch (benchmarks/stamps.py), and how long each step took is printed too.
"""

import argparse
import asyncio
import json
import os
import random
import tempfile
import time
from collections import deque
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import aiohttp
from sqlalchemy import select

from benchmarks.console import Console, open_one, sign_in
from benchmarks.server import NO_LIMITS, processor_seconds, server
from benchmarks.stamps import spread, steps
from tapal_contract.events import Crossing, dump
from tapal_contract.ids import new_id
from tapal_contract.topics import Topic
from tapal_server.cli import load_settings
from tapal_server.db import migrate
from tapal_server.db.tables import AlertEventRow, AlertRow
from tapal_server.ingest.wire import Address, Wire, connect
from tapal_server.parts import build_parts
from tapal_server.people.actor import SYSTEM
from tapal_server.people.roles import Permission, Role
from tests.server.edges import Edge
from tests.support.services import free_port
from tests.support.services.mosquitto import mosquitto
from tests.support.services.postgres import postgres

PASSWORD = "kapal-besar-biru"
SITES, GATES, POSTS = 50, 500, 800
TICKS = 50  # a second
LANDINGS = 2  # a second
JUDGED_S = 30.0
WARM_S = 30.0


def write_office(folder: Path, database: str, broker: str, port: int) -> Path:
    """Fifty checkpoints of ten gates, and posts where nobody should land."""
    gates = [{"line": f"gate-{line}", "direction": "inbound", "delay": {"typical_s": 15}} for line in range(10)]
    checkpoints = [
        {"id": f"site-{place}", "kind": "checkpoint", "checkpoint": f"C{place}", "gates": gates}
        for place in range(SITES)
    ]
    jetty = [{"line": "jetty", "direction": "inbound"}]
    posts = [{"id": f"post-{number}", "kind": "unofficial", "gates": jetty} for number in range(POSTS)]
    sites = {"sites": checkpoints + posts, "correlation": {"alerts_per_hour": 1000}}
    (folder / "sites.yaml").write_text(json.dumps(sites), encoding="utf-8")
    config = folder / "server.yaml"
    settings = {"database": database, "data_dir": "data", "mqtt": {"url": broker}, "http": {"port": port}}
    config.write_text(json.dumps(settings), encoding="utf-8")
    return config


def people(config: Path) -> tuple[str, str]:
    """Tables, an officer, and the tokens of the log and of whoever judges."""
    parts = build_parts(load_settings(config))
    try:
        migrate.upgrade(parts.database)
        parts.services.people.add(SYSTEM, "petugas-0", PASSWORD, role=Role.OFFICER)
        parts.services.people.add(SYSTEM, "simkim", PASSWORD, role=Role.ADMIN)
        tokens, named = parts.services.tokens, parts.services.auth.actor_named
        log = tokens.create(named("simkim"), "log", frozenset({Permission.PASSAGES}))
        judge = tokens.create(named("petugas-0"), "judge", frozenset({Permission.SEE, Permission.JUDGE}))
        return log.token, judge.token
    finally:
        parts.database.close()


class Country:
    """Edges, people who cross, the log that tells of them, and an officer who judges what is shown."""

    def __init__(self, wire: Wire, session: aiohttp.ClientSession, address: str, tokens: tuple[str, str]) -> None:
        self._wire = wire
        self._session = session
        self._address = address
        self._log_token, self._judge_token = tokens
        self._dice = random.Random(8)
        self._gates = [
            Edge(node=f"n-{n}", site=f"site-{n // 10}", line=f"gate-{n % 10}", boot=new_id()) for n in range(GATES)
        ]
        self._posts = [Edge(node=f"p-{n}", site=f"post-{n}", line="jetty", boot=new_id()) for n in range(POSTS)]
        self._written: deque[tuple[float, dict[str, str]]] = deque()
        self.landed: dict[str, float] = {}
        self.sent = 0
        self.late: list[float] = []

    async def cross(self, rate: float, seconds: float) -> None:
        """People cross at this rate; now and then somebody lands."""
        began = time.monotonic()
        for tick in range(int(seconds * TICKS)):
            for edge in self._dice.choices(self._gates, k=round(rate / TICKS)):
                event = await self._publish(edge)
                delay = self._dice.uniform(5, 25)
                row = {"record_id": event.id, "checkpoint": f"C{edge.site.removeprefix('site-')}"}
                row |= {"direction": "inbound", "recorded_at": (event.time + timedelta(seconds=delay)).isoformat()}
                self._written.append((time.monotonic() + delay, row))
            if tick % (TICKS // LANDINGS) == TICKS // LANDINGS // 2:
                event = await self._publish(self._posts.pop())
                self.landed[event.id] = time.time()
            await asyncio.sleep(max(0.0, began + (tick + 1) / TICKS - time.monotonic()))
            self.late.append(time.monotonic() - began - (tick + 1) / TICKS)

    async def log(self) -> None:
        """Push what was written down since the last second, until cancelled."""
        while True:
            await asyncio.sleep(1)
            due = [row for at, row in self._written if at <= time.monotonic()]
            if not due:
                continue
            told = {row["record_id"] for row in due}
            self._written = deque(one for one in self._written if one[1]["record_id"] not in told)
            await self._ask("passages?source=simkim", due, self._log_token)

    async def judge(self, console: Console) -> None:
        """Judge each alert half a minute after it was shown, until cancelled."""
        judged: set[str] = set()
        while True:
            await asyncio.sleep(0.5)
            for alert in [id_ for id_, at in console.shown.items() if at <= time.time() - JUDGED_S]:
                if alert not in judged:
                    judged.add(alert)
                    verdict = {"outcome": "confirmed", "note": "looked at the picture"}
                    await self._ask(f"alerts/{alert}/resolve", verdict, self._judge_token)

    async def _ask(self, path: str, body: object, token: str) -> None:
        headers = {"Authorization": f"Bearer {token}"}
        async with self._session.post(f"{self._address}/api/v1/{path}", json=body, headers=headers) as answer:
            assert answer.status == 200, await answer.text()

    async def _publish(self, edge: Edge) -> Crossing:
        now = datetime.now(UTC)
        event = edge.crossing(time=now, sent_at=now)
        await self._wire.publish(Topic(edge.site, edge.node, "event").path, dump(event))
        self.sent += 1
        return event


async def run(
    config: Path, broker_port: int, tokens: tuple[str, str], options: argparse.Namespace, stamps: Path
) -> dict[str, Any]:
    """Let people cross while a console is open; how late their alerts were."""
    settings = load_settings(config)
    address = f"http://127.0.0.1:{settings.http.port}"
    console = Console()
    where = Address(host="127.0.0.1", port=broker_port, client_id="country")
    async with aiohttp.ClientSession(cookie_jar=aiohttp.DummyCookieJar()) as session, connect(where) as wire:
        await _ready(session, address)
        cookie = await sign_in(session, address, "petugas-0")
        socket = await open_one(session, address, cookie, console, pictures=False)
        country = Country(wire, session, address, tokens)
        others = [asyncio.create_task(country.log()), asyncio.create_task(country.judge(console))]
        await country.cross(options.rate, WARM_S)
        country.landed.clear()
        country.late.clear()
        began, sent = time.monotonic(), country.sent
        await country.cross(options.rate, options.seconds)
        rate = (country.sent - sent) / (time.monotonic() - began)
        await asyncio.sleep(10)  # whoever is not shown by then counts as never
        for other in others:
            other.cancel()
        await asyncio.gather(*others, return_exceptions=True)
        await socket.disconnect()
    delays = _delays(config, console, country.landed)
    figures: dict[str, Any] = {"messages_per_s": round(rate), "alerts": len(country.landed)}
    figures["never_shown"] = len(country.landed) - len(delays)
    figures["delay_s"] = spread(list(delays.values()))
    figures["own_wait_s"] = spread(country.late)
    if options.steps:
        shown = {event: country.landed[event] + delay for event, delay in delays.items()}
        figures["steps"] = steps(stamps, country.landed, shown)
    return figures


async def _ready(session: aiohttp.ClientSession, address: str) -> None:
    """Wait until the correlator runs: on a new machine it compiles for a minute before."""
    async with asyncio.timeout(300):
        while True:
            async with session.get(f"{address}/ready") as answer:
                if answer.status == 200:
                    return
            await asyncio.sleep(0.2)


def _delays(config: Path, console: Console, landed: dict[str, float]) -> dict[str, float]:
    parts = build_parts(load_settings(config))
    query = select(AlertEventRow.event_id, AlertEventRow.alert_id).join(AlertRow, AlertRow.id == AlertEventRow.alert_id)
    try:
        with parts.database.read() as session:
            alert_of = dict(session.execute(query.where(AlertRow.kind == "presence")).all())
    finally:
        parts.database.close()
    shown = {event: console.shown.get(alert_of.get(event, "")) for event in landed}
    return {event: at - landed[event] for event, at in shown.items() if at is not None}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, default=200, help="at most 370")
    parser.add_argument("--rate", type=float, default=500)
    parser.add_argument("--postgresql", action="store_true", help="instead of SQLite")
    parser.add_argument("--steps", action="store_true", help="say how long each step took, too")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="tapal-shown-")))
        broker = stack.enter_context(mosquitto(folder / "broker", extra=NO_LIMITS, quiet=True))
        database = f"sqlite:///{folder / 'tapal.sqlite3'}"
        if options.postgresql:
            database = stack.enter_context(postgres()).new_database()
        config = write_office(folder, database, broker.url, free_port())
        tokens, stamps = people(config), folder / "stamps.jsonl"
        watched = ("benchmarks.stamps", stamps) if options.steps else ("tapal",)
        process = stack.enter_context(server(config, run=watched))
        load, before, began = os.getloadavg()[0], processor_seconds(process), time.monotonic()
        figures = asyncio.run(run(config, broker.port, tokens, options, stamps))
        used = (processor_seconds(process) - before) / (time.monotonic() - began)
        figures |= {"server_cores_used": round(used, 2), "load_before": round(load, 1)}
        figures["load_after"] = round(os.getloadavg()[0], 1)
    print(json.dumps(figures, indent=None if options.json else 2))


if __name__ == "__main__":
    main()
