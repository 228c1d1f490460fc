"""The people who may sign in."""

import re
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from tapal_contract.ids import new_id
from tapal_server.audit.log import AuditLog
from tapal_server.clock import Clock
from tapal_server.db.database import Database
from tapal_server.db.tables import SessionRow, UserRow
from tapal_server.errors import ConflictError, InvalidError, NotFoundError, SignInError
from tapal_server.paging import Page, Paging, load, order_of
from tapal_server.people.actor import Actor
from tapal_server.people.passwords import Passwords
from tapal_server.people.roles import Permission, Role
from tapal_server.people.totp import SecondFactor
from tapal_server.viewing import seen

__all__ = ["SORTS", "PeopleService", "UserView"]

_NAME = re.compile(r"[a-z0-9][a-z0-9._-]{1,63}")

SORTS = {"name": UserRow.name, "created_at": UserRow.created_at, "role": UserRow.role}


@dataclass(frozen=True, slots=True, kw_only=True)
class UserView:
    """A person, without secrets."""

    id: str
    name: str
    display_name: str
    role: Role
    agency: str | None
    sites: tuple[str, ...]
    language: str | None
    second_factor: bool
    disabled: bool
    must_change_password: bool
    created_at: datetime


class PeopleService:
    """Adds people, changes what they may do, and lets each change their own password and second factor."""

    def __init__(
        self, database: Database, *, audit: AuditLog, clock: Clock, passwords: Passwords, second_factor: SecondFactor
    ) -> None:
        self._database = database
        self._audit = audit
        self._clock = clock
        self._passwords = passwords
        self._second_factor = second_factor

    def page(
        self,
        actor: Actor,
        paging: Paging,
        *,
        role: Role | None = None,
        agency: str | None = None,
        disabled: bool | None = None,
        sort: str = "name",
    ) -> Page[UserView]:
        """People."""
        actor.require(Permission.PEOPLE)
        query = select(UserRow)
        if role is not None:
            query = query.where(UserRow.role == role.value)
        if agency is not None:
            query = query.where(UserRow.agency == agency)
        if disabled is not None:
            query = query.where(UserRow.disabled.is_(disabled))
        with self._database.read() as session:
            return load(session, query, paging, _view, order_of(sort, SORTS), UserRow.name)

    def names(self, actor: Actor) -> tuple[tuple[str, str], ...]:
        """Name and display name of those to whom an alert can be given."""
        actor.require(Permission.JUDGE if actor.role is Role.PARTNER else Permission.SEE)
        query = select(UserRow.name, UserRow.display_name).where(UserRow.disabled.is_(False)).order_by(UserRow.name)
        with self._database.read() as session:
            return tuple((name, shown) for name, shown in session.execute(query))

    def add(
        self,
        actor: Actor,
        name: str,
        password: str,
        *,
        role: Role,
        display_name: str | None = None,
        agency: str | None = None,
        sites: frozenset[str] = frozenset(),
        language: str | None = None,
        must_change_password: bool = False,
    ) -> UserView:
        """Add a person.

        Raises:
            InvalidError: the name or password cannot be used.
            ConflictError: the name is taken.
        """
        actor.require(Permission.PEOPLE)
        name = name.strip().casefold()
        if not _NAME.fullmatch(name):
            raise InvalidError(
                f"user name {name!r} cannot be used; take 2 to 64 letters, digits, dots, dashes", field="name"
            )
        hashed, now = self._passwords.hash(password, name=name), self._clock.now()
        with self._database.write() as session:
            if session.scalar(select(UserRow.id).where(UserRow.name == name)):
                raise ConflictError(f"there is already a user {name!r}; choose another name")
            row = UserRow(
                id=new_id(),
                name=name,
                display_name=(display_name or name)[:128],
                password=hashed,
                role=role.value,
                agency=agency,
                sites=sorted(sites),
                language=language,
                must_change_password=must_change_password,
                disabled=False,
                created_at=now,
                password_changed_at=now,
            )
            session.add(row)
            detail = {"role": role.value, "sites": sorted(sites), "agency": agency}
            self._audit.append(session, actor, "user.add", f"user:{name}", detail)
        return _view(row)

    def change(
        self,
        actor: Actor,
        name: str,
        *,
        role: Role | None = None,
        display_name: str | None = None,
        agency: str | None = None,
        sites: frozenset[str] | None = None,
        disabled: bool | None = None,
    ) -> UserView:
        """Change what a person is or may do; None leaves as it is. Ends their sessions where rights shrink."""
        actor.require(Permission.PEOPLE)
        with self._database.write() as session:
            row = _find(session, name)
            given = {
                "role": role.value if role else None,
                "display_name": display_name,
                "agency": agency,
                "sites": None if sites is None else sorted(sites),
                "disabled": disabled,
            }
            changed = {key: value for key, value in given.items() if value is not None and getattr(row, key) != value}
            if row.id == actor.user_id and ("role" in changed or changed.get("disabled")):
                raise ConflictError("you cannot change your own role or close your own account; ask another admin")
            for key, value in changed.items():
                setattr(row, key, value)
            if changed.keys() & {"role", "sites", "disabled", "agency"}:
                self._end_sessions(session, row)
            self._audit.append(session, actor, "user.change", f"user:{row.name}", changed)
            return _view(row)

    def set_password(self, actor: Actor, name: str, password: str, *, must_change: bool = True) -> None:
        """Give a person another password and end their sessions."""
        actor.require(Permission.PEOPLE)
        self._store_password(actor, name, password, must_change=must_change)

    def change_own_password(self, actor: Actor, old: str, new: str) -> None:
        """Change one's own password; every session of one's ends.

        Raises:
            SignInError: the old one is wrong.
        """
        with self._database.read() as session:
            stored = _find(session, actor.name).password
        if not self._passwords.matches(stored, old):
            raise SignInError("the old password is wrong")
        self._store_password(actor, actor.name, new, must_change=False)

    def propose_second_factor(self, actor: Actor) -> tuple[str, str]:
        """A secret and its address for an authenticator; takes effect when confirmed with a code."""
        return self._second_factor.propose(actor.name)

    def confirm_second_factor(self, actor: Actor, secret: str, code: str, *, password: str) -> None:
        """Turn the second factor on, after a code showed that the authenticator has it.

        Raises:
            SignInError: the password is wrong; whoever finds a session open must not take the account over.
            ConflictError: the office's provider knows the password, and there is a second factor already.
            InvalidError: the code does not fit.
        """
        self._require_own(actor, password)
        step = self._second_factor.step_of(secret, code)
        if step is None:
            raise InvalidError(
                "the code does not fit; check the clock of the device and try the next one", field="code"
            )
        with self._database.write() as session:
            row = _find(session, actor.name)
            row.totp, row.totp_step = self._second_factor.seal(secret), step
            self._audit.append(session, actor, "user.second_factor", f"user:{row.name}", {"on": True})

    def _require_own(self, actor: Actor, password: str) -> None:
        with self._database.read() as session:
            row = _find(session, actor.name)
        if row.subject is None:
            if not self._passwords.matches(row.password, password):
                raise SignInError("the password is wrong")
        elif row.totp is not None:
            raise ConflictError("this account has a second factor; ask an administrator to remove it first")

    def remove_second_factor(self, actor: Actor, name: str) -> None:
        """Turn a person's second factor off, when the device was lost."""
        actor.require(Permission.PEOPLE)
        with self._database.write() as session:
            row = _find(session, name)
            row.totp = row.totp_step = None
            self._end_sessions(session, row)
            self._audit.append(session, actor, "user.second_factor", f"user:{row.name}", {"on": False})

    def set_language(self, actor: Actor, language: str) -> None:
        """Remember one's own language."""
        if language not in {"id", "en"}:
            raise InvalidError(f"language {language!r} is not known; choose id or en", field="language")
        with self._database.write() as session:
            _find(session, actor.name).language = language

    def _store_password(self, actor: Actor, name: str, password: str, *, must_change: bool) -> None:
        with self._database.write() as session:
            row = _find(session, name)
            row.password = self._passwords.hash(password, name=row.name)
            row.password_changed_at, row.must_change_password = self._clock.now(), must_change
            self._end_sessions(session, row)
            self._audit.append(session, actor, "user.password", f"user:{row.name}", {})

    def _end_sessions(self, session: Session, row: UserRow) -> None:
        session.execute(delete(SessionRow).where(SessionRow.user_id == row.id))


def _find(session: Session, name: str) -> UserRow:
    row = session.scalar(select(UserRow).where(UserRow.name == name.strip().casefold()))
    if row is None:
        raise NotFoundError(f"user {name!r} is not known")
    return row


def _view(row: UserRow) -> UserView:
    return seen(UserView, row, role=Role(row.role), sites=tuple(row.sites), second_factor=row.totp is not None)
