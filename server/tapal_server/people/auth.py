"""Signing in, and knowing who a token belongs to."""

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from tapal_contract.ids import new_id
from tapal_server.audit.log import AuditLog
from tapal_server.clock import Clock
from tapal_server.db.database import Database
from tapal_server.db.tables import SessionRow, SignInFailureRow, UserRow
from tapal_server.errors import (
    CodeNeededError,
    FirstPasswordOverError,
    NotFoundError,
    SignInError,
    TooManyAttemptsError,
)
from tapal_server.people.actor import SYSTEM, Actor
from tapal_server.people.lookup import owner_of, person, token_hash
from tapal_server.people.passwords import Passwords
from tapal_server.people.roles import Permission, Role
from tapal_server.people.tokens import TOKEN_PREFIX, actor_of_token
from tapal_server.people.totp import SecondFactor
from tapal_server.rates import Rates
from tapal_server.settings import SignInSettings

__all__ = ["AuthService", "Outside", "SessionView", "SignedIn"]

_SEEN_EVERY = timedelta(minutes=1)
_WRONG = "the name, the password or the code is wrong"


@dataclass(frozen=True, slots=True, kw_only=True)
class SignedIn:
    """A new session; the token is shown this once."""

    token: str
    actor: Actor
    expires_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Outside:
    """Whom the office's own provider has recognised, by the account's lasting `subject` and the name of now."""

    subject: str
    name: str
    role: Role | None = None  # None: whatever the account has here
    strong: bool = False  # more than a password was asked for


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionView:
    """A session as its owner or an administrator sees it."""

    id: str
    user: str
    created_at: datetime
    last_seen: datetime
    expires_at: datetime
    client: str


