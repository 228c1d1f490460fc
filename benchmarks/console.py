"""How old a duty page may be: many open consoles, many alerts, one server, two cores.

python -m benchmarks.console [--consoles N] [--alerts-per-minute N] [--seconds N] [--no-pictures] [--json]

The server is the real one (SQLite, correlator, console) in a process of its own. Each console is what a browser is to
it: the page fetched over HTTP, then a socket of NiceGUI's that takes the updates and acknowledges them, and the picture
of each new alert fetched once. People land at posts where nobody should be; the age of a page is the time from the
commit of the alert to the arrival of the update that shows it. The consoles run in this one process, on the same two
cores as the server, which leaves the server less than it would have.
"""

import argparse
import asyncio
import json
import os
import re
import statistics
import tempfile
import threading
import time
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from multiprocessing import get_context
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

import aiohttp
import cv2
import numpy as np
import psutil
import socketio
import uvicorn
import yaml

from tapal_contract.media import wrap
from tapal_server.alerts.states import Outcome
from tapal_server.bootstrap import build_server
from tapal_server.db import migrate
from tapal_server.db.database import Database
from tapal_server.events import AlertRaised
from tapal_server.paging import Paging
from tapal_server.parts import Parts
from tapal_server.people.actor import SYSTEM
from tapal_server.people.roles import Role
from tapal_server.settings import Settings
from tests.server.edges import Edge
from tests.support.services import free_port

PASSWORD = "kapal-besar-biru"
POSTS = 120
PEOPLE = 20
OPEN_S = 60.0  # an alert is resolved after this time, so that about as many stay open as come in a minute
TOGETHER = 4
ATTEMPTS = 8
CARD = re.compile(r"/alerts/([0-9a-f-]{20,})")
PICTURE = re.compile(r"/media/([0-9a-f-]{36})\.jpg")


@dataclass
class Console:
    """What one open page has been shown, and when."""

    shown: dict[str, float] = field(default_factory=dict)
    pictures: set[str] = field(default_factory=set)
    messages: int = 0
    bytes: int = 0


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--consoles", type=int, default=200)
    parser.add_argument("--alerts-per-minute", type=float, default=50)
    parser.add_argument("--seconds", type=float, default=120)
    parser.add_argument("--no-pictures", action="store_true")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        result = asyncio.run(measure(Path(folder), options))
    if options.json:
        print(json.dumps(result))
        return
    for name, value in result.items():
        print(f"{name:32} {value}")


async def measure(folder: Path, options: argparse.Namespace) -> dict[str, Any]:
    """Run the server, open the consoles, raise the alerts, gather the ages."""
    context = get_context("spawn")
    here, there = context.Pipe()
    port = free_port()
    process = context.Process(target=serve, args=(folder, port, options, there), name="server")
    process.start()
    try:
        await asyncio.to_thread(_expect, here, "ready")
        server = psutil.Process(process.pid)
        consoles, close = await open_all(f"http://127.0.0.1:{port}", options)
        before, began = _busy(server), time.monotonic()
        here.send("raise")
        raised: dict[str, float] = await asyncio.to_thread(_expect, here, "raised")
        took, busy = time.monotonic() - began, _busy(server) - before
        memory = server.memory_info().rss
        await close()
        here.send("stop")
    finally:
        await asyncio.to_thread(process.join, 30)
        if process.is_alive():
            process.kill()
    return summary(consoles, raised, options) | {
        "server_cores_used": round(busy / took, 2),
        "server_memory_mb": round(memory / 1e6),
        "load_average_after": round(os.getloadavg()[0], 1),
    }


