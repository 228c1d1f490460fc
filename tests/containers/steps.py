"""What the smoke test of the containers does with an engine, and what it looks at."""

import json
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

ADDRESS = "http://127.0.0.1:8080"
PATIENCE_S = 300.0
CONFINED = ("--read-only", "--tmpfs", "/tmp", "--cap-drop=all", "--security-opt=no-new-privileges")
NODE = """
node: demo-01
site: pier
mqtt:
  url: mqtts://broker:8883
  username: demo-01
  password_file: /etc/tapal/broker-password
  ca_file: /etc/tapal/ca.crt
cameras:
  - id: jetty
    source: /etc/tapal/pier.mp4
    loop: true
    labels: [person]
    lines:
      - {id: gate, from: [0.7167, 0.9926], to: [0.5729, 0.4815], inbound: left_to_right}
"""


def say(text: str) -> None:
    """Tell who watches."""
    sys.stdout.write(f"containers: {text}\n")
    sys.stdout.flush()


@dataclass(frozen=True)
class Tools:
    """The engine's commands."""

    engine: str
    compose: list[str]

    def call(self, *words: str | Path, folder: Path | None = None) -> str:
        """Run the engine; what it prints."""
        done = subprocess.run([self.engine, *words], cwd=folder, check=True, stdout=subprocess.PIPE, text=True)
        return done.stdout.strip()

    def translated(self, command: str) -> str:
        """A command of the README, for this engine; the images are there already."""
        ours = command.replace("docker compose", " ".join(self.compose)).replace("docker run", f"{self.engine} run")
        return ours.replace(" up --build ", " up ")


