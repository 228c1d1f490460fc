"""A small office on the server's real services: SQLite, a clock that stands still, three people."""

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path

from argon2 import PasswordHasher
from fastapi import FastAPI

from tapal_server.api.app import build_app
from tapal_server.console.serving import mount
from tapal_server.db import migrate
from tapal_server.parts import Parts, build_parts
from tapal_server.passages.reader import read_lines
from tapal_server.people.actor import SYSTEM
from tapal_server.people.passwords import Passwords
from tapal_server.people.roles import Role
from tapal_server.settings import Settings
from tests.server.conftest import PASSWORD, SITES, StillClock
from tests.support.services import free_port
from tests.support.serving import served_at

ROWS = [f"{n},2026-03-02T13:{n:02d}:00+08:00,{'masuk' if n % 3 else 'keluar'},TTK,{1 + n % 2}" for n in range(1, 13)]
LOG = "record_id,recorded_at,direction,checkpoint,persons\n" + "\n".join(ROWS) + "\n"


@contextmanager
def office(folder: Path, **more: object) -> Iterator[Parts]:
    """The services of a server with a few people and records; `more` are further settings."""
    (folder / "sites.yaml").write_text(SITES, encoding="utf-8")
    url = f"sqlite:///{folder / 'tapal.sqlite3'}"
    values = {"data_dir": folder / "data", "database": url, "sites": folder / "sites.yaml", "mqtt": None}
    settings = Settings.model_validate(values | more)
    quick = Passwords(PasswordHasher(time_cost=1, memory_cost=64, parallelism=1))
    parts = build_parts(settings, clock=StillClock(), passwords=quick)
    migrate.upgrade(parts.database)
    people = (("sari", Role.OFFICER, "Sari Wulandari"), ("budi", Role.SUPERVISOR, "Budi Santoso"))
    for name, role, shown in (*people, ("admin", Role.ADMIN, "Administrator")):
        parts.services.people.add(SYSTEM, name, PASSWORD, role=role, display_name=shown)
    report, records = read_lines(LOG.splitlines(keepends=True), name="log.csv", key=bytes(32))
    parts.services.passages.take(SYSTEM, "simkim", report, records)
    try:
        yield parts
    finally:
        parts.database.close()


@asynccontextmanager
async def _nothing(_: FastAPI) -> AsyncIterator[None]:
    """No tasks: the tests move what moves."""
    yield


@contextmanager
def served_office(parts: Parts) -> Iterator[str]:
    """The address of the console on these services."""
    app, port = build_app(parts, _nothing), free_port()
    mount(
        app, parts.services, sites=parts.sites, document_key=parts.keys.get("documents"), settings=parts.settings,
        notifier=parts.notifier,
    )  # fmt: skip
    with served_at(app, port) as address:
        yield address
