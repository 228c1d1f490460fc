"""Passwords: argon2id, and the rules a new one must keep."""

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from tapal_server.errors import InvalidError

__all__ = ["Passwords"]

SHORTEST = 12
LONGEST = 256


class Passwords:
    """Makes and checks password hashes; slow on purpose."""

    def __init__(self, hasher: PasswordHasher | None = None) -> None:
        self._hasher = hasher or PasswordHasher()
        self._nobody = self._hasher.hash("nobody has this password")

    def hash(self, password: str, *, name: str) -> str:
        """The hash to store.

        Raises:
            InvalidError: too short, too long, or the person's own name.
        """
        if not SHORTEST <= len(password) <= LONGEST:
            raise InvalidError(f"a password has {SHORTEST} to {LONGEST} characters", field="password")
        if name.casefold() in password.casefold() and len(password) < SHORTEST + len(name):
            raise InvalidError("a password must not be built on the user's name; choose another", field="password")
        return self._hasher.hash(password)

    def matches(self, stored: str | None, password: str) -> bool:
        """Whether it is the password; takes equally long where there is no such user."""
        try:
            return self._hasher.verify(stored or self._nobody, password) and stored is not None
        except (VerificationError, InvalidHashError):
            return False

    def is_outdated(self, stored: str) -> bool:
        """Whether the hash was made with weaker settings than today's."""
        return self._hasher.check_needs_rehash(stored)
