"""The very first visit: a plain form that makes the administrator."""

import asyncio
from typing import Annotated

from fastapi import APIRouter, Form, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from tapal_contract.errors import TapalError
from tapal_server.console.actions import explain
from tapal_server.console.i18n import words
from tapal_server.console.session import language_of, refuse_other_origins
from tapal_server.console.views.setup import setup_page
from tapal_server.people.first import FirstRun

__all__ = ["router"]

NEXT = "/sign-in?next=/start"


def router(first: FirstRun) -> APIRouter:
    """The form, for as long as nobody has an account."""
    routes = APIRouter(include_in_schema=False)

    @routes.get("/setup", response_class=HTMLResponse)
    async def form(request: Request) -> Response:
        if not await asyncio.to_thread(first.needed):
            return RedirectResponse("/sign-in", status_code=303)
        return HTMLResponse(setup_page(words(language_of(request))))

    @routes.post("/setup", response_class=HTMLResponse)
    async def create(
        request: Request,
        code: Annotated[str, Form(max_length=40)] = "",
        username: Annotated[str, Form(max_length=64)] = "",
        display_name: Annotated[str, Form(max_length=128)] = "",
        password: Annotated[str, Form(max_length=1000)] = "",
    ) -> Response:
        refuse_other_origins(request)
        spoken = words(language_of(request))
        try:
            await asyncio.to_thread(first.create, code, username, password, display_name)
        except TapalError as error:
            said = explain(error, spoken)
            page = setup_page(spoken, error=said, username=username, display_name=display_name)
            return HTMLResponse(page, status_code=422)
        return RedirectResponse(NEXT, status_code=303)

    return routes
