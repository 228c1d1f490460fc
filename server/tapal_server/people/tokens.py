"""API tokens: for programs, limited to scopes their owner has."""

import secrets
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import select

from tapal_contract.ids import new_id
from tapal_server.audit.log import AuditLog
from tapal_server.clock import Clock
from tapal_server.db.database import Database
from tapal_server.db.tables import TokenRow
from tapal_server.errors import InvalidError, NotFoundError
from tapal_server.people.actor import Actor
from tapal_server.people.lookup import owner_of, person, token_hash
from tapal_server.people.roles import PERMISSIONS, Permission, Role
from tapal_server.viewing import seen

__all__ = ["TOKEN_PREFIX", "NewToken", "TokenService", "TokenView", "actor_of_token"]

TOKEN_PREFIX = "tapal_"  # noqa: S105 - the beginning of every token, not one


@dataclass(frozen=True, slots=True, kw_only=True)
class TokenView:
    """A token as its owner sees it later: without the token."""

    id: str
    name: str
    scopes: tuple[Permission, ...]
    created_at: datetime
    expires_at: datetime | None
    last_used: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class NewToken:
    """A token just made; shown this once."""

    token: str
    view: TokenView


class TokenService:
    """Makes, lists and revokes tokens."""

    def __init__(self, database: Database, *, audit: AuditLog, clock: Clock) -> None:
        self._database = database
        self._audit = audit
        self._clock = clock

    def create(
        self, actor: Actor, name: str, scopes: frozenset[Permission], *, expires_at: datetime | None = None
    ) -> NewToken:
        """Make a token for oneself.

        Raises:
            InvalidError: a scope one does not have, or none at all.
        """
        beyond = scopes - actor.permissions
        if not scopes or beyond:
            asked = ", ".join(sorted(beyond)) or "none"
            raise InvalidError(f"scopes {asked}: give at least one, and only what you may do yourself", field="scopes")
        if not 1 <= len(name.strip()) <= 64:
            raise InvalidError("a token needs a name of 1 to 64 characters", field="name")
        if actor.user_id is None:
            raise InvalidError("only a person can own a token; sign in first")
        token = TOKEN_PREFIX + secrets.token_urlsafe(32)
        with self._database.write() as session:
            row = TokenRow(
                token_hash=token_hash(token),
                id=new_id(),
                name=name.strip(),
                user_id=actor.user_id,
                scopes=sorted(scopes),
                created_at=self._clock.now(),
                expires_at=expires_at,
            )
            session.add(row)
            self._audit.append(session, actor, "token.create", f"token:{row.id}", {"scopes": sorted(scopes)})
        return NewToken(token=token, view=_view(row))

    def mine(self, actor: Actor) -> tuple[TokenView, ...]:
        """One's own tokens that are not revoked."""
        query = select(TokenRow).where(TokenRow.user_id == actor.user_id, TokenRow.revoked_at.is_(None))
        with self._database.read() as session:
            return tuple(_view(row) for row in session.scalars(query.order_by(TokenRow.created_at)))

    def revoke(self, actor: Actor, token_id: str) -> None:
        """End a token at once, one's own or, with the permission for people, anybody's."""
        with self._database.write() as session:
            row = session.scalar(select(TokenRow).where(TokenRow.id == token_id))
            if row is None or (row.user_id != actor.user_id and not actor.may(Permission.PEOPLE)):
                raise NotFoundError(f"token {token_id!r} is not known")
            row.revoked_at = row.revoked_at or self._clock.now()
            self._audit.append(session, actor, "token.revoke", f"token:{token_id}", {})


def actor_of_token(database: Database, token: str, now: datetime) -> Actor | None:
    """The owner, with no more than the token's scopes; None for a token that is not valid."""
    found = owner_of(database, TokenRow, token)
    if found is None:
        return None
    row, user = found
    if row.expires_at is not None and now >= row.expires_at:
        return None
    if row.last_used is None or (now - row.last_used).total_seconds() > 60:
        with database.write() as session:
            session.get_one(TokenRow, row.token_hash).last_used = now
    scopes = frozenset(Permission(scope) for scope in row.scopes)
    return replace(person(user), permissions=PERMISSIONS[Role(user.role)] & scopes)


def _view(row: TokenRow) -> TokenView:
    return seen(TokenView, row, scopes=tuple(Permission(scope) for scope in row.scopes))
