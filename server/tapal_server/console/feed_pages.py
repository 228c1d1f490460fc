"""Addresses of the feeds' pages, and of the forms that try, keep and use a mapping."""

import asyncio
import io
from typing import Annotated
from urllib.parse import quote

from fastapi import APIRouter, FastAPI, Request, UploadFile
from fastapi.responses import RedirectResponse, Response
from starlette.datastructures import UploadFile as Uploaded

from tapal_contract.errors import TapalError
from tapal_server.console.console import Console
from tapal_server.console.elements import page_at
from tapal_server.console.feeds import Drafts, profile_of
from tapal_server.console.office import Office
from tapal_server.console.pages.feeds import NEW, feed_page, feeds_page
from tapal_server.console.session import Visitor, refuse_other_origins, visit
from tapal_server.console.subjects import actor_of

__all__ = ["register_feeds"]


def register_feeds(app: FastAPI, console: Console, office: Office) -> None:
    """Add the pages and their forms."""
    drafts = Drafts(office.services.feeds)
    app.include_router(_forms(office, drafts))

    @page_at("/feeds")
    async def feeds(visitor: Visitor, taken: str = "") -> None:
        await feeds_page(console, office, visitor, taken=taken)

    @page_at("/feeds/{name}")
    async def feed(visitor: Visitor, name: str, draft: str = "", problem: str = "") -> None:
        await feed_page(console, office, drafts, visitor, name, draft=draft, problem=problem)


def _forms(office: Office, drafts: Drafts) -> APIRouter:
    routes, feeds = APIRouter(include_in_schema=False), office.services.feeds

    @routes.post("/feeds/draft")
    async def draft(request: Request) -> Response:
        refuse_other_origins(request)
        person = (await visit(request)).person
        async with request.form(max_files=1, max_fields=60) as sent:
            form = {name: value for name, value in sent.items() if isinstance(value, str)}
            file = sent.get("file")
            content, named = (await file.read(), file.filename or "") if isinstance(file, Uploaded) else (b"", "")
        before, act = form.pop("draft", ""), form.pop("act", "try")
        token = await asyncio.to_thread(drafts.make, person, form, named, content, before=before)
        name, problem = form.get("name", ""), drafts.get(person, token).problem
        if act == "save" and problem is None:
            try:
                await asyncio.to_thread(feeds.save, actor_of(person), name, profile_of(form))
            except TapalError as error:
                drafts.fail(token, error)
            else:
                return RedirectResponse("/feeds", status_code=303)
        known = {one.name for one in await asyncio.to_thread(feeds.all, actor_of(person))}
        return RedirectResponse(f"/feeds/{quote(name if name in known else NEW)}?draft={token}", status_code=303)

    @routes.post("/feeds/{name}/take")
    async def take(request: Request, name: str, file: Annotated[UploadFile, "a file of the feed"]) -> Response:
        refuse_other_origins(request)
        actor, content = actor_of((await visit(request)).person), io.BytesIO(await file.read())
        try:
            view = await asyncio.to_thread(feeds.take, actor, name, content, file_name=file.filename or "file")
        except TapalError:
            return RedirectResponse(f"/feeds/{quote(name, safe='')}?problem=file", status_code=303)
        return RedirectResponse(f"/feeds?taken={view.added}-{view.rejected}", status_code=303)

    return routes
