"""The whole system as separate processes: a real Mosquitto, the server, an edge node on the sample feed."""

import json
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import yaml

from tapal.demo.files import NODE, OFFICER, SITE, Ports, load_sample, write
from tapal_contract.times import to_wire
from tests.support.patience import PATIENCE_S
from tests.support.services import free_port, stop
from tests.support.services.mosquitto import mosquitto

ROOT = Path(__file__).resolve().parents[2]
SAMPLE = ROOT / "datasets" / "sample"
PASSWORD = "kapal-besar-biru"
READY_S = PATIENCE_S


def tapal(*arguments: str, folder: Path, stdin: str = "") -> str:
    """Run a command to its end; a failure shows what it said."""
    run = subprocess.run(
        [sys.executable, "-m", "tapal", *arguments],
        cwd=folder,
        input=stdin,
        capture_output=True,
        text=True,
        check=False,
        timeout=240,
    )
    assert run.returncode == 0, f"tapal {' '.join(arguments)}\n{run.stdout}\n{run.stderr}"
    return run.stdout


@dataclass(frozen=True)
class Api:
    """The server's API, asked as the officer."""

    address: str
    token: str = ""

    def ask(self, path: str, body: Any = None, *, method: str | None = None) -> Any:
        """Send a request and return the JSON of its answer."""
        request = urllib.request.Request(
            self.address + path,
            data=None if body is None else json.dumps(body).encode(),
            method=method,
            headers={"Content-Type": "application/json"}
            | ({"Authorization": f"Bearer {self.token}"} if self.token else {}),
        )
        with urllib.request.urlopen(request, timeout=PATIENCE_S) as answer:
            return json.loads(answer.read() or b"null")

    def raw(self, path: str) -> bytes:
        """Return the bytes of a GET."""
        request = urllib.request.Request(self.address + path, headers={"Authorization": f"Bearer {self.token}"})
        with urllib.request.urlopen(request, timeout=PATIENCE_S) as answer:
            content: bytes = answer.read()
            return content

    def ready(self) -> bool:
        """Whether the server can work."""
        try:
            self.ask("/api/v1/ready")
        except (urllib.error.URLError, ConnectionError):
            return False
        return True

    def until(self, path: str, holds: Any, *, seconds: float = READY_S) -> Any:
        """Ask until what comes back holds; fail with the last answer when the time is up."""
        deadline = time.monotonic() + seconds
        while True:
            answer = self.ask(path)
            if holds(answer):
                return answer
            assert time.monotonic() < deadline, f"{path} still answers {json.dumps(answer)[:2000]}"
            time.sleep(0.1)


@contextmanager
def served(folder: Path) -> Iterator[Api]:
    """Broker and server on free ports, an officer signed in."""
    folder.mkdir(parents=True, exist_ok=True)
    with mosquitto(folder / "broker") as broker:
        ports = Ports(http=free_port(), mqtt=broker.port)
        write(folder, load_sample(SAMPLE), ports)
        config = ["--config", "server.yaml"]
        tapal("server", "migrate", *config, folder=folder)
        tapal(
            "server",
            "user",
            "add",
            OFFICER,
            "--role",
            "supervisor",
            "--password-stdin",
            *config,
            folder=folder,
            stdin=PASSWORD + "\n",
        )
        with (folder / "server.log").open("wb") as log:
            process = subprocess.Popen(
                [sys.executable, "-X", "faulthandler", "-m", "tapal", "server", "run", *config],
                cwd=folder,
                stdout=log,
                stderr=log,
            )
        try:
            with shown_on_failure(folder / "server.log"):
                yield _signed_in(Api(f"http://127.0.0.1:{ports.http}"), process, folder / "server.log")
        finally:
            stop(process)
        assert process.returncode == 0, (folder / "server.log").read_text()


@contextmanager
def shown_on_failure(log: Path) -> Iterator[None]:
    """Say the last of what a process said, where the block fails."""
    try:
        yield
    except BaseException:
        sys.stderr.write(f"--- {log.name}, its end ---\n{log.read_text(errors='replace')[-20_000:]}" + "\n")
        raise


def _signed_in(api: Api, process: subprocess.Popen[bytes], log: Path) -> Api:
    deadline = time.monotonic() + READY_S
    while not api.ready():
        assert process.poll() is None, log.read_text()
        assert time.monotonic() < deadline, log.read_text()
        time.sleep(0.1)
    session = api.ask("/api/v1/sessions", {"name": OFFICER, "password": PASSWORD})
    return Api(api.address, session["token"])


def watch_sample_once(folder: Path, start: datetime) -> None:
    """Let the edge node analyse the sample feed to its end and deliver everything."""
    path = folder / "edge.yaml"
    config = yaml.safe_load(path.read_text())
    for camera in config["cameras"]:
        camera.pop("loop", None)
    path.write_text(yaml.safe_dump(config, sort_keys=False))
    tapal("edge", "run", "--config", "edge.yaml", "--start", to_wire(start), folder=folder)


def true_crossings() -> list[dict[str, Any]]:
    """What the builder of the sample feed knows: line, time_s, direction, person."""
    crossings: list[dict[str, Any]] = yaml.safe_load((SAMPLE / "pier.yaml").read_text())["crossings"]
    return crossings


__all__ = [
    "NODE",
    "OFFICER",
    "PASSWORD",
    "SITE",
    "Api",
    "served",
    "shown_on_failure",
    "tapal",
    "true_crossings",
    "watch_sample_once",
]
