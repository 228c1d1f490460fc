"""The console on a desk without a server: for NiceGUI's simulated user, and served for a real browser."""

import functools
import gc
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest
from argon2 import PasswordHasher
from fastapi import FastAPI
from nicegui import Client, core, ui
from nicegui.functions.download import download
from nicegui.functions.navigate import Navigate
from nicegui.functions.notify import notify
from nicegui.testing.general import nicegui_reset_globals
from nicegui.testing.user import User
from playwright.sync_api import Browser

from tapal_server.api.headers import SecurityHeaders
from tapal_server.console.mounting import mount_desk
from tapal_server.console.serving import mount
from tapal_server.db import migrate
from tapal_server.db.database import Database
from tapal_server.parts import Parts, build_parts
from tapal_server.people.actor import SYSTEM
from tapal_server.people.passwords import Passwords
from tapal_server.people.roles import Role
from tapal_server.settings import Settings
from tests.console.fakes import FakeDesk
from tests.server.conftest import PASSWORD, SITES, StillClock
from tests.support.services import free_port
from tests.support.services.chromium import chromium
from tests.support.serving import served_at


@pytest.fixture
def desk() -> FakeDesk:
    return FakeDesk()


@pytest.fixture
def browser() -> Iterator[Browser]:
    """A Chromium of the test's own: its driver runs a loop while it is open, beside which no other could run."""
    with chromium() as running:
        yield running


class Simulated(User):
    """A simulated browser that takes navigation over when it is used, not when something else looks what it is.

    NiceGUI walks over all objects of the process as an application starts, which asks each for its class; a simulated
    browser left over from another test then caught where a real one was sent.
    """

    def __getattribute__(self, name: str) -> Any:
        """Any attribute; the class without the side effect of the others."""
        if name == "__class__":
            return object.__getattribute__(self, name)
        return super().__getattribute__(name)


@contextmanager
def clean_nicegui() -> Iterator[None]:
    """NiceGUI's process-wide state as new, and the modules of our pages left loaded afterwards."""
    with nicegui_reset_globals():
        try:
            yield
        finally:
            Client.page_routes.clear()
            ui.navigate, ui.notify, ui.download = Navigate(), notify, download
    _keep_what_stays()


@functools.cache
def _keep_what_stays() -> None:
    """Once a first page was shown all is imported, and NiceGUI, which walks over all objects, need not over those."""
    gc.freeze()


@pytest.fixture
async def stranger(desk: FakeDesk, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[User]:
    """A simulated browser that has not signed in."""
    monkeypatch.setenv("NICEGUI_USER_SIMULATION", "true")
    with clean_nicegui():
        app = FastAPI()
        mount_desk(app, desk)
        async with app.router.lifespan_context(app):
            transport = httpx.ASGITransport(app)
            async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
                yield Simulated(client)


async def sign_in(user: User, username: str = "sari") -> httpx.Response:
    form = {"username": username, "password": "correct horse"}
    return await user.http_client.post("/sign-in", data=form)


@pytest.fixture
async def officer(stranger: User) -> User:
    """A simulated browser in which the duty officer is signed in."""
    await sign_in(stranger)
    return stranger


@pytest.fixture
def served(desk: FakeDesk) -> Iterator[str]:
    """The address of the console, served by a real server in a thread."""
    with clean_nicegui(), serve(desk) as address:
        yield address


@contextmanager
def serve(desk: FakeDesk) -> Iterator[str]:
    app, port = FastAPI(), free_port()
    app.add_middleware(SecurityHeaders, secure=False)  # as a browser gets it, with what it must not do
    mount_desk(app, desk)
    try:
        with served_at(app, port, log_level="warning", ws="websockets-sansio") as address:
            yield address
    finally:
        core.loop = None


@dataclass
class Running:
    parts: Parts
    user: User

    async def sign_in(self, name: str) -> User:
        await self.user.http_client.post("/sign-in", data={"username": name, "password": PASSWORD})
        return self.user


@pytest.fixture(scope="session")
def migrated(tmp_path_factory) -> bytes:
    """A database with all tables, to copy."""
    path = tmp_path_factory.mktemp("database") / "tapal.sqlite3"
    database = Database(f"sqlite:///{path}")
    migrate.upgrade(database)
    database.close()
    return path.read_bytes()


@pytest.fixture(scope="session")
def staffed(tmp_path_factory, migrated: bytes) -> bytes:
    """The same with the people."""
    folder = tmp_path_factory.mktemp("staffed")
    with _opened(folder, migrated) as built:
        for name, role in (("sari", Role.OFFICER), ("budi", Role.SUPERVISOR), ("admin", Role.ADMIN)):
            built.services.people.add(SYSTEM, name, PASSWORD, role=role, display_name=name.title())
    return (folder / "tapal.sqlite3").read_bytes()


@contextmanager
def _opened(folder: Path, database: bytes) -> Iterator[Parts]:
    (folder / "sites.yaml").write_text(SITES, encoding="utf-8")
    (folder / "tapal.sqlite3").write_bytes(database)
    url = f"sqlite:///{folder / 'tapal.sqlite3'}"
    settings = Settings(data_dir=folder / "data", database=url, sites=folder / "sites.yaml", mqtt=None)
    quick = Passwords(PasswordHasher(time_cost=1, memory_cost=64, parallelism=1))
    built = build_parts(settings, clock=StillClock(), passwords=quick)
    yield built
    built.database.close()


@pytest.fixture
def parts(tmp_path: Path, staffed: bytes) -> Iterator[Parts]:
    with _opened(tmp_path, staffed) as built:
        yield built


@pytest.fixture
async def running(parts: Parts, monkeypatch) -> AsyncIterator[Running]:
    monkeypatch.setenv("NICEGUI_USER_SIMULATION", "true")
    with clean_nicegui():
        app = FastAPI()
        mount(app, parts.services, sites=parts.sites, document_key=parts.keys.get("documents"), settings=parts.settings)
        async with app.router.lifespan_context(app):
            transport = httpx.ASGITransport(app)
            async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
                yield Running(parts, Simulated(client))
