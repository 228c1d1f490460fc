"""Who opens a page, in which language; signing in and out."""

import asyncio
import logging
from dataclasses import dataclass
from typing import Annotated
from urllib.parse import quote, urlsplit

from fastapi import APIRouter, Depends, Form, HTTPException, Request
from fastapi.responses import HTMLResponse, JSONResponse, RedirectResponse, Response

from tapal_contract.errors import TapalError
from tapal_server.console import format as shown
from tapal_server.console.i18n import LANGUAGES, Words, words
from tapal_server.console.ports import Desk, Person, RefusedError
from tapal_server.console.views.sign_in import missing_page, password_page, second_factor_page, sign_in_page
from tapal_server.errors import SignInError
from tapal_server.web import forget_session, keep_session, local_path, name_of, session_of

__all__ = ["Visit", "Visitor", "missing", "router"]

LANGUAGE = "tapal_language"
log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Visit:
    """One person's look at one page."""

    person: Person
    token: str
    words: Words


def language_of(request: Request, person: Person | None = None) -> str:
    """The language chosen on this device, else the person's own, else the server's own."""
    plain = None if getattr(request.app.state, "tapal_secure", False) else request.cookies.get(LANGUAGE)
    chosen = request.cookies.get(name_of(LANGUAGE, secure=True), plain)
    for wanted in (chosen, person.language if person else None):
        if wanted in LANGUAGES:
            return str(wanted)
    return str(request.app.state.tapal_language)


async def visit(request: Request) -> Visit:
    """The visit of whoever is signed in; anyone else is sent to the sign-in page and back afterwards."""
    token = session_of(request, secure=request.app.state.tapal_secure) or ""
    person = await asyncio.to_thread(desk_of(request).person, token) if token else None
    if person is None:
        first = request.app.state.tapal_first
        if first is not None and await asyncio.to_thread(first.needed):
            raise HTTPException(303, headers={"Location": "/setup"})
        back = quote(request.url.path + (f"?{request.url.query}" if request.url.query else ""), safe="")
        raise HTTPException(303, headers={"Location": f"/sign-in?next={back}"})
    if person.must_change_password and request.url.path != "/password":
        raise HTTPException(303, headers={"Location": "/password"})
    if person.needs_second_factor and request.url.path not in {"/password", "/second-factor"}:
        raise HTTPException(303, headers={"Location": "/second-factor"})
    return Visit(person=person, token=token, words=words(language_of(request, person)))


Visitor = Annotated[Visit, Depends(visit)]


def desk_of(request: Request) -> Desk:
    """The services behind the console that serves this request."""
    desk: Desk = request.app.state.tapal_desk
    return desk


def elsewhere_of(request: Request, following: str) -> str | None:
    """Where people sign in through the office's own provider, if there is one."""
    start = getattr(request.app.state, "sign_in_elsewhere", None)
    return None if start is None else f"{start}?next={quote(following, safe='')}"


def router(desk: Desk, *, secure: bool) -> APIRouter:
    """Signing in and out: plain forms, so that a stranger costs the server no live page."""
    routes = APIRouter(include_in_schema=False)

    @routes.get("/sign-in", response_class=HTMLResponse)
    async def form(request: Request, next: str = "/") -> HTMLResponse:  # noqa: A002 - the name of the query parameter
        following = local_path(next)
        page = sign_in_page(
            words(language_of(request)), following=following, elsewhere=elsewhere_of(request, following)
        )
        return HTMLResponse(page)

    @routes.post("/sign-in", response_class=HTMLResponse)
    async def enter(
        request: Request,
        username: Annotated[str, Form(max_length=200)] = "",
        password: Annotated[str, Form(max_length=1000)] = "",
        code: Annotated[str, Form(max_length=20)] = "",
        next: Annotated[str, Form(max_length=2000)] = "/",  # noqa: A002 - the name of the form's field
    ) -> Response:
        refuse_other_origins(request)
        spoken, following = words(language_of(request)), local_path(next)
        address = request.client.host if request.client else ""
        try:
            signed = await asyncio.to_thread(desk.sign_in, username, password, code.strip() or None, address)
        except RefusedError as refused:
            page = sign_in_page(
                spoken,
                following=following,
                username=username,
                error=explain(refused, spoken),
                code=refused.reason == "code",
                elsewhere=elsewhere_of(request, following),
            )
            return HTMLResponse(page, status_code=429 if refused.reason == "limited" else 401)
        answer = RedirectResponse(following, status_code=303)
        before = session_of(request, secure=secure)
        if before is not None:
            await asyncio.to_thread(desk.sign_out, before)
        keep_session(answer, signed.token, lasts_s=signed.lasts_s, secure=secure, samesite="lax")
        return answer

    @routes.post("/sign-out")
    async def leave(request: Request) -> Response:
        refuse_other_origins(request)
        await asyncio.to_thread(desk.sign_out, session_of(request, secure=secure) or "")
        answer = RedirectResponse("/sign-in", status_code=303)
        forget_session(answer, secure=secure)
        return answer

    _add_password_form(routes, desk)
    _add_second_factor_form(routes, desk)
    return routes


