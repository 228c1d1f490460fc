"""The console on a desk without a server: for NiceGUI's simulated user, and served for a real browser."""

import threading
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager

import httpx
import pytest
import uvicorn
from fastapi import FastAPI
from nicegui import Client, core, ui
from nicegui.functions.download import download
from nicegui.functions.navigate import Navigate
from nicegui.functions.notify import notify
from nicegui.testing.general import nicegui_reset_globals
from nicegui.testing.user import User

from tapal_server.console.mounting import mount_desk
from tests.console.fakes import FakeDesk
from tests.support.services import free_port


@pytest.fixture
def desk() -> FakeDesk:
    return FakeDesk()


@contextmanager
def clean_nicegui() -> Iterator[None]:
    """NiceGUI's process-wide state as new, and the modules of our pages left loaded afterwards."""
    with nicegui_reset_globals():
        try:
            yield
        finally:
            Client.page_routes.clear()
            ui.navigate, ui.notify, ui.download = Navigate(), notify, download


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
                yield User(client)


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
    mount_desk(app, desk)
    server = uvicorn.Server(uvicorn.Config(app, port=port, log_level="warning", ws="websockets-sansio"))
    thread = threading.Thread(target=server.run, name="console under test")
    thread.start()
    try:
        while not server.started and thread.is_alive():
            thread.join(0.02)
        yield f"http://127.0.0.1:{port}"
    finally:
        server.should_exit = True
        thread.join(20)
        core.loop = None
