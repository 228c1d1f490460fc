"""Real services for tests: a broker, a database, a browser; each on a free loopback port, stopped at the end.

Where a program is missing the test is skipped with the reason; with TAPAL_REQUIRE_SERVICES=1 it fails instead, so that
CI cannot pass by skipping.
"""

import contextlib
import os
import shutil
import signal
import socket
import subprocess
import time
from pathlib import Path

import pytest

from tests.support.patience import PATIENCE_S


def require(program: str, *, package: str, also_in: tuple[str, ...] = ("/usr/sbin", "/usr/local/sbin")) -> Path:
    """Return the program's path, or skip (fail under TAPAL_REQUIRE_SERVICES=1) naming the package that has it."""
    search = os.pathsep.join((os.environ.get("PATH", ""), *also_in))
    found = shutil.which(program, path=search)
    if found is None:
        missing(f"{program} is not installed (Debian package {package})")
    return Path(found)


def missing(reason: str) -> None:
    """Skip the test, or fail it where services are required."""
    if os.environ.get("TAPAL_REQUIRE_SERVICES") == "1":
        pytest.fail(reason, pytrace=False)
    pytest.skip(reason)


def free_port() -> int:
    """Return a loopback port that was free a moment ago."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def wait_for_port(port: int, process: subprocess.Popen[bytes], *, seconds: float = PATIENCE_S) -> None:
    """Wait until something listens on the port; fail when the process ends or the time is up."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if process.poll() is not None:
            raise RuntimeError(f"{process.args!r} ended with status {process.returncode} before it listened")
        try:
            with socket.create_connection(("127.0.0.1", port), timeout=0.5):
                return
        except OSError:
            time.sleep(0.02)
    raise RuntimeError(f"{process.args!r} did not listen on port {port} within {seconds} s")


def stop(process: subprocess.Popen[bytes], *, seconds: float = 30.0) -> None:
    """End a process politely, then for good; one of Python's that does not end says first what its threads do."""
    if process.poll() is None:
        process.terminate()
        try:
            process.wait(seconds)
        except subprocess.TimeoutExpired:
            process.send_signal(signal.SIGABRT)
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(5.0)
            process.kill()
            process.wait()
