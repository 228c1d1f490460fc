"""Addresses of the pages of voyages, planned movements and the reconciliation between agencies."""

import asyncio
import logging
from typing import Annotated

from fastapi import APIRouter, Depends, FastAPI, Request, UploadFile
from fastapi.responses import RedirectResponse, Response

from tapal_contract.errors import TapalError
from tapal_server.console.console import Console
from tapal_server.console.elements import page_at
from tapal_server.console.office import Office
from tapal_server.console.pages.planned import planned_page
from tapal_server.console.pages.reconciliation import reconciliation_page
from tapal_server.console.pages.voyages import voyage_page, voyages_page
from tapal_server.console.session import Visitor, refuse_other_origins, visit
from tapal_server.console.subjects import actor_of
from tapal_server.console.views.reconciliation import Wanted
from tapal_server.console.views.voyages import address as address_of
from tapal_server.voyages.manifest_file import read_manifest_file

__all__ = ["register_schedule"]

MOST_LINES = 12
log = logging.getLogger(__name__)


def register_schedule(app: FastAPI, console: Console, office: Office) -> None:
    """Add the pages, and the form that brings a manifest."""
    app.include_router(_manifests(office))

    @page_at("/voyages")
    async def voyages(visitor: Visitor, page: int = 1) -> None:
        await voyages_page(console, office, visitor, page=max(1, page))

    @page_at("/voyages/{voyage_id}")
    async def voyage(visitor: Visitor, voyage_id: str, manifest: str = "") -> None:
        await voyage_page(console, office, visitor, voyage_id, manifest_said=manifest)

    @page_at("/planned")
    async def planned(visitor: Visitor, page: int = 1) -> None:
        await planned_page(console, office, visitor, page=max(1, page))

    @page_at("/reconciliation")
    async def reconciliation(visitor: Visitor, wanted: Annotated[Wanted, Depends()]) -> None:
        await reconciliation_page(console, office, visitor, wanted)


def _manifests(office: Office) -> APIRouter:
    routes, manifests = APIRouter(include_in_schema=False), office.services.manifests

    @routes.post("/voyages/{voyage_id}/manifest")
    async def take(request: Request, voyage_id: str, file: Annotated[UploadFile, "a manifest as CSV"]) -> Response:
        refuse_other_origins(request)
        actor, here = actor_of((await visit(request)).person), address_of(voyage_id)
        try:
            await asyncio.to_thread(manifests.require, actor, voyage_id)
            found = read_manifest_file(await file.read(), name=file.filename or "manifest.csv")
            view = await asyncio.to_thread(manifests.take, actor, voyage_id, len(found.lines), found.documents)
        except TapalError as error:
            log.info("a manifest was not taken: %s", error)
            return RedirectResponse(f"{here}?manifest=refused", status_code=303)
        lines = ",".join(str(found.lines[bad.line - 1]) for bad in view.problems[:MOST_LINES])
        return RedirectResponse(f"{here}?manifest={lines or 'taken'}", status_code=303)

    return routes
