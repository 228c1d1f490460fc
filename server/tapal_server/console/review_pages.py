"""Addresses of the review of pictures, and the pictures themselves."""

import asyncio

from fastapi import APIRouter, FastAPI, HTTPException, Request
from fastapi.responses import Response

from tapal_server.console.console import Console
from tapal_server.console.elements import page_at
from tapal_server.console.office import Office
from tapal_server.console.pages.review import picture_page, queue_page
from tapal_server.console.session import Visitor, visit
from tapal_server.console.subjects import actor_of
from tapal_server.console.views.review import wanted
from tapal_server.errors import ForbiddenError, NotFoundError

__all__ = ["register_review"]


def register_review(app: FastAPI, console: Console, office: Office) -> None:
    """Add the pages."""
    app.include_router(_pictures(office))

    @page_at("/review")
    async def queue(visitor: Visitor, state: str = "", order: str = "", page: int = 1) -> None:
        await queue_page(console, office, visitor, wanted(state, order, page))

    @page_at("/review/{review_id}")
    async def picture(visitor: Visitor, review_id: str) -> None:
        await picture_page(console, office, visitor, review_id)


def _pictures(office: Office) -> APIRouter:
    routes = APIRouter(include_in_schema=False)

    @routes.get("/review/{review_id}.jpg")
    async def jpeg(request: Request, review_id: str) -> Response:
        actor = actor_of((await visit(request)).person)
        try:
            content = await asyncio.to_thread(office.services.review.picture, actor, review_id)
        except (NotFoundError, ForbiddenError) as error:
            raise HTTPException(404, "no such picture; its time has passed, or it is not for this role") from error
        return Response(content, media_type="image/jpeg", headers={"Cache-Control": "private, max-age=600"})

    return routes
