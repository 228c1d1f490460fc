"""Addresses of the pages of an office, and of the forms that bring a file."""

import asyncio
import logging
from typing import Annotated
from urllib.parse import quote

from fastapi import APIRouter, Depends, FastAPI, Form, HTTPException, Request, UploadFile
from fastapi.responses import RedirectResponse, Response

from tapal_contract.errors import TapalError
from tapal_server.clips.playing import film_response
from tapal_server.console.admin_pages import register_admin
from tapal_server.console.console import Console
from tapal_server.console.elements import page_at
from tapal_server.console.feed_pages import register_feeds
from tapal_server.console.office import Office
from tapal_server.console.pages.camera import camera_page
from tapal_server.console.pages.gates import gates_page
from tapal_server.console.pages.handover import handover_page
from tapal_server.console.pages.passages import passages_page
from tapal_server.console.pages.reports import reports_page
from tapal_server.console.pages.shelves import shelves_page
from tapal_server.console.review_pages import register_review
from tapal_server.console.schedule_pages import register_schedule
from tapal_server.console.session import Visitor, refuse_other_origins, visit
from tapal_server.console.subjects import actor_of
from tapal_server.console.views.passages import Wanted as Searched
from tapal_server.console.views.reports import Wanted
from tapal_server.errors import NotFoundError

__all__ = ["register_office"]

log = logging.getLogger(__name__)

FILM_AGE_S = 600


def register_office(app: FastAPI, console: Console, office: Office) -> None:
    """Add the pages that need more than alerts."""
    app.include_router(_uploads(office))
    app.include_router(_films(office))
    register_schedule(app, console, office)
    register_feeds(app, console, office)
    register_review(app, console, office)
    register_admin(app, console, office)

    @page_at("/passages")
    async def passages(
        visitor: Visitor,
        wanted: Annotated[Searched, Depends()],
        *,
        preview: str = "",
        page: int = 1,
        problem: str = "",
        taken: str = "",
    ) -> None:
        await passages_page(
            console, office, visitor, preview=preview, page=max(1, page), problem=problem, taken=taken, wanted=wanted
        )

    @page_at("/cameras/{node}/{camera}")
    async def one_camera(visitor: Visitor, node: str, camera: str) -> None:
        await camera_page(console, office, visitor, node, camera)

    @page_at("/shelves")
    async def shelves(visitor: Visitor) -> None:
        await shelves_page(console, office, visitor)

    @page_at("/gates")
    async def gates(visitor: Visitor) -> None:
        await gates_page(console, office, visitor)

    @page_at("/handover")
    async def handover(visitor: Visitor) -> None:
        await handover_page(console, office, visitor)

    @page_at("/reports")
    async def reports(visitor: Visitor, period: str = "shift", first: str = "", last: str = "", site: str = "") -> None:
        wanted = Wanted(period=period, first=first, last=last, site=site or None)
        await reports_page(console, office, visitor, wanted)


def _films(office: Office) -> APIRouter:
    routes = APIRouter(include_in_schema=False)

    @routes.get("/media/{event_id}.mp4")
    async def film(request: Request, event_id: str) -> Response:
        actor = actor_of((await visit(request)).person)
        try:
            content = await asyncio.to_thread(office.services.clips.read, actor, event_id)
        except NotFoundError as error:
            raise HTTPException(404, "no clip of this event; it was not fetched, or its time has passed") from error
        return film_response(content, request.headers.get("range"), keep_s=FILM_AGE_S)

    return routes


def _uploads(office: Office) -> APIRouter:
    routes = APIRouter(include_in_schema=False)

    @routes.post("/passages/offer")
    async def offer(request: Request, file: Annotated[UploadFile, "the passage file"]) -> Response:
        refuse_other_origins(request)
        visitor = await visit(request)
        content = await file.read()
        try:
            token = await asyncio.to_thread(office.offer, visitor.person, file.filename or "passages.csv", content)
            await asyncio.to_thread(office.preview, visitor.person, token)
        except TapalError:
            return RedirectResponse("/passages?problem=file", status_code=303)
        return RedirectResponse(f"/passages?preview={token}", status_code=303)

    @routes.post("/passages/take")
    async def take(request: Request, token: Annotated[str, Form()], source: Annotated[str, Form()]) -> Response:
        refuse_other_origins(request)
        visitor = await visit(request)
        try:
            view = await asyncio.to_thread(office.take, visitor.person, token, source)
        except TapalError as error:
            log.info("a passage file was not taken: %s", error)
            return RedirectResponse(f"/passages?preview={quote(token, safe='')}&problem=take", status_code=303)
        return RedirectResponse(f"/passages?taken={view.added}", status_code=303)

    @routes.post("/alerts/{alert_id}/files")
    async def attach(request: Request, alert_id: str, file: Annotated[UploadFile, "a picture or paper"]) -> Response:
        refuse_other_origins(request)
        actor = actor_of((await visit(request)).person)
        content, add = await file.read(), office.services.attachments.add
        try:
            await asyncio.to_thread(add, actor, alert_id, file.filename or "file", content)
        except TapalError:
            return RedirectResponse(f"/alerts/{quote(alert_id, safe='')}?problem=file", status_code=303)
        return RedirectResponse(f"/alerts/{quote(alert_id, safe='')}", status_code=303)

    return routes
