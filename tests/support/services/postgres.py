"""A real PostgreSQL server, started as an unprivileged user in a folder of its own."""

import os
import pwd
import shutil
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import count
from pathlib import Path

import psycopg

from tests.support.services import free_port, missing, stop, wait_for_port


@dataclass
class Postgres:
    """One server; each call of `new_database` gives an empty database."""

    port: int
    process: subprocess.Popen[bytes]
    numbers: Iterator[int]
    launch: Callable[[], subprocess.Popen[bytes]]

    def new_database(self, template: str = "template1") -> str:
        """The URL of a fresh database, empty or a copy of the one whose name is given."""
        name = f"tapal_{next(self.numbers)}"
        admin = f"host=127.0.0.1 port={self.port} user=tapal dbname=postgres"
        with psycopg.connect(admin, autocommit=True) as connection:
            connection.execute(f'CREATE DATABASE "{name}" TEMPLATE "{template}"')  # type: ignore[arg-type]  # the name is ours
        return f"postgresql://tapal@127.0.0.1:{self.port}/{name}"

    def kill(self) -> None:
        """End it without warning; its workers end by themselves when they notice."""
        self.process.kill()
        self.process.wait()

    def start(self, attempts: int = 50) -> None:
        """Start it again on the same port; refused for as long as a worker of the killed one lives."""
        for attempt in range(attempts):
            self.process = self.launch()
            try:
                wait_for_port(self.port, self.process)
            except RuntimeError:
                if attempt == attempts - 1:
                    raise
                time.sleep(0.1)
            else:
                return


def _programs() -> Path:
    found = shutil.which("postgres")
    if found:
        return Path(found).parent
    folders = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda folder: int(folder.parent.name))
    if not folders:
        missing("PostgreSQL is not installed (Debian package postgresql)")
    return folders[-1]


def _user() -> str | None:
    """PostgreSQL refuses to run as root, so root lends it another user."""
    if os.geteuid() != 0:
        return None
    for name in ("postgres", "nobody"):
        try:
            return pwd.getpwnam(name).pw_name
        except KeyError:
            continue
    missing("PostgreSQL does not run as root, and there is no user postgres or nobody")
    return None


@contextmanager
def postgres() -> Iterator[Postgres]:
    """Run a server for the length of the block."""
    programs, user, port = _programs(), _user(), free_port()
    folder = Path(tempfile.mkdtemp(prefix="tapal-postgres-"))  # pytest's folders are closed to other users
    try:
        folder.chmod(0o755)
        data = folder / "data"
        data.mkdir(mode=0o700)
        if user:
            shutil.chown(data, user)
        initdb = [programs / "initdb", "-D", data, "-U", "tapal", "-A", "trust", "-E", "UTF8", "--no-sync"]
        subprocess.run(initdb, check=True, capture_output=True, user=user, cwd=folder)
        options = {
            "listen_addresses": "127.0.0.1",
            "port": str(port),
            "unix_socket_directories": "",
            "fsync": "off",
            "max_connections": "100",
        }
        command = [programs / "postgres", "-D", data, *(f"--{key}={value}" for key, value in options.items())]

        def launch() -> subprocess.Popen[bytes]:
            with (folder / "log").open("ab") as log:
                return subprocess.Popen(command, stdout=log, stderr=log, user=user, cwd=folder)

        server = Postgres(port, launch(), count(1), launch)
        try:
            wait_for_port(port, server.process)
            _wait_until_ready(server)
            yield server
        finally:
            server.process.send_signal(2)  # SIGINT: fast shutdown, which does not wait for idle clients
            stop(server.process)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _wait_until_ready(server: Postgres) -> None:
    for attempt in range(200):
        try:
            psycopg.connect(f"host=127.0.0.1 port={server.port} user=tapal dbname=postgres").close()
        except psycopg.OperationalError:
            assert server.process.poll() is None, "PostgreSQL ended while it started"
            if attempt == 199:
                raise
            server.process.poll()
            os.sched_yield()
            subprocess.run(["sleep", "0.05"], check=True)
        else:
            return
