"""Puts the console on a FastAPI app."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from typing import Any

from fastapi import FastAPI, HTTPException, Request, Response
from fastapi.responses import FileResponse
from fastapi.staticfiles import StaticFiles
from nicegui import app as nicegui_app
from nicegui import ui
from starlette.routing import Route

from tapal_server.console import assets, session, setup
from tapal_server.console.answers import instead_of_nicegui
from tapal_server.console.broken import broken
from tapal_server.console.console import Console
from tapal_server.console.elements import page_at
from tapal_server.console.i18n import DEFAULT
from tapal_server.console.live import Live
from tapal_server.console.office import Office
from tapal_server.console.office_pages import register_office
from tapal_server.console.pages.alert import alert_page
from tapal_server.console.pages.archive import archive_page
from tapal_server.console.pages.cameras import cameras_page
from tapal_server.console.pages.duty import duty_page
from tapal_server.console.pages.help import help_page
from tapal_server.console.pages.map import map_page
from tapal_server.console.pages.more import more_page
from tapal_server.console.ports import Desk, Search
from tapal_server.console.session import Visitor, visit
from tapal_server.people.first import FirstRun

__all__ = ["mount_desk"]

PICTURE_AGE_S = 600


def mount_desk(
    app: FastAPI,
    desk: Desk,
    office: Office | None = None,
    *,
    first: FirstRun | None = None,
    secure_cookies: bool = False,
    language: str = DEFAULT,
) -> Console:
    """Serve the console at the root of the app; call it last, so that the app's own routes win.

    NiceGUI knows one console per process: mounting again replaces the one before.
    """
    console = Console(desk, Live(desk), office)
    _forget_earlier_mount()
    for served in (app, nicegui_app):
        served.state.tapal_desk, served.state.tapal_language = desk, language
        served.state.tapal_first, served.state.tapal_secure = first, secure_cookies
    app.include_router(session.router(desk, secure=secure_cookies))
    if first is not None:
        app.include_router(setup.router(first))
    # First, because pages ask for pictures most often, and every address of the API would be tried before.
    app.router.routes.insert(0, Route("/media/{event_id}.jpg", _pictures(desk)))
    app.add_api_route("/service-worker.js", _service_worker, include_in_schema=False)
    app.mount(assets.URL, StaticFiles(directory=assets.FOLDER), name="console-files")
    nicegui_app.add_exception_handler(404, session.missing)
    nicegui_app.on_page_exception(broken)
    _register_pages(console)
    if office is not None:
        register_office(app, console, office)
    _keep_live(app, console.live)
    ui.run_with(
        app,
        title="Tapal",
        viewport="width=device-width, initial-scale=1, viewport-fit=cover",
        favicon=assets.FOLDER / "icon.svg",
        tailwind=False,
        show_welcome_message=False,
        reconnect_timeout=10,
    )
    instead_of_nicegui()
    return console


def _register_pages(console: Console) -> None:
    @page_at("/")
    async def duty(visitor: Visitor) -> None:
        await duty_page(console, visitor)

    @page_at("/alerts")
    async def archive(visitor: Visitor, state: str = "", kind: str = "", site: str = "", page: int = 1) -> None:
        wanted = Search(state=state or None, kind=kind or None, site=site or None, page=max(1, page))
        await archive_page(console, visitor, wanted)

    @page_at("/cameras")
    async def cameras(visitor: Visitor) -> None:
        await cameras_page(console, visitor)

    @page_at("/map")
    async def places(visitor: Visitor) -> None:
        await map_page(console, visitor)

    @page_at("/more")
    def more(visitor: Visitor) -> None:
        more_page(console, visitor)

    @page_at("/help")
    def help_(visitor: Visitor) -> None:
        help_page(console, visitor)

    @page_at("/alerts/{alert_id}")
    async def alert(visitor: Visitor, alert_id: str, problem: str = "") -> None:
        await alert_page(console, visitor, alert_id, problem=problem)


def _pictures(desk: Desk) -> Callable[[Request], Awaitable[Response]]:
    async def picture(request: Request) -> Response:
        visitor = await visit(request)
        jpeg = await asyncio.to_thread(desk.picture, visitor.person, request.path_params["event_id"])
        if jpeg is None:
            raise HTTPException(404, "no picture of this event; it has not come, or its time has passed")
        return Response(jpeg, media_type="image/jpeg", headers={"Cache-Control": f"private, max-age={PICTURE_AGE_S}"})

    return picture


def _service_worker() -> FileResponse:
    """At the root, because a service worker serves what lies below its own address."""
    worker = assets.FOLDER / "service-worker.js"
    return FileResponse(worker, media_type="text/javascript", headers={"Cache-Control": "no-cache"})


def _keep_live(app: FastAPI, live: Live) -> None:
    """Run the subscription for as long as the app runs."""
    inner = app.router.lifespan_context

    @asynccontextmanager
    async def lifespan(running: FastAPI) -> AsyncIterator[Mapping[str, Any]]:
        task = asyncio.create_task(live.run(), name="console: live")
        try:
            async with inner(running) as state:
                yield state or {}
        finally:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)

    app.router.lifespan_context = lifespan


def _forget_earlier_mount() -> None:
    """Let NiceGUI's one app be mounted by a second server in the same process, as tests do."""
    nicegui_app.middleware_stack = None
    nicegui_app.user_middleware.clear()