class AuthService:
    """Sessions of people, and tokens of programs."""

    def __init__(
        self,
        database: Database,
        *,
        audit: AuditLog,
        clock: Clock,
        passwords: Passwords,
        second_factor: SecondFactor,
        settings: SignInSettings,
        rates: Rates | None = None,
    ) -> None:
        self._database = database
        self._audit = audit
        self._clock = clock
        self._passwords = passwords
        self._second_factor = second_factor
        self._settings = settings
        self.rates = rates or Rates(None, None)

    def has_users(self) -> bool:
        """Whether anybody can sign in yet."""
        with self._database.read() as session:
            return session.scalar(select(UserRow.id).limit(1)) is not None

    def sign_in(self, name: str, password: str, *, client: str = "", code: str | None = None) -> SignedIn:
        """Start a session.

        Raises:
            SignInError: wrong, without saying what.
            FirstPasswordOverError: right, but nobody changed it in time.
            TooManyAttemptsError: this name has to wait, or this address.
        """
        self.rates.stranger(client)
        name, client, now = name.strip().casefold()[:64], client[:255], self._clock.now()
        self._check_attempts(name, now)
        with self._database.read() as session:
            user = session.scalar(select(UserRow).where(UserRow.name == name))
        right = self._passwords.matches(user.password if user else None, password)
        if user is None or user.disabled or not right:
            self._fail(name, client, now)
            raise SignInError(_WRONG)
        chosen_for = timedelta(hours=self._settings.first_password_hours)
        if user.must_change_password and now - user.password_changed_at > chosen_for:
            raise FirstPasswordOverError("this first password is over; ask the administrator for another one")
        if self._demands_more_of(user) and user.subject is not None:
            raise SignInError("sign in through the office's provider, or have a second factor set up here")
        with self._database.write() as session:
            user = session.get_one(UserRow, user.id)
            if self._second_factor.accepts(user, code):
                return self._start(session, user, password, client, now)
        self._fail(name, client, now)
        if code is None:
            raise CodeNeededError("this account asks for the code of its authenticator")
        raise SignInError(_WRONG)

    def sign_in_outside(self, outside: Outside, *, client: str = "") -> SignedIn:
        """Start a session of somebody whom the office's provider recognised; who has no account here gets nothing.

        The first time, the account of that name is bound to the provider's subject; from then on only the subject
        counts, so that a name that passes to somebody else takes no account with it.

        Raises:
            SignInError: no account, a closed one, or one that asks for a second factor the provider did not.
        """
        name, now, client = outside.name.strip().casefold()[:64], self._clock.now(), client[:255]
        with self._database.write() as session:
            user = session.scalar(select(UserRow).where(UserRow.subject == outside.subject))
            if user is None:
                user = session.scalar(select(UserRow).where(UserRow.name == name, UserRow.subject.is_(None)))
            asks = user is not None and (user.totp is not None or self._demands_more_of(user))
            if user is not None and not user.disabled and (outside.strong or not asks):
                self._bind(session, user, outside)
                return self._begin(session, user, client, now)
        self._fail(name, client, now)
        if user is None or user.disabled:
            raise SignInError(f"{outside.name[:64]!r} has no open account here; ask the administrator for one")
        raise SignInError("this account asks for a second factor; the provider has to ask for one, too")

    def _demands_more_of(self, user: UserRow) -> bool:
        """Whether the office wants a second factor of such a role, and this account has none here."""
        return Role(user.role) in self._settings.second_factor and user.totp is None

    def _person(self, user: UserRow, session_id: str) -> Actor:
        actor = person(user, session_id=session_id)
        # The office's provider, to whom an account with a subject belongs, has asked for the second factor itself.
        return actor.until_second_factor() if self._demands_more_of(user) and user.subject is None else actor

    def _bind(self, session: Session, user: UserRow, outside: Outside) -> None:
        if user.subject is None:
            user.subject = outside.subject
            if user.must_change_password:  # known to whoever made the account, so of no more use
                user.password = self._passwords.hash(secrets.token_urlsafe(32), name=user.name)
                user.must_change_password = False
            self._audit.append(session, SYSTEM, "user.bind", f"user:{user.name}", {"subject": outside.subject})
        if outside.role is not None and outside.role.value != user.role:
            changed = {"role": outside.role.value, "by": "provider"}
            user.role = outside.role.value
            session.execute(delete(SessionRow).where(SessionRow.user_id == user.id))
            self._audit.append(session, SYSTEM, "user.change", f"user:{user.name}", changed)

    def _start(self, session: Session, user: UserRow, password: str, client: str, now: datetime) -> SignedIn:
        if self._passwords.is_outdated(user.password):
            user.password = self._passwords.hash(password, name=user.name)
        return self._begin(session, user, client, now)

    def _begin(self, session: Session, user: UserRow, client: str, now: datetime) -> SignedIn:
        token = secrets.token_urlsafe(32)
        row = SessionRow(
            token_hash=token_hash(token),
            id=new_id(),
            user_id=user.id,
            created_at=now,
            last_seen=now,
            expires_at=now + timedelta(hours=self._settings.session_hours),
            client=client,
        )
        session.add(row)
        session.execute(delete(SignInFailureRow).where(SignInFailureRow.name == user.name))
        actor = self._person(user, row.id)
        self._audit.append(session, actor, "session.start", f"user:{user.name}", {"client": client})
        return SignedIn(token=token, actor=actor, expires_at=row.expires_at)

    def actor_for(self, token: str | None) -> Actor | None:
        """Whose token it is; None if it is nobody's, revoked, or has ended."""
        if not token or len(token) > 200:
            return None
        now = self._clock.now()
        if token.startswith(TOKEN_PREFIX):
            return actor_of_token(self._database, token, now)
        found = owner_of(self._database, SessionRow, token)
        if found is None:
            return None
        row, user = found
        idle = row.last_seen + timedelta(minutes=self._settings.idle_minutes)
        if now >= row.expires_at or now >= idle:
            return None
        if now - row.last_seen >= _SEEN_EVERY:
            with self._database.write() as session:
                session.get_one(SessionRow, row.token_hash).last_seen = now
        return self._person(user, row.id)

    def actor_named(self, name: str) -> Actor:
        """A person by name, for whoever runs commands on this machine."""
        with self._database.read() as session:
            user = session.scalar(select(UserRow).where(UserRow.name == name.strip().casefold()))
        if user is None:
            raise NotFoundError(f"user {name!r} is not known; add it with: tapal server user add {name}")
        return person(user)

    def sign_out(self, token: str) -> None:
        """End the session of this token, if it is one."""
        with self._database.write() as session:
            row = session.get(SessionRow, token_hash(token))
            if row is not None and row.revoked_at is None:
                row.revoked_at = self._clock.now()
                user = session.get_one(UserRow, row.user_id)
                self._audit.append(session, person(user), "session.end", f"user:{user.name}", {})

    def sessions(self, actor: Actor, *, user_id: str | None = None) -> tuple[SessionView, ...]:
        """Sessions that are alive: one's own, or with the permission for people anybody's."""
        wanted = user_id or actor.user_id
        if wanted != actor.user_id:
            actor.require(Permission.PEOPLE)
        now = self._clock.now()
        with self._database.read() as session:
            found = session.execute(
                select(SessionRow, UserRow.name)
                .join(UserRow, UserRow.id == SessionRow.user_id)
                .where(SessionRow.user_id == wanted, SessionRow.revoked_at.is_(None), SessionRow.expires_at > now)
                .order_by(SessionRow.last_seen.desc())
            ).all()
        return tuple(
            SessionView(
                id=row.id,
                user=name,
                created_at=row.created_at,
                last_seen=row.last_seen,
                expires_at=row.expires_at,
                client=row.client,
            )
            for row, name in found
        )

    def revoke_session(self, actor: Actor, session_id: str) -> None:
        """End a session at once, one's own or, with the permission for people, anybody's."""
        with self._database.write() as session:
            row = session.scalar(select(SessionRow).where(SessionRow.id == session_id))
            if row is None or (row.user_id != actor.user_id and not actor.may(Permission.PEOPLE)):
                raise NotFoundError(f"session {session_id!r} is not known")
            row.revoked_at = row.revoked_at or self._clock.now()
            self._audit.append(session, actor, "session.revoke", f"session:{session_id}", {})

    def _check_attempts(self, name: str, now: datetime) -> None:
        window = timedelta(minutes=self._settings.window_minutes)
        with self._database.read() as session:
            count, last = session.execute(
                select(func.count(), func.max(SignInFailureRow.at)).where(
                    SignInFailureRow.name == name, SignInFailureRow.at > now - window
                )
            ).one()
        if count < self._settings.failures:
            return
        # Each further failure doubles the wait, up to the window itself.
        wait = min(window, timedelta(seconds=30) * 2 ** min(count - self._settings.failures, 10))
        left = (last + wait - now).total_seconds()
        if left > 0:
            seconds = max(1, round(left))
            raise TooManyAttemptsError(
                f"too many failed attempts for this name; try again in {seconds} s", retry_after_s=seconds
            )

    def _fail(self, name: str, client: str, now: datetime) -> None:
        with self._database.write() as session:
            session.add(SignInFailureRow(name=name, client=client, at=now))
            self._audit.append(session, SYSTEM, "session.refused", f"user:{name}", {"client": client})
