"""A real Mosquitto broker that tests may kill and start again on the same port."""

import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from tests.support.services import free_port, require, stop, wait_for_port


@dataclass
class Mosquitto:
    """One broker; anonymous unless ``users`` are given, TLS where ``tls`` names certificate and key."""

    folder: Path
    users: dict[str, str] = field(default_factory=dict)
    tls: tuple[Path, Path] | None = None
    extra: str = ""
    quiet: bool = False
    port: int = field(default_factory=free_port)
    host: str = "127.0.0.1"
    process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        """The address as an edge or server configuration writes it."""
        return f"{'mqtts' if self.tls else 'mqtt'}://{self.host}:{self.port}"

    def start(self) -> None:
        """Start the broker and wait until it listens."""
        program = require("mosquitto", package="mosquitto")
        self.folder.mkdir(parents=True, exist_ok=True)
        configuration = self.folder / "mosquitto.conf"
        configuration.write_text(self._configuration(), encoding="utf-8")
        with (self.folder / "mosquitto.log").open("ab") as log:
            self.process = subprocess.Popen([program, "-c", configuration], stdout=log, stderr=log)
        wait_for_port(self.port, self.process)

    def kill(self) -> None:
        """End the broker as a power cut would."""
        assert self.process is not None
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()

    def stop(self) -> None:
        """End the broker politely."""
        if self.process is not None:
            stop(self.process)

    def _configuration(self) -> str:
        lines = [f"listener {self.port} {self.host}", "persistence false", self.extra]
        lines.append("log_type error" if self.quiet else "log_type all")
        if self.tls:
            certificate, key = self.tls
            lines += [f"certfile {certificate}", f"keyfile {key}"]
        if self.users:
            passwords = self.folder / "passwords"
            passwords.write_text("".join(f"{name}:{word}\n" for name, word in self.users.items()), encoding="utf-8")
            passwords.chmod(0o600)
            subprocess.run([require("mosquitto_passwd", package="mosquitto"), "-U", passwords], check=True)
            lines += ["allow_anonymous false", f"password_file {passwords}"]
        else:
            lines.append("allow_anonymous true")
        if Path("/proc/self").exists() and Path("/proc/self").owner() == "root":
            lines.append("user root")  # else Mosquitto drops to a user that may not read the test's folder
        return "\n".join(lines) + "\n"


@contextmanager
def mosquitto(folder: Path, **settings: object) -> Iterator[Mosquitto]:
    """Run a broker for the length of the block."""
    broker = Mosquitto(folder, **settings)  # type: ignore[arg-type]  # passed on by name
    broker.start()
    try:
        yield broker
    finally:
        broker.stop()
