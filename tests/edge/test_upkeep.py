import asyncio
import socket
import threading
import time
from pathlib import Path

import pytest

from tapal_contract import systemd
from tapal_contract.errors import TapalError
from tapal_detector.detections import Detections
from tapal_edge.analyst import Analyst
from tapal_edge.config import EdgeConfig
from tapal_edge.evidence import Evidence
from tapal_edge.metrics import Figure, exposition, serve
from tapal_edge.outbox import Outbox
from tapal_edge.upkeep import STUCK_S, Upkeep
from tests.support.services import free_port
from tests.support.units import exposure_of


class Nothing:
    """Detects nothing."""

    batch = 1

    def detect_batch(self, frames):
        return [Detections.none() for _ in frames]


@pytest.fixture
def listener(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """What systemd would hear."""
    path = str(tmp_path / "notify")
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as ears:
        ears.bind(path)
        ears.settimeout(10)
        monkeypatch.setenv("NOTIFY_SOCKET", path)
        monkeypatch.setenv("WATCHDOG_USEC", "100000")
        yield ears


def upkeep(analyst: Analyst, port: int | None = None, outbox: Outbox | None = None) -> Upkeep:
    data = {"node": "n", "site": "s", "cameras": [{"id": "c", "source": 0}]}
    config = EdgeConfig.model_validate(data | ({"metrics": {"port": port}} if port else {}))
    return Upkeep(config, analyst, [], outbox, None, Evidence(Path("/nowhere")))


async def test_systemd_hears_ready_signs_of_life_and_the_end(listener: socket.socket) -> None:
    async with upkeep(Analyst(Nothing(), [], threading.Condition())).running():
        heard = [await asyncio.to_thread(listener.recv, 500) for _ in range(3)]
    assert heard[0] == b"READY=1"
    assert heard[1].startswith(b"WATCHDOG=1\nSTATUS=0 of 0 cameras online")
    assert heard[2].startswith(b"WATCHDOG=1")
    last = heard[-1]
    while last != b"STOPPING=1":
        last = await asyncio.to_thread(listener.recv, 500)


async def test_a_stuck_analyst_gets_no_sign_of_life(listener: socket.socket, caplog: pytest.LogCaptureFixture) -> None:
    analyst = Analyst(Nothing(), [], threading.Condition())
    analyst.last_turn = time.monotonic() - STUCK_S - 1
    async with upkeep(analyst).running():
        assert await asyncio.to_thread(listener.recv, 500) == b"READY=1"
        while "systemd is to restart" not in caplog.text:  # noqa: ASYNC110 - the log has no event to wait for
            await asyncio.sleep(0.01)
    assert await asyncio.to_thread(listener.recv, 500) == b"STOPPING=1"


@pytest.mark.parametrize(
    ("microseconds", "seconds"), [("60000000", 30.0), ("", None), ("0", None), ("soon", None)], ids=repr
)
def test_the_watchdog_is_fed_twice_as_often_as_asked(microseconds: str, seconds: float | None) -> None:
    assert systemd.watchdog_interval_s({"WATCHDOG_USEC": microseconds}) == seconds


def test_without_systemd_nothing_is_said(tmp_path: Path) -> None:
    assert systemd.notify("READY=1", {}) is False
    assert systemd.notify("READY=1", {"NOTIFY_SOCKET": str(tmp_path / "gone")}) is False


async def ask(port: int, request: bytes) -> bytes:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(request)
    answer = await reader.read()
    writer.close()
    await writer.wait_closed()
    return answer


async def test_prometheus_reads_the_figures_on_loopback(tmp_path: Path) -> None:
    port = free_port()
    with Outbox(tmp_path / "o.db") as outbox:
        outbox.add("e", lambda _: b"{}", b"jpeg")
        async with upkeep(Analyst(Nothing(), [], threading.Condition()), port, outbox).running():
            answer = await ask(port, b"GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n")
            other = await ask(port, b"GET /secret HTTP/1.1\r\n\r\n")
    assert answer.startswith(b"HTTP/1.1 200 OK")
    assert b"\ntapal_outbox_messages 1\n" in answer
    assert b"\ntapal_outbox_picture_bytes 4\n" in answer
    assert other.startswith(b"HTTP/1.1 404")


async def test_a_taken_port_is_one_sentence() -> None:
    async with serve(0, list) as port:
        with pytest.raises(TapalError, match=f"metrics port {port} cannot be used"):
            async with serve(port, list):
                pass


def test_figures_of_one_name_stand_together_with_escaped_labels() -> None:
    figures = [
        Figure("b", "gauge", "B.", 1.5),
        Figure("a", "counter", "A.", 2, {"camera": 'the "gate"\n'}),
        Figure("a", "counter", "A.", 3, {"camera": "x"}),
    ]
    assert exposition(figures) == (
        '# HELP a A.\n# TYPE a counter\na{camera="the \\"gate\\"\\n"} 2\na{camera="x"} 3\n'
        "# HELP b B.\n# TYPE b gauge\nb 1.5\n"
    )


def test_the_unit_is_sound_and_hardened(root: Path, tmp_path: Path) -> None:
    assert exposure_of(root / "edge" / "systemd" / "tapal-edge.service", tmp_path) < 3.0
