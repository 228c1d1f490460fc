"""People, their sessions and tokens over the API."""

from typing import Annotated

from fastapi import APIRouter, Path
from pydantic import AwareDatetime, BaseModel, Field

from tapal_server.api.access import ActorOf, PagingOf, ServicesOf
from tapal_server.api.bodies import Id, Strict, Text
from tapal_server.api.listing import Listing, sort_by
from tapal_server.api.problems import PROBLEMS
from tapal_server.paging import sliced
from tapal_server.people.auth import SessionView
from tapal_server.people.directory import SORTS, UserView
from tapal_server.people.roles import Permission, Role
from tapal_server.people.tokens import TokenView

__all__ = ["router"]

_SESSION_SORTS = ("created_at", "last_seen", "expires_at")
_TOKEN_SORTS = ("created_at", "name", "expires_at", "last_used")
router = APIRouter(tags=["people"], responses=PROBLEMS)

Name = Annotated[str, Path(max_length=64, pattern=r"^[^\x00]+$", examples=["sari"])]
Password = Annotated[str, Field(min_length=1, max_length=256, pattern=r"^[^\x00]*$", examples=["kapal-besar-biru"])]
Short = Annotated[str, Field(max_length=128, pattern=r"^[^\x00]*$")]


class NewUser(Strict):
    """A person to add."""

    name: str = Field(min_length=2, max_length=64, examples=["rini"])
    password: Password
    role: Role
    display_name: Short | None = None
    agency: Short | None = None
    sites: list[Short] = Field([], max_length=1000)


class UserChange(Strict):
    """What to change; what is left out stays."""

    role: Role | None = None
    display_name: Short | None = None
    agency: Short | None = None
    sites: list[Short] | None = Field(None, max_length=1000)
    disabled: bool | None = None


class NewPassword(Strict):
    """Another password for somebody; they must change it when they sign in."""

    password: Password


class OwnPassword(Strict):
    """Another password for oneself."""

    old: Password
    new: Password


class Proposal(BaseModel):
    """A secret for an authenticator; `address` is what a QR code holds."""

    secret: str
    address: str


class Confirmation(Strict):
    """The secret, a code that shows the authenticator has it, and one's password."""

    secret: str = Field(max_length=64, pattern="^[A-Za-z2-7]+$")
    code: str = Field(max_length=16, examples=["287082"])
    password: Password


class NewTokenBody(Strict):
    """A token to make."""

    name: str = Field(min_length=1, max_length=64, pattern=r"^[^\x00]*$", examples=["simkim feed"])
    scopes: list[Permission] = Field(min_length=1, examples=[["passages"]])
    expires_at: AwareDatetime | None = None


class TokenMade(BaseModel):
    """A new token; shown this once."""

    token: str
    about: TokenView


@router.get("/users")
def list_users(
    actor: ActorOf,
    services: ServicesOf,
    paging: PagingOf,
    *,
    role: Role | None = None,
    agency: Text = None,
    disabled: bool | None = None,
    sort: Annotated[str, sort_by(SORTS)] = "name",
) -> Listing[UserView]:
    """People by name."""
    page = services.people.page(actor, paging, role=role, agency=agency, disabled=disabled, sort=sort)
    return Listing[UserView].of(page)


@router.post("/users", status_code=201)
def add_user(body: NewUser, actor: ActorOf, services: ServicesOf) -> UserView:
    """Add a person, who must change the password when signing in."""
    return services.people.add(
        actor,
        body.name,
        body.password,
        role=body.role,
        display_name=body.display_name,
        agency=body.agency,
        sites=frozenset(body.sites),
        must_change_password=True,
    )


@router.patch("/users/{name}")
def change_user(name: Name, body: UserChange, actor: ActorOf, services: ServicesOf) -> UserView:
    """Change what a person is or may do; their sessions end where rights change."""
    return services.people.change(
        actor,
        name,
        role=body.role,
        display_name=body.display_name,
        agency=body.agency,
        sites=None if body.sites is None else frozenset(body.sites),
        disabled=body.disabled,
    )


@router.put("/users/{name}/password", status_code=204)
def set_password(name: Name, body: NewPassword, actor: ActorOf, services: ServicesOf) -> None:
    """Give somebody another password."""
    services.people.set_password(actor, name, body.password)


@router.delete("/users/{name}/second-factor", status_code=204)
def remove_second_factor(name: Name, actor: ActorOf, services: ServicesOf) -> None:
    """Turn a person's second factor off, when the device was lost."""
    services.people.remove_second_factor(actor, name)


@router.put("/me/password", status_code=204)
def change_own_password(body: OwnPassword, actor: ActorOf, services: ServicesOf) -> None:
    """Change one's own password; all one's sessions end."""
    services.people.change_own_password(actor, body.old, body.new)


@router.post("/me/second-factor")
def propose_second_factor(actor: ActorOf, services: ServicesOf) -> Proposal:
    """A secret for one's authenticator; nothing changes until it is confirmed."""
    secret, address = services.people.propose_second_factor(actor)
    return Proposal(secret=secret, address=address)


@router.put("/me/second-factor", status_code=204)
def confirm_second_factor(body: Confirmation, actor: ActorOf, services: ServicesOf) -> None:
    """Turn one's second factor on; asks for the password again."""
    services.people.confirm_second_factor(actor, body.secret, body.code, password=body.password)


@router.get("/me/sessions")
def list_sessions(
    actor: ActorOf,
    services: ServicesOf,
    paging: PagingOf,
    client: Text = None,
    sort: Annotated[str, sort_by(_SESSION_SORTS)] = "-created_at",
) -> Listing[SessionView]:
    """One's own sessions."""
    page = sliced(services.auth.sessions(actor), paging, sort=sort, sorts=_SESSION_SORTS, client=client)
    return Listing[SessionView].of(page)


@router.delete("/sessions/{session_id}", status_code=204)
def revoke_session(session_id: Id, actor: ActorOf, services: ServicesOf) -> None:
    """End a session at once."""
    services.auth.revoke_session(actor, session_id)


@router.get("/me/tokens")
def list_tokens(
    actor: ActorOf,
    services: ServicesOf,
    paging: PagingOf,
    name: Text = None,
    sort: Annotated[str, sort_by(_TOKEN_SORTS)] = "-created_at",
) -> Listing[TokenView]:
    """One's own tokens."""
    return Listing[TokenView].of(sliced(services.tokens.mine(actor), paging, sort=sort, sorts=_TOKEN_SORTS, name=name))


@router.post("/me/tokens", status_code=201)
def make_token(body: NewTokenBody, actor: ActorOf, services: ServicesOf) -> TokenMade:
    """Make a token with no more rights than one's own."""
    new = services.tokens.create(actor, body.name, frozenset(body.scopes), expires_at=body.expires_at)
    return TokenMade(token=new.token, about=new.view)


@router.delete("/tokens/{token_id}", status_code=204)
def revoke_token(token_id: Id, actor: ActorOf, services: ServicesOf) -> None:
    """End a token at once."""
    services.tokens.revoke(actor, token_id)
