"""Passwords: argon2id, and the rules a new one must keep."""

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from tapal_server.errors import InvalidError

__all__ = ["Passwords"]

SHORTEST = 12
LONGEST = 256
_LEAST_SCORE = 3  # of 4: some 10^8 guesses, by who knows the lists, keyboards and dates that people build on
_LOOKED_AT = 72  # characters; looking takes longer than their number grows
# What is guessed first here. The lists of zxcvbn hold the 30,000 most used passwords and English words and names.
CONTEXT = (
    "tapal", "imigrasi", "immigration", "nunukan", "tunontaka", "sebatik", "bambangan", "tawau", "indonesia",
    "kalimantan", "perbatasan", "paspor", "passport", "petugas", "officer", "kapal", "dermaga", "pelabuhan", "merdeka",
    "garuda", "pancasila", "bismillah", "alhamdulillah", "assalamualaikum", "sayang", "sayangku", "rahasia", "sandi",
    "katasandi", "password", "selamat", "datang", "kantor", "bersama", "cinta", "anakku", "keluarga", "jakarta",
)  # fmt: skip


class Passwords:
    """Makes and checks password hashes; slow on purpose."""

    def __init__(self, hasher: PasswordHasher | None = None) -> None:
        self._hasher = hasher or PasswordHasher()
        self._nobody = self._hasher.hash("nobody has this password")

    def hash(self, password: str, *, name: str) -> str:
        """The hash to store.

        Raises:
            InvalidError: too short, too long, built on the person's own name, or among the first to be guessed.
        """
        if not SHORTEST <= len(password) <= LONGEST:
            raise InvalidError(f"a password has {SHORTEST} to {LONGEST} characters", field="password")
        if name.casefold() in password.casefold() and len(password) < SHORTEST + len(name):
            raise InvalidError("a password must not be built on the user's name; choose another", field="password")
        if _score(password, name) < _LEAST_SCORE:
            raise InvalidError(
                "this password is among the first to be guessed; take some words that do not belong together",
                field="password",
            )
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


def _score(password: str, name: str) -> int:
    # The lists take a tenth of a second to read, which few processes need.
    from zxcvbn import zxcvbn  # noqa: PLC0415

    return int(zxcvbn(password[:_LOOKED_AT], user_inputs=[name, *CONTEXT])["score"])
