"""Addresses of the pages of those who run the server: set-up, administration, people, the audit log."""

import asyncio
from typing import Annotated

from fastapi import APIRouter, FastAPI, Request, UploadFile
from fastapi.responses import RedirectResponse, Response

from tapal_contract.errors import TapalError
from tapal_server.console.console import Console
from tapal_server.console.elements import page_at
from tapal_server.console.office import Office
from tapal_server.console.pages.admin import admin_page
from tapal_server.console.pages.audit import audit_page
from tapal_server.console.pages.models import models_page
from tapal_server.console.pages.people import people_page
from tapal_server.console.pages.start import start_page
from tapal_server.console.session import Visitor, refuse_other_origins, visit
from tapal_server.console.subjects import actor_of

__all__ = ["register_admin"]


def register_admin(app: FastAPI, console: Console, office: Office) -> None:
    """Add the pages."""
    app.include_router(_bundles(office))

    @page_at("/models")
    async def models(visitor: Visitor, problem: str = "") -> None:
        await models_page(console, office, visitor, problem=problem)

    @page_at("/start")
    async def start(visitor: Visitor) -> None:
        await start_page(console, office, visitor)

    @page_at("/admin")
    async def admin(visitor: Visitor) -> None:
        await admin_page(console, office, visitor)

    @page_at("/people")
    async def people(visitor: Visitor) -> None:
        await people_page(console, office, visitor)

    @page_at("/audit")
    async def audit(visitor: Visitor, page: int = 1) -> None:
        await audit_page(console, office, visitor, page=max(1, page))


def _bundles(office: Office) -> APIRouter:
    routes = APIRouter(include_in_schema=False)

    @routes.post("/models/offer")
    async def offer(request: Request, file: Annotated[UploadFile, "a signed bundle"]) -> Response:
        refuse_other_origins(request)
        actor, content = actor_of((await visit(request)).person), await file.read()
        try:
            await asyncio.to_thread(office.services.models.upload, actor, content)
        except TapalError:
            return RedirectResponse("/models?problem=bundle", status_code=303)
        return RedirectResponse("/models", status_code=303)

    return routes
