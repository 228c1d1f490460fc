"""The very first visit, and the list of what to set up."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from queue import Queue

import httpx
import pytest
from fastapi import FastAPI
from nicegui.testing.user import User

from tapal_server.console.serving import mount
from tapal_server.errors import ConflictError, ForbiddenError, InvalidError
from tapal_server.notify.rules import Channel, NotifySettings
from tapal_server.parts import Parts, build_parts
from tapal_server.people.first import TRIES, FirstRun
from tapal_server.people.passwords import Passwords
from tapal_server.settings import Settings
from tests.console.conftest import Simulated, clean_nicegui
from tests.server.conftest import PASSWORD, QUICK, SITES, StillClock
from tests.support.patience import PATIENCE_S

ADMIN = {"username": "kepala", "display_name": "Ibu Kepala", "password": PASSWORD}


@dataclass
class Empty:
    parts: Parts
    first: FirstRun
    user: User
    sent: Queue[tuple[str, str, str]]


@pytest.fixture
async def empty(tmp_path: Path, migrated: bytes, monkeypatch) -> AsyncIterator[Empty]:
    """A server that nobody has an account at."""
    monkeypatch.setenv("NICEGUI_USER_SIMULATION", "true")
    (tmp_path / "sites.yaml").write_text(SITES, encoding="utf-8")
    (tmp_path / "tapal.sqlite3").write_bytes(migrated)
    sent: Queue[tuple[str, str, str]] = Queue()
    settings = Settings(
        data_dir=tmp_path / "data",
        database=f"sqlite:///{tmp_path / 'tapal.sqlite3'}",
        sites=tmp_path / "sites.yaml",
        mqtt=None,
        notify=NotifySettings(channels=(Channel(name="jaga", url="json://localhost"),)),
    )

    def told(*message: str) -> bool:
        sent.put(message)
        return True

    parts = build_parts(settings, clock=StillClock(), passwords=Passwords(QUICK), send=told)
    first = FirstRun(parts.services.people, parts.database)
    with clean_nicegui():
        app = FastAPI()
        key = parts.keys.get("documents")
        files = {"notifier": parts.notifier, "sites_file": settings.sites}
        mount(app, parts.services, sites=parts.sites, document_key=key, first=first, **files)
        async with app.router.lifespan_context(app):
            transport = httpx.ASGITransport(app)
            async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
                yield Empty(parts, first, Simulated(client), sent)
    parts.database.close()


async def test_the_first_visit_makes_the_administrator_and_shows_what_is_left(empty):
    browser = empty.user.http_client
    answer = await browser.get("/", headers={"accept": "text/html"})
    assert (answer.status_code, answer.headers["location"]) == (303, "/setup")
    assert "Kode sekali pakai" in (await browser.get("/setup")).text
    answer = await browser.post("/setup", data=ADMIN | {"code": empty.first.code})
    assert answer.headers["location"] == "/sign-in?next=/start"
    await browser.post("/sign-in", data={"username": "kepala", "password": PASSWORD})
    await empty.user.open("/start")
    for text in ("3 langkah lagi", "Tunon Taka, Bambangan", "Kirim percobaan ke jaga", "tapal edge run"):
        await empty.user.should_see(text)
    empty.user.find(marker="steps").trigger("click", {"act": "test", "id": "jaga"})
    told = await asyncio.to_thread(empty.sent.get, timeout=PATIENCE_S)
    assert told == ("json://localhost", "Tapal", "Uji coba / test")


async def test_a_site_file_is_tried_before_it_is_used(empty):
    await empty.user.http_client.post("/setup", data=ADMIN | {"code": empty.first.code})
    await empty.user.http_client.post("/sign-in", data={"username": "kepala", "password": PASSWORD})
    await empty.user.open("/start")
    form = next(iter(empty.user.find(content="Coba berkas pos").elements))
    for text, said in ((SITES, "Berkas ini baik, berisi 2 pos."), ("sites: [{id: x, kindd: pier}]", "kindd")):
        with empty.user:
            empty.user.find(content="Coba berkas pos").trigger("submit", {"yaml": text})
        await empty.user.should_see(said)
    assert form.visible


async def test_a_wrong_code_is_refused_in_words(empty):
    answer = await empty.user.http_client.post("/setup", data=ADMIN | {"code": "AAAA-BBBB-CCCC"})
    assert answer.status_code == 422
    assert "Ini bukan kodenya" in answer.text
    assert empty.first.needed()


async def test_afterwards_the_page_is_gone(empty):
    empty.first.create(empty.first.code, "kepala", PASSWORD, "")
    answer = await empty.user.http_client.get("/setup")
    assert answer.headers["location"] == "/sign-in"
    with pytest.raises(ConflictError):
        empty.first.create(empty.first.code, "lain", PASSWORD, "")


async def test_guessing_the_code_ends_soon(empty):
    for _ in range(TRIES):
        with pytest.raises(InvalidError):
            empty.first.create("AAAA-BBBB-CCCC", "kepala", PASSWORD, "")
    with pytest.raises(ForbiddenError):
        empty.first.create(empty.first.code, "kepala", PASSWORD, "")
