"""A real RTSP camera that tests may freeze, kill and start again on the same port."""

import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from tests.support.services import free_port, missing, stop, wait_for_port

SCRIPT = Path(__file__).with_name("rtsp_server.py")
PYTHON = "/usr/bin/python3"
PACKAGES = "gir1.2-gst-rtsp-server-1.0 python3-gi gstreamer1.0-plugins-good gstreamer1.0-plugins-ugly"
PROBE = (
    "import gi; gi.require_version('GstRtspServer', '1.0'); from gi.repository import Gst, GstRtspServer;"
    "Gst.init(None);"
    "raise SystemExit(not all(Gst.ElementFactory.find(n) for n in ('x264enc', 'rtph264pay', 'videotestsrc')))"
)


@dataclass
class Rtsp:
    """One camera at ``rtsp://127.0.0.1:PORT/stream``."""

    user: str | None = None
    password: str | None = None
    port: int = field(default_factory=free_port)
    process: subprocess.Popen[bytes] | None = None

    def url(self, user: str | None = None, password: str | None = None, path: str = "stream") -> str:
        """Return the address, with user and password if given."""
        who = f"{user}:{password}@" if user else ""
        return f"rtsp://{who}127.0.0.1:{self.port}/{path}"

    def start(self, size: str = "320x240") -> None:
        """Switch the camera on and wait until it listens."""
        command = [PYTHON, str(SCRIPT), "--port", str(self.port), "--size", size]
        if self.user and self.password:
            command += ["--user", self.user, "--password", self.password]
        self.process = subprocess.Popen(command)
        wait_for_port(self.port, self.process)

    def freeze(self) -> None:
        """Stop sending while every connection stays open."""
        assert self.process is not None
        self.process.send_signal(signal.SIGSTOP)

    def thaw(self) -> None:
        """Go on sending."""
        assert self.process is not None
        self.process.send_signal(signal.SIGCONT)

    def kill(self) -> None:
        """Cut the power."""
        assert self.process is not None
        self.process.kill()
        self.process.wait()

    def stop(self) -> None:
        """Switch the camera off."""
        if self.process is not None:
            self.thaw()
            stop(self.process)


@contextmanager
def rtsp(user: str | None = None, password: str | None = None) -> Iterator[Rtsp]:
    """Run a camera for the length of the block; skip (or fail) where its packages are missing."""
    probe = subprocess.run([PYTHON, "-c", PROBE], capture_output=True, check=False) if Path(PYTHON).exists() else None
    if probe is None or probe.returncode != 0:
        missing(f"no RTSP server (Debian packages {PACKAGES})")
    camera = Rtsp(user, password)
    camera.start()
    try:
        yield camera
    finally:
        camera.stop()
