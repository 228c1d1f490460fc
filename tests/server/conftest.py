"""Fixtures of the server's tests: both databases, a clock that stands still, and a server without network."""

import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from argon2 import PasswordHasher

from tapal_server.audit.log import AuditLog
from tapal_server.db import migrate
from tapal_server.db.database import Database
from tapal_server.keys import Keys
from tapal_server.parts import Parts, build_parts
from tapal_server.people.actor import SYSTEM, Actor
from tapal_server.people.directory import PeopleService
from tapal_server.people.passwords import Passwords
from tapal_server.people.roles import Role
from tapal_server.people.totp import SecondFactor
from tapal_server.settings import Settings
from tests.support.services.postgres import Postgres, postgres

QUICK = PasswordHasher(time_cost=1, memory_cost=64, parallelism=1)
PASSWORD = "kapal-besar-biru"
STAFF: dict[str, tuple[Role, frozenset[str]]] = {
    "sari": (Role.OFFICER, frozenset()),
    "budi": (Role.SUPERVISOR, frozenset()),
    "admin": (Role.ADMIN, frozenset()),
    "agus": (Role.AUDITOR, frozenset()),
    "dewi": (Role.OFFICER, frozenset({"bambangan"})),
}
START = datetime(2026, 3, 2, 6, 0, tzinfo=UTC)
SITES = """
sites:
  - id: tunon-taka
    name: Tunon Taka
    kind: checkpoint
    checkpoint: TTK
    timezone: Asia/Makassar
    hours: "00:00-24:00"
    gates:
      - {line: gate, direction: inbound, delay: {typical_s: 30, longest_s: 300}, rates: {unlogged_share: 0.05}}
      - {line: gate, direction: outbound, delay: {typical_s: 30, longest_s: 300, first: record}}
  - id: bambangan
    name: Bambangan
    kind: unofficial
    timezone: Asia/Makassar
    gates:
      - {line: jetty, direction: inbound}
"""


class StillClock:
    """A clock that moves when told."""

    def __init__(self, at: datetime = START) -> None:
        self.at = at

    def now(self) -> datetime:
        return self.at

    def move(self, seconds: float) -> None:
        self.at += timedelta(seconds=seconds)


@pytest.fixture
def clock() -> StillClock:
    return StillClock()


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[Postgres]:
    with postgres(in_memory=True) as server:
        yield server


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.services)])
def backend(request) -> str:
    """Each kind of database in turn."""
    return request.param


@pytest.fixture
def database_url(request, tmp_path: Path, backend) -> Iterator[str]:
    """An empty database of each kind; the test runs on both."""
    if backend == "sqlite":
        yield f"sqlite:///{tmp_path / 'tapal.sqlite3'}"
        return
    server: Postgres = request.getfixturevalue("postgres_server")
    with server.database() as url:
        yield url


@pytest.fixture(scope="session")
def migrated_sqlite(tmp_path_factory) -> Path:
    """A file with all tables, to copy."""
    path = tmp_path_factory.mktemp("template") / "tapal.sqlite3"
    _migrate(f"sqlite:///{path}")
    return path


@pytest.fixture(scope="session")
def migrated_postgres(postgres_server) -> str:
    """The name of a database with all tables, to copy."""
    url = postgres_server.new_database()
    _migrate(url)
    return url.rpartition("/")[2]


def _migrate(url: str) -> None:
    """All tables, and the people, whose passwords take a while to hash."""
    opened = Database(url)
    migrate.upgrade(opened)
    with tempfile.TemporaryDirectory() as folder:
        clock, keys = StillClock(), Keys(Path(folder))
        service = PeopleService(
            opened,
            audit=AuditLog(opened, keys, clock),
            clock=clock,
            passwords=Passwords(QUICK),
            second_factor=SecondFactor(keys, clock),
        )
        for name, (role, sites) in STAFF.items():
            service.add(SYSTEM, name, PASSWORD, role=role, sites=sites)
    opened.close()


@pytest.fixture
def migrated_url(request, tmp_path, backend) -> Iterator[str]:
    """A database with its tables, of each kind."""
    if backend == "sqlite":
        copy = tmp_path / "tapal.sqlite3"
        copy.write_bytes(request.getfixturevalue("migrated_sqlite").read_bytes())
        yield f"sqlite:///{copy}"
        return
    server: Postgres = request.getfixturevalue("postgres_server")
    with server.database(template=request.getfixturevalue("migrated_postgres")) as url:
        yield url


@pytest.fixture
def database(migrated_url) -> Iterator[Database]:
    """A database with its tables."""
    opened = Database(migrated_url)
    yield opened
    opened.close()


@pytest.fixture
def settings(tmp_path, migrated_url) -> Settings:
    (tmp_path / "sites.yaml").write_text(SITES, encoding="utf-8")
    return Settings(data_dir=tmp_path / "data", database=migrated_url, sites=tmp_path / "sites.yaml", mqtt=None)


@pytest.fixture
def parts(settings, clock) -> Iterator[Parts]:
    """The server's parts on both databases, without network; passwords are hashed cheaply."""
    built = build_parts(settings, clock=clock, passwords=Passwords(QUICK))
    yield built
    built.database.close()


@pytest.fixture
def heard(parts) -> list:
    """What the bus told, in order."""
    events: list = []
    parts.services.bus.subscribe(events.append)
    return events


@dataclass(frozen=True)
class People:
    """One person of several roles, as actors."""

    officer: Actor
    supervisor: Actor
    admin: Actor
    auditor: Actor
    elsewhere: Actor


@pytest.fixture
def people(parts) -> People:
    actors = {name: parts.services.auth.actor_named(name) for name in STAFF}
    return People(actors["sari"], actors["budi"], actors["admin"], actors["agus"], actors["dewi"])
