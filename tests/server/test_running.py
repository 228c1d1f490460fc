"""The server as a process of its own, with a real broker."""

import asyncio
import json
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import aiomqtt
import pytest

from tapal_contract.node import Ack, parse_control
from tests.server.conftest import PASSWORD, SITES
from tests.server.edges import Edge
from tests.support.patience import PATIENCE_S
from tests.support.services import free_port
from tests.support.services.mosquitto import Mosquitto, mosquitto

pytestmark = pytest.mark.services


@pytest.fixture
def broker(tmp_path) -> Iterator[Mosquitto]:
    with mosquitto(tmp_path / "broker") as running:
        yield running


class Running:
    """A server process and its address."""

    def __init__(self, folder: Path, database: Path, broker: str) -> None:
        self.port = free_port()
        self.folder = folder
        (folder / "data").mkdir(parents=True)
        (folder / "data" / "tapal.sqlite3").write_bytes(database.read_bytes())
        (folder / "sites.yaml").write_text(SITES, encoding="utf-8")
        settings = {
            "data_dir": "data",
            "sites": "sites.yaml",
            "mqtt": {"url": broker},
            "http": {"port": self.port},
        }
        (folder / "server.yaml").write_text(json.dumps(settings), encoding="utf-8")

    @contextmanager
    def started(self) -> Iterator[subprocess.Popen[bytes]]:
        words = [sys.executable, "-m", "tapal", "server", "run", "--config", self.folder / "server.yaml"]
        with (self.folder / "log").open("ab") as log:
            process = subprocess.Popen(words, stdout=log, stderr=log)
        try:
            self.wait_until_ready(process)
            yield process
        finally:
            process.kill()
            process.wait()

    def wait_until_ready(self, process) -> None:
        deadline = time.monotonic() + PATIENCE_S
        while time.monotonic() < deadline:
            assert process.poll() is None, (self.folder / "log").read_text()
            try:
                if self.get("/api/v1/ready")["ready"]:
                    return
            except (urllib.error.URLError, ConnectionError):
                time.sleep(0.1)
        raise AssertionError((self.folder / "log").read_text())

    def get(self, path: str, token: str = "") -> dict:
        request = urllib.request.Request(
            f"http://127.0.0.1:{self.port}{path}", headers={"Authorization": f"Bearer {token}"} if token else {}
        )
        with urllib.request.urlopen(request, timeout=PATIENCE_S) as answer:
            return json.load(answer)

    def status(self, path: str) -> int:
        try:
            self.get(path)
        except urllib.error.HTTPError as error:
            return error.code
        return 200

    def post(self, path: str, body, token: str = "") -> dict:
        headers = {"Content-Type": "application/json"} | ({"Authorization": f"Bearer {token}"} if token else {})
        request = urllib.request.Request(
            f"http://127.0.0.1:{self.port}{path}", data=json.dumps(body).encode(), headers=headers, method="POST"
        )
        with urllib.request.urlopen(request, timeout=PATIENCE_S) as answer:
            return json.load(answer)


async def deliver(broker: Mosquitto, edge: Edge, messages, through: int, media: int = 0) -> list[Ack]:
    """Publish as the edge, and wait for the acknowledgement that covers everything."""
    acks: list[Ack] = []
    seen: set[str] = set()
    async with asyncio.timeout(PATIENCE_S), aiomqtt.Client(broker.host, broker.port) as client:
        await client.subscribe(f"tapal/1/{edge.site}/{edge.node}/ack", qos=1)
        for message in messages:
            await client.publish(message.topic, message.payload, qos=1)
        async for message in client.messages:
            acks.append(parse_control(Ack, message.payload))
            seen |= set(acks[-1].media)
            if acks[-1].through >= through and len(seen) >= media:
                return acks
    raise AssertionError("the connection ended")


def eventually(ask, *, seconds: float = PATIENCE_S):
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        found = ask()
        if found:
            return found
        time.sleep(0.1)
    raise AssertionError("it never happened")


def test_a_crossing_travels_from_the_broker_to_an_alert_and_survives_a_kill(tmp_path, migrated_sqlite, broker):
    server = Running(tmp_path / "server", migrated_sqlite, broker.url)
    edge = Edge(site="bambangan", line="jetty")
    first = edge.crossing()
    with server.started() as process:
        asyncio.run(deliver(broker, edge, [edge.state(), *edge.sent(first), edge.picture(first)], 1, 1))
        token = server.post("/api/v1/sessions", {"name": "sari", "password": PASSWORD})["token"]
        alerts = eventually(lambda: server.get("/api/v1/alerts", token)["items"])
        assert [(one["kind"], one["event_ids"]) for one in alerts] == [("presence", [first.id])]
        detail = server.get(f"/api/v1/alerts/{alerts[0]['id']}", token)
        assert detail["pictures"] == [first.id]
        process.send_signal(signal.SIGKILL)
        process.wait()
    with server.started() as process:
        asyncio.run(deliver(broker, edge, edge.sent(first), 1))
        again = server.get("/api/v1/alerts", token)["items"]
        assert [one["id"] for one in again] == [alerts[0]["id"]], "said once"
        assert [one["action"] for one in server.get(f"/api/v1/alerts/{again[0]['id']}", token)["history"]] == ["raised"]
        process.terminate()
        assert process.wait(20) == 0
    assert "Traceback" not in (server.folder / "log").read_text()


def test_the_server_finds_its_broker_again(tmp_path, migrated_sqlite, broker):
    server = Running(tmp_path / "server", migrated_sqlite, broker.url)
    edge = Edge()
    with server.started() as process:
        asyncio.run(deliver(broker, edge, edge.sent(*edge.crossings(3)), 3))
        broker.kill()
        eventually(lambda: server.status("/api/v1/ready") == 503)
        broker.start()
        server.wait_until_ready(process)
        acks = asyncio.run(deliver(broker, edge, edge.sent(*edge.crossings(2)), 5))
        assert acks[-1].resend_from is None