@dataclass
class Office:
    """The services of the compose file, and one node."""

    tools: Tools
    folder: Path
    password: str = "correct-horse-battery-staple"
    token: str = field(default="", repr=False)

    def compose(self, *words: str) -> str:
        """Run the compose tool in the folder of its file."""
        done = subprocess.run(
            [*self.tools.compose, *words], cwd=self.folder, check=True, stdout=subprocess.PIPE, text=True
        )
        return done.stdout

    def container(self, service: str) -> str:
        """The name of a service's container."""
        return self.tools.call(
            "ps", "-a", "--filter", f"label=com.docker.compose.service={service}", "--format", "{{.Names}}"
        )

    def ask(self, path: str, body: dict[str, str] | None = None) -> Any:
        """The API's answer."""
        request = urllib.request.Request(f"{ADDRESS}/api/v1{path}", headers={"Content-Type": "application/json"})
        if self.token:
            request.add_header("Authorization", f"Bearer {self.token}")
        request.data = None if body is None else json.dumps(body).encode()
        with urllib.request.urlopen(request, timeout=30) as answer:
            return json.load(answer)

    def wait_until_ready(self) -> None:
        """Until /ready answers 200; the engine's own health check is asked too."""
        self._wait(lambda: self._quietly("/ready"), "the server is ready")
        self.tools.call("exec", self.container("server"), "true")
        check = self.tools.call("inspect", "--format", "{{json .Config.Healthcheck}}", self.container("server"))
        words = json.loads(check)["Test"][1:]
        self.tools.call("exec", self.container("server"), *words)
        say(f"ready: {self._quietly('/ready')}; the health check passes")

    def is_confined(self) -> None:
        """No root, no capabilities, nothing written outside the volume and /tmp."""
        own = self.container("server")
        status = self.tools.call("exec", own, "cat", "/proc/1/status")
        lines = dict(line.split(":\t") for line in status.splitlines() if ":\t" in line)
        assert lines["Uid"].split() == ["10001"] * 4, lines["Uid"]
        assert int(lines["CapEff"], 16) == 0, lines["CapEff"]
        assert lines["NoNewPrivs"] == "1"
        for path in ("/opt/tapal/x", "/etc/tapal/x", "/home/x"):
            tried = subprocess.run(
                [self.tools.engine, "exec", own, "touch", path], check=False, capture_output=True, text=True
            )
            assert "Read-only file system" in tried.stderr, (path, tried.stderr)
        say("user 10001, no capabilities, a read-only file system")

    def sign_in(self) -> None:
        """Get a session for the account that the README makes."""
        self.token = self.ask("/sessions", {"name": "sari", "password": self.password})["token"]

    def events(self) -> int:
        """How many crossings are stored."""
        total: int = self.ask("/events?type=crossing&size=1")["total"]
        return total

    @contextmanager
    def node(self) -> Iterator[None]:
        """A real edge container on the sample feed, over TLS to the broker."""
        etc = self.folder / "etc" / "node"
        etc.mkdir(mode=0o700)
        sample = Path(__file__).resolve().parents[2] / "datasets" / "sample" / "pier.mp4"
        (etc / "edge.yaml").write_text(NODE, encoding="utf-8")
        (etc / "pier.mp4").write_bytes(sample.read_bytes())
        (etc / "ca.crt").write_bytes((self.folder / "etc" / "broker" / "broker.crt").read_bytes())
        (etc / "broker-password").write_bytes((self.folder / "etc" / "demo-01-password").read_bytes())
        subprocess.run(["chown", "-R", "10001:10001", etc], check=True)
        mounts = ["-v", f"{etc}:/etc/tapal:ro", "-v", "tapal-smoke-node:/var/lib/tapal"]
        network = ["--network", "tapal_default"]
        name = ["--name", "tapal-smoke-node", "--stop-timeout=45"]
        self.tools.call("run", "--detach", *name, *CONFINED, *network, *mounts, "tapal-edge")
        try:
            yield
            code, seconds = self._stopped("tapal-smoke-node")
            assert code == 0, code
            say(f"the node ended by itself {seconds:.1f} s after SIGTERM")
        finally:
            say(f"the node said:\n{self.tools.call('logs', '--tail', '20', 'tapal-smoke-node')}")
            self.tools.call("rm", "--force", "--volumes", "tapal-smoke-node")
            self.tools.call("volume", "rm", "--force", "tapal-smoke-node")

    def wait_for_crossings(self) -> None:
        """Until what the node counted is stored at the server."""
        self._wait(lambda: self.events() >= 5, "crossings are stored")
        say(f"{self.events()} crossings of the edge container are stored")

    def recreate(self) -> None:
        """A new container from the same image, as after an update."""
        before = self.tools.call("inspect", "--format", "{{.Id}}", self.container("server"))
        self.compose("stop", "server")
        self.tools.call("rm", "--force", self.container("server"))
        self.compose("up", "--detach", "server")
        assert self.tools.call("inspect", "--format", "{{.Id}}", self.container("server")) != before

    def stops_cleanly(self) -> None:
        """Every service ends on its signal, before it is killed."""
        for service in ("server", "broker", "database"):
            code, seconds = self._stopped(self.container(service))
            assert code == 0, (service, code)
            say(f"{service} ended by itself {seconds:.1f} s after its signal")

    def end(self) -> None:
        """Leave nothing."""
        subprocess.run([*self.tools.compose, "down", "--volumes"], cwd=self.folder, check=False)

    def _stopped(self, name: str) -> tuple[int, float]:
        began = time.monotonic()
        self.tools.call("stop", name)
        seconds = time.monotonic() - began
        return int(self.tools.call("inspect", "--format", "{{.State.ExitCode}}", name)), seconds

    def _quietly(self, path: str) -> Any:
        try:
            return self.ask(path)
        except (urllib.error.URLError, ConnectionError):
            return None

    def _wait(self, happened: Any, words: str) -> None:
        deadline = time.monotonic() + PATIENCE_S
        while not happened():
            if time.monotonic() > deadline:
                sys.stdout.write(self.tools.call("logs", "--tail", "60", self.container("server")))
                sys.exit(f"within {PATIENCE_S:g} s it did not come true: {words}")
            time.sleep(1)
