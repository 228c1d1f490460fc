"""Signing in and out over the API."""

from datetime import datetime

from fastapi import APIRouter, Request, Response
from pydantic import BaseModel, Field

from tapal_server.api.access import ActorOf, PartsOf, ServicesOf, client_of, is_secure, token_of
from tapal_server.api.problems import PROBLEMS
from tapal_server.people.actor import Actor
from tapal_server.web import forget_session, keep_session, session_of

__all__ = ["router"]

router = APIRouter(tags=["sessions"], responses=PROBLEMS)


class SignIn(BaseModel):
    """Name and password, and the code of an authenticator where the account asks for one."""

    model_config = {"extra": "forbid"}

    name: str = Field(min_length=1, max_length=64, examples=["sari"])
    password: str = Field(min_length=1, max_length=256, examples=["kapal-besar-biru"])
    code: str | None = Field(None, max_length=16, examples=["287082"])


class Me(BaseModel):
    """Who one is here."""

    name: str = Field(examples=["sari"])
    display_name: str = Field(examples=["Sari"])
    role: str | None = Field(examples=["officer"])
    permissions: list[str] = Field(examples=[["judge", "see"]])
    sites: list[str] = Field(description="Sites one sees; empty: all.", examples=[["tunon-taka"]])
    language: str | None = Field(examples=["id"])
    must_change_password: bool = False
    needs_second_factor: bool = Field(
        default=False, description="May do nothing yet but set one up: POST /me/second-factor."
    )


class Started(BaseModel):
    """A new session; the token is shown this once."""

    token: str
    expires_at: datetime
    user: Me


@router.post("/sessions", status_code=201)
def sign_in(body: SignIn, request: Request, response: Response, parts: PartsOf) -> Started:
    """Start a session; its token also comes as a cookie, and ends the session of the cookie before."""
    signed_in = parts.services.auth.sign_in(body.name, body.password, client=client_of(request), code=body.code)
    secure, lasts_s = is_secure(request), round(parts.settings.sign_in.session_hours * 3600)
    before = session_of(request, secure=secure)
    if before is not None:
        parts.services.auth.sign_out(before)
    keep_session(response, signed_in.token, lasts_s=lasts_s, secure=secure, samesite="strict")
    return Started(token=signed_in.token, expires_at=signed_in.expires_at, user=_me(signed_in.actor))


@router.get("/sessions/current")
def who_am_i(actor: ActorOf) -> Me:
    """Who one is."""
    return _me(actor)


@router.delete("/sessions/current", status_code=204)
def sign_out(request: Request, response: Response, actor: ActorOf, services: ServicesOf) -> None:  # noqa: ARG001 - only somebody who is signed in may
    """End this session."""
    token = token_of(request)
    if token is not None:
        services.auth.sign_out(token)
    forget_session(response, secure=is_secure(request))


def _me(actor: Actor) -> Me:
    return Me(
        name=actor.name,
        display_name=actor.display_name,
        role=actor.role.value if actor.role else None,
        permissions=sorted(actor.permissions),
        sites=sorted(actor.sites),
        language=actor.language,
        must_change_password=actor.must_change_password,
        needs_second_factor=actor.needs_second_factor,
    )