def _add_password_form(routes: APIRouter, desk: Desk) -> None:
    @routes.get("/password", response_class=HTMLResponse)
    async def new_password(visitor: Visitor) -> HTMLResponse:
        return HTMLResponse(password_page(visitor.words))

    @routes.post("/password", response_class=HTMLResponse)
    async def change_password(
        request: Request,
        visitor: Visitor,
        old: Annotated[str, Form(max_length=1000)] = "",
        new: Annotated[str, Form(max_length=1000)] = "",
    ) -> Response:
        refuse_other_origins(request)
        try:
            await asyncio.to_thread(desk.change_password, visitor.person, old, new)
        except TapalError as error:
            log.info("a password was not changed: %s", error)
            return HTMLResponse(password_page(visitor.words, error=visitor.words("password.refused")), status_code=422)
        return RedirectResponse("/sign-in", status_code=303)


def _add_second_factor_form(routes: APIRouter, desk: Desk) -> None:
    @routes.get("/second-factor", response_class=HTMLResponse)
    async def propose(visitor: Visitor) -> HTMLResponse:
        secret, address = await asyncio.to_thread(desk.propose_second_factor, visitor.person)
        page = second_factor_page(visitor.words, secret=secret, address=address)
        return HTMLResponse(page, headers={"Cache-Control": "no-store"})

    @routes.post("/second-factor", response_class=HTMLResponse)
    async def confirm(
        request: Request,
        visitor: Visitor,
        secret: Annotated[str, Form(max_length=64, pattern="^[A-Z2-7]+$")],
        code: Annotated[str, Form(max_length=16)] = "",
        password: Annotated[str, Form(max_length=1000)] = "",
    ) -> Response:
        refuse_other_origins(request)
        try:
            await asyncio.to_thread(desk.confirm_second_factor, visitor.person, secret, code, password)
        except TapalError as error:
            log.info("a second factor was not set up: %s", error)
            wrong = "wrong_password" if isinstance(error, SignInError) else "wrong"
            page = second_factor_page(visitor.words, secret=secret, wrong=wrong)
            return HTMLResponse(page, status_code=422, headers={"Cache-Control": "no-store"})
        return RedirectResponse("/", status_code=303)


async def missing(request: Request, error: Exception) -> Response:
    """An address that leads nowhere: a plain page for people, JSON for whoever asked for something else."""
    if "text/html" in request.headers.get("accept", ""):
        return HTMLResponse(missing_page(words(language_of(request))), status_code=404)
    return JSONResponse({"detail": str(getattr(error, "detail", "not found"))}, status_code=404)


def explain(refused: RefusedError, spoken: Words) -> str:
    """Why the sign-in was refused, for the person at the form."""
    if refused.reason == "limited":
        return spoken("sign_in.limited", wait=shown.wait(refused.retry_after_s, spoken))
    return spoken(f"sign_in.{refused.reason}")


def refuse_other_origins(request: Request) -> None:
    """Refuse a form that another site's page sent (a browser names its origin, a script need not)."""
    origin = request.headers.get("origin")
    if origin not in {None, "null"} and urlsplit(str(origin)).netloc != request.headers.get("host"):
        raise HTTPException(403, "the form came from another site; open the console's own page and try again")
