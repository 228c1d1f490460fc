"""Whose a secret token is: the same for sessions of people and tokens of programs."""

import hashlib
from typing import TypeVar

from sqlalchemy import select

from tapal_server.db.database import Database
from tapal_server.db.tables import SessionRow, TokenRow, UserRow
from tapal_server.people.actor import Actor, of_role
from tapal_server.people.roles import Role

__all__ = ["owner_of", "person", "token_hash"]

Kind = TypeVar("Kind", SessionRow, TokenRow)


def token_hash(token: str) -> str:
    """What is stored of a token; the token has 256 random bits, so one fast hash is enough."""
    return hashlib.sha256(token.encode()).hexdigest()


def owner_of(database: Database, kind: type[Kind], token: str) -> tuple[Kind, UserRow] | None:
    """The row of a token and its owner; None for one that is unknown, revoked, or of somebody who is shut out."""
    query = select(kind, UserRow).join(UserRow, UserRow.id == kind.user_id)
    with database.read() as session:
        found = session.execute(query.where(kind.token_hash == token_hash(token))).first()
    if found is None or found[0].revoked_at is not None or found[1].disabled:
        return None
    return found[0], found[1]


def person(user: UserRow, *, session_id: str | None = None) -> Actor:
    """The actor of a user."""
    actor = of_role(
        user_id=user.id,
        name=user.name,
        display_name=user.display_name,
        role=Role(user.role),
        agency=user.agency,
        sites=frozenset(user.sites),
        language=user.language,
    )
    return actor.with_session(session_id, must_change=user.must_change_password, second_factor=user.totp is not None)