def summary(consoles: list[Console], raised: dict[str, float], options: argparse.Namespace) -> dict[str, Any]:
    """Ages over all consoles and alerts; an alert that a page was never shown counts as missing."""
    ages = sorted(one.shown[alert] - at for one in consoles for alert, at in raised.items() if alert in one.shown)
    missing = len(consoles) * len(raised) - len(ages)
    return {
        "consoles": len(consoles),
        "alerts": len(raised),
        "alerts_per_minute": options.alerts_per_minute,
        "age_median_s": round(statistics.median(ages), 3) if ages else None,
        "age_99_percent_s": round(ages[int(len(ages) * 0.99)], 3) if ages else None,
        "age_oldest_s": round(ages[-1], 3) if ages else None,
        "never_shown": missing,
        "messages": sum(one.messages for one in consoles),
        "pictures_fetched": sum(len(one.pictures) for one in consoles),
        "megabytes_of_updates": round(sum(one.bytes for one in consoles) / 1e6, 1),
    }


def _expect(pipe: Connection, what: str) -> Any:
    name, value = pipe.recv()
    assert name == what, f"the server said {name}: {value}"
    return value


def _busy(process: psutil.Process) -> float:
    times = process.cpu_times()
    return float(times.user + times.system)


# -- the consoles -----------------------------------------------------------------------------------------------------


async def open_all(address: str, options: argparse.Namespace) -> tuple[list[Console], Any]:
    """Sign people in and open their pages, a few at a time; returns the pages and what closes them."""
    session = aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=64), cookie_jar=aiohttp.DummyCookieJar())
    cookies = [await sign_in(session, address, f"petugas-{number}") for number in range(PEOPLE)]
    gate, sockets = asyncio.Semaphore(TOGETHER), []
    consoles = [Console() for _ in range(options.consoles)]

    async def start(number: int, console: Console) -> None:
        cookie = cookies[number % PEOPLE]
        async with gate:
            for attempt in range(ATTEMPTS):
                try:
                    socket = await open_one(session, address, cookie, console, pictures=not options.no_pictures)
                except socketio.exceptions.ConnectionError:  # a browser loads the page again, too
                    if attempt + 1 == ATTEMPTS:
                        raise
                else:
                    sockets.append(socket)
                    return

    await asyncio.gather(*(start(number, console) for number, console in enumerate(consoles)))

    async def close() -> None:
        await asyncio.gather(*(socket.disconnect() for socket in sockets), return_exceptions=True)
        await session.close()

    return consoles, close


async def sign_in(session: aiohttp.ClientSession, address: str, name: str) -> str:
    """The session cookie of one person."""
    form = {"username": name, "password": PASSWORD}
    async with session.post(f"{address}/sign-in", data=form, allow_redirects=False) as answer:
        assert answer.status == 303, await answer.text()
        return answer.cookies["tapal_session"].value


async def open_one(
    session: aiohttp.ClientSession, address: str, cookie: str, console: Console, *, pictures: bool
) -> socketio.AsyncClient:
    """Fetch the duty page and hold its socket open, as a browser does."""
    headers = {"Cookie": f"tapal_session={cookie}"}
    async with session.get(f"{address}/", headers=headers) as answer:
        page = await answer.text()
    client = re.search(r"'client_id': '([^']+)'|\"client_id\": ?\"([^\"]+)\"", page.replace("&quot;", '"'))
    assert client is not None, page[:2000]
    client_id = client[1] or client[2]
    socket = socketio.AsyncClient(http_session=None, reconnection=False)
    tasks: set[asyncio.Task[None]] = set()

    async def fetch(event: str) -> None:
        with suppress(aiohttp.ClientError):
            async with session.get(f"{address}/media/{event}.jpg", headers=headers) as answer:
                await answer.read()

    async def update(message: dict[str, Any]) -> None:
        now, text = time.time(), json.dumps(message)
        console.messages += 1
        console.bytes += len(text)
        for alert in CARD.findall(text):
            console.shown.setdefault(alert, now)
        for event in set(PICTURE.findall(text)) - console.pictures if pictures else ():
            console.pictures.add(event)
            task = asyncio.create_task(fetch(event))
            tasks.add(task)
            task.add_done_callback(tasks.discard)
        if console.messages % 20 == 0:
            await socket.emit("ack", {"client_id": client_id, "next_message_id": message["_id"] + 1})

    socket.on("update", update)
    query = {"client_id": client_id, "document_id": client_id, "tab_id": client_id, "next_message_id": 0}
    spelt = "&".join(f"{key}={value}" for key, value in (query | {"implicit_handshake": "true"}).items())
    await socket.connect(
        f"{address}?{spelt}",
        socketio_path="/_nicegui_ws/socket.io",
        transports=["websocket"],
        headers=headers,
        wait_timeout=30,
    )
    return socket


