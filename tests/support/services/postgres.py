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

MEMORY, LEAST_MEMORY = Path("/dev/shm"), 2**30


@dataclass
class Postgres:
    """One server; each call of `new_database` gives an empty database."""

    port: int
    process: subprocess.Popen[bytes]
    numbers: Iterator[int]
    launch: Callable[[], subprocess.Popen[bytes]]
    folder: Path
    user: str | None

    @contextmanager
    def standby(self) -> Iterator["Postgres"]:
        """Another server that holds all this one commits, before the commit is told, and may be promoted."""
        port, data = free_port(), self.folder / "standby"
        programs = _programs()
        backup = shutil.which("pg_basebackup") or _programs_of_debian() / "pg_basebackup"
        copy = [backup, "-h", "127.0.0.1", "-p", str(self.port), "-U", "tapal", "-D", data, "-R"]
        subprocess.run(
            [*copy, "-c", "fast", "--no-sync"], check=True, capture_output=True, user=self.user, cwd=self.folder
        )
        command = [programs / "postgres", "-D", data, *_options(port)]

        def launch() -> subprocess.Popen[bytes]:
            with (self.folder / "standby.log").open("ab") as log:
                return subprocess.Popen(command, stdout=log, stderr=log, user=self.user, cwd=self.folder)

        other = Postgres(port, launch(), count(1), launch, data, self.user)
        try:
            wait_for_port(port, other.process)
            _wait_until_ready(other)
            with psycopg.connect(self._admin(), autocommit=True) as connection:
                connection.execute("ALTER SYSTEM SET synchronous_standby_names = '*'")
                connection.execute("SELECT pg_reload_conf()")
            yield other
        finally:
            other.process.send_signal(2)
            stop(other.process)

    def promote(self) -> None:
        """Let a standby take over."""
        with psycopg.connect(self._admin(), autocommit=True) as connection:
            connection.execute("SELECT pg_promote()")

    def _admin(self) -> str:
        return f"host=127.0.0.1 port={self.port} user=tapal dbname=postgres"

    def new_database(self, template: str = "template1") -> str:
        """The URL of a fresh database, empty or a copy of the one whose name is given."""
        name = f"tapal_{next(self.numbers)}"
        with psycopg.connect(self._admin(), autocommit=True) as connection:
            connection.execute(f'CREATE DATABASE "{name}" TEMPLATE "{template}"')  # type: ignore[arg-type]  # the name is ours
        return f"postgresql://tapal@127.0.0.1:{self.port}/{name}"

    @contextmanager
    def database(self, template: str = "template1") -> Iterator[str]:
        """The URL of such a database, which is gone after the block: hundreds of them would fill the memory."""
        url = self.new_database(template)
        yield url
        with psycopg.connect(self._admin(), autocommit=True) as connection:
            connection.execute(f'DROP DATABASE "{url.rpartition("/")[2]}" WITH (FORCE)')  # type: ignore[arg-type]  # as above

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


def _options(port: int) -> list[str]:
    options = {
        "listen_addresses": "127.0.0.1",
        "port": str(port),
        "unix_socket_directories": "",
        "fsync": "off",
        "max_connections": "100",
    }
    return [f"--{key}={value}" for key, value in options.items()]


def _programs() -> Path:
    found = shutil.which("postgres")
    return Path(found).parent if found else _programs_of_debian()


def _programs_of_debian() -> Path:
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


def _in_memory() -> Path | None:
    """Where files lie in memory, if there is such a place with room."""
    return MEMORY if MEMORY.is_dir() and shutil.disk_usage(MEMORY).free >= LEAST_MEMORY else None


@contextmanager
def postgres(*, in_memory: bool = False) -> Iterator[Postgres]:
    """Run a server for the length of the block; in memory, where there is room, it makes a database sooner."""
    programs, user, port = _programs(), _user(), free_port()
    folder = Path(
        tempfile.mkdtemp(prefix="tapal-postgres-", dir=_in_memory() if in_memory else None)
    )  # pytest's folders are closed to other users
    try:
        folder.chmod(0o755)
        data = folder / "data"
        data.mkdir(mode=0o700)
        if user:
            shutil.chown(folder, user)
            shutil.chown(data, user)
        initdb = [programs / "initdb", "-D", data, "-U", "tapal", "-A", "trust", "-E", "UTF8", "--no-sync"]
        subprocess.run(initdb, check=True, capture_output=True, user=user, cwd=folder)
        command = [programs / "postgres", "-D", data, *_options(port)]

        def launch() -> subprocess.Popen[bytes]:
            with (folder / "log").open("ab") as log:
                return subprocess.Popen(command, stdout=log, stderr=log, user=user, cwd=folder)

        server = Postgres(port, launch(), count(1), launch, folder, user)
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
