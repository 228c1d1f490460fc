"""The first person of an empty server: made on a page, by whoever can read what the server printed when it started."""

import secrets
import threading

from sqlalchemy import select

from tapal_server.db.database import Database
from tapal_server.db.tables import UserRow
from tapal_server.errors import ConflictError, ForbiddenError, InvalidError
from tapal_server.people.actor import SYSTEM
from tapal_server.people.directory import PeopleService, UserView
from tapal_server.people.roles import Role

__all__ = ["FirstRun"]

TRIES = 10
LETTERS = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"  # none that look alike


class FirstRun:
    """Holds the one-time code of this start; of no use once somebody has an account."""

    def __init__(self, people: PeopleService, database: Database) -> None:
        self._people = people
        self._database = database
        self._lock = threading.Lock()
        self._tries = TRIES
        self._over = False
        self.code = "-".join("".join(secrets.choice(LETTERS) for _ in range(4)) for _ in range(3))

    def needed(self) -> bool:
        """Whether nobody has an account yet."""
        if not self._over:
            with self._database.read() as session:
                self._over = session.scalar(select(UserRow.id).limit(1)) is not None
        return not self._over

    def create(self, code: str, name: str, password: str, display_name: str) -> UserView:
        """Make the administrator.

        Raises:
            ConflictError: somebody has an account already.
            ForbiddenError: too many wrong codes; the server has to be started again.
            InvalidError: the code is wrong, or the name or password cannot be used.
        """
        with self._lock:
            if not self.needed():
                raise ConflictError("there is an administrator already; sign in")
            if self._tries == 0:
                raise ForbiddenError("too many wrong codes; start the server again for a new one")
            if not secrets.compare_digest(code.strip().upper().encode(), self.code.encode()):
                self._tries -= 1
                raise InvalidError("this is not the code that the server printed when it started", field="setup_code")
            return self._people.add(SYSTEM, name, password, role=Role.ADMIN, display_name=display_name.strip() or None)