# -- the server -------------------------------------------------------------------------------------------------------


def serve(folder: Path, port: int, options: argparse.Namespace, pipe: Connection) -> None:
    """The server's process: builds it, serves it in a thread, raises alerts when told."""
    settings = prepare(folder)
    app = build_server(settings)
    parts: Parts = app.state.parts
    for number in range(PEOPLE):
        parts.services.people.add(SYSTEM, f"petugas-{number}", PASSWORD, role=Role.OFFICER)
    server = uvicorn.Server(uvicorn.Config(app, port=port, log_level="error"))
    thread = threading.Thread(target=server.run, name="serve")
    thread.start()
    while not (server.started and parts.correlator.running):
        time.sleep(0.05)  # nothing tells when uvicorn has started
    pipe.send(("ready", None))
    pipe.recv()
    pipe.send(("raised", raise_alerts(parts, options)))
    pipe.recv()
    server.should_exit = True
    thread.join(20)


def prepare(folder: Path) -> Settings:
    """Posts where nobody should land, and an empty database."""
    posts = [
        {
            "id": f"post-{number}",
            "name": f"Pos {number}",
            "kind": "unofficial",
            "timezone": "Asia/Makassar",
            "gates": [{"line": "jetty", "direction": "inbound"}],
        }
        for number in range(POSTS)
    ]
    config = {"sites": posts, "correlation": {"alerts_per_hour": 1000}}
    (folder / "sites.yaml").write_text(yaml.safe_dump(config), encoding="utf-8")
    settings = Settings(data_dir=folder / "data", sites=folder / "sites.yaml", mqtt=None)
    database = Database(settings.database_url)
    migrate.upgrade(database)
    database.close()
    return settings


def raise_alerts(parts: Parts, options: argparse.Namespace) -> dict[str, float]:
    """Let people land at a steady pace; returns when each alert was committed, in Unix seconds."""
    raised: dict[str, float] = {}

    def hear(event: object) -> None:
        if isinstance(event, AlertRaised):
            raised.setdefault(event.alert_id, time.time())

    edges = [Edge(node=f"node-{number}", site=f"post-{number}", line="jetty") for number in range(POSTS)]
    jpeg, pause, began = picture(), 60 / options.alerts_per_minute, time.monotonic()
    unsubscribe = parts.services.bus.subscribe(hear)
    for number in range(int(options.seconds / pause)):
        time.sleep(max(0.0, began + number * pause - time.monotonic()))
        edge, now = edges[number % POSTS], datetime.now(UTC)
        event = edge.crossing(time=now, sent_at=now)
        parts.intake.take(edge.sent(event))
        parts.intake.take([edge.on("media", wrap(jpeg, event.id))])
        resolve_old(parts, raised)
    time.sleep(10)  # whoever has not been told by then counts as never
    unsubscribe()
    return raised


def resolve_old(parts: Parts, raised: dict[str, float]) -> None:
    """Judge the oldest alert where it is old enough, as officers would."""
    if not raised or time.time() - min(raised.values()) < OPEN_S:
        return
    page = parts.services.alerts.page(SYSTEM, Paging(1, 200), sort="raised_at").items
    for alert in (one for one in page if one.outcome is None and time.time() - raised[one.id] >= OPEN_S):
        parts.services.alerts.resolve(SYSTEM, alert.id, Outcome.CONFIRMED, "looked at the picture")


def picture() -> bytes:
    """A picture of the size an edge sends."""
    frame = np.random.default_rng(1).integers(0, 255, (36, 64, 3), dtype=np.uint8)
    large = cv2.resize(frame, (960, 540), interpolation=cv2.INTER_CUBIC)
    return cv2.imencode(".jpg", large, [cv2.IMWRITE_JPEG_QUALITY, 70])[1].tobytes()


if __name__ == "__main__":
    main()
