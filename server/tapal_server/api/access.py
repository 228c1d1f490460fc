"""Who asks: a bearer token, or the console's cookie."""

from typing import Annotated
from urllib.parse import urlsplit

from fastapi import Depends, Query, Request
from fastapi.security import APIKeyCookie, HTTPBearer

from tapal_server.errors import ForbiddenError, SignInError
from tapal_server.paging import LARGEST, Paging
from tapal_server.parts import Parts
from tapal_server.people.actor import Actor
from tapal_server.services import Services
from tapal_server.web import COOKIE, session_of

__all__ = ["ActorOf", "PagingOf", "PartsOf", "ServicesOf", "client_of", "is_secure", "signed_in", "token_of"]

_SAFE = {"GET", "HEAD", "OPTIONS"}

# Documentation only: the token is read below, from either place.
_bearer = HTTPBearer(auto_error=False, description="A session's token, or an API token (tapal_...).")
_cookie = APIKeyCookie(name=COOKIE, auto_error=False, description="The console's session.")


def _parts(request: Request) -> Parts:
    parts: Parts = request.app.state.parts
    return parts


def _services(parts: Annotated[Parts, Depends(_parts)]) -> Services:
    return parts.services


def token_of(request: Request) -> str | None:
    """The token that came with a request."""
    kind, _, token = request.headers.get("authorization", "").partition(" ")
    if kind.lower() == "bearer":
        return token.strip() or None
    return session_of(request, secure=is_secure(request))


def is_secure(request: Request) -> bool:
    """Whether people reach this server over TLS."""
    return _parts(request).settings.http.is_secure


def client_of(request: Request) -> str:
    """Where the request comes from, for the record of sessions."""
    return request.client.host if request.client else ""


def _actor(
    request: Request,
    services: Annotated[Services, Depends(_services)],
    _in_header: Annotated[object, Depends(_bearer)],
    _in_cookie: Annotated[object, Depends(_cookie)],
) -> Actor:
    actor = services.auth.actor_for(token_of(request))
    if actor is None:
        services.auth.rates.stranger(client_of(request))
        raise SignInError("sign in first: POST /api/v1/sessions, or send a token as Authorization: Bearer")
    services.auth.rates.person(actor.name)
    request.state.asked_by = actor.name  # for the log, should it be refused
    by_cookie = "authorization" not in request.headers
    if by_cookie and request.method not in _SAFE and not _same_origin(request):
        raise ForbiddenError("a request with the console's cookie must come from the console itself; use a token")
    return actor


def _same_origin(request: Request) -> bool:
    """Whether the browser says that our own page sends this; other sites cannot say so."""
    origin = request.headers.get("origin")
    if origin is not None:
        return urlsplit(origin).netloc == request.headers.get("host")
    return request.headers.get("sec-fetch-site") in {"same-origin", "none"}


def _paging(
    page: Annotated[int, Query(ge=1, le=1_000_000, description="Page, counted from 1.")] = 1,
    size: Annotated[int, Query(ge=1, le=LARGEST, description="Items on a page.")] = 50,
) -> Paging:
    return Paging(page, size)


PartsOf = Annotated[Parts, Depends(_parts)]
ServicesOf = Annotated[Services, Depends(_services)]
signed_in = Depends(_actor)
ActorOf = Annotated[Actor, signed_in]
PagingOf = Annotated[Paging, Depends(_paging)]
