"""What is added to NiceGUI's answers, also where nobody waits for them any more."""

import asyncio

import pytest
from fastapi import FastAPI
from nicegui import __version__

from tapal_server.console.mounting import mount_desk
from tests.console.conftest import clean_nicegui
from tests.console.fakes import FakeDesk

FILE = f"/_nicegui/{__version__}/static/nicegui.js"


@pytest.fixture
async def console(monkeypatch):
    monkeypatch.setenv("NICEGUI_USER_SIMULATION", "true")
    with clean_nicegui():
        app = FastAPI()
        with monkeypatch.context() as outside:  # where NiceGUI leaves nothing out: it does not compress in tests
            outside.delenv("PYTEST_CURRENT_TEST")
            mount_desk(app, FakeDesk())
        async with app.router.lifespan_context(app):
            yield app


async def ask(app, path: str, *, stays: bool = True, headers: tuple[tuple[bytes, bytes], ...] = ()) -> list[dict]:
    """What the application sends to a browser that stays, or that leaves as soon as it has asked."""
    sent: list[dict] = []
    asked = [{"type": "http.request", "body": b"", "more_body": False}]
    gone = asyncio.Event()
    if not stays:
        gone.set()

    async def receive() -> dict:
        if asked:
            return asked.pop()
        await gone.wait()
        return {"type": "http.disconnect"}

    async def send(message: dict) -> None:
        sent.append(message)

    scope = {
        "type": "http", "asgi": {"version": "3.0", "spec_version": "2.3"}, "http_version": "1.1", "method": "GET",
        "scheme": "http", "path": path, "raw_path": path.encode(), "query_string": b"", "root_path": "",
        "headers": [(b"host", b"test"), *headers], "client": ("test", 1), "server": ("test", 80), "state": {},
    }  # fmt: skip
    await app(scope, receive, send)
    return sent


async def test_a_browser_that_leaves_before_its_file_comes_is_no_fault(console):
    sent = await ask(console, FILE, stays=False, headers=((b"accept-encoding", b"gzip"),))
    assert all(message.get("status", 200) == 200 for message in sent)


async def test_the_files_of_a_page_may_be_kept(console):
    head = (await ask(console, FILE))[0]
    assert head["status"] == 200
    assert b"max-age=31536000" in dict(head["headers"])[b"cache-control"]


async def test_a_redirect_stays_below_the_prefix_of_a_proxy(console):
    head = (await ask(console, "/cameras", headers=((b"x-forwarded-prefix", b"/tapal"),)))[0]
    assert dict(head["headers"])[b"location"] == b"/tapal/sign-in?next=%2Fcameras"
