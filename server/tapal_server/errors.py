"""The errors of the server that a caller can mend; the API gives each its status."""

from tapal_contract.errors import TapalError

__all__ = [
    "CodeNeededError",
    "ConflictError",
    "FirstPasswordOverError",
    "ForbiddenError",
    "InvalidError",
    "NotFoundError",
    "SignInError",
    "TooManyAttemptsError",
]


class NotFoundError(TapalError):
    """No such thing, or none that this person may see."""


class ForbiddenError(TapalError):
    """This person may not do that."""


class ConflictError(TapalError):
    """The thing's state does not allow that now."""


class InvalidError(TapalError):
    """A value that cannot be used; `field` names it where it has a name."""

    def __init__(self, message: str, *, field: str | None = None) -> None:
        super().__init__(message)
        self.field = field


class SignInError(TapalError):
    """Wrong name, password or code, or a session that has ended; never says which."""


class TooManyAttemptsError(TapalError):
    """Too many failed attempts; `retry_after_s` says how long to wait."""

    def __init__(self, message: str, *, retry_after_s: int) -> None:
        super().__init__(message)
        self.retry_after_s = retry_after_s


class CodeNeededError(SignInError):
    """The password is right, and this account also asks for the code of its authenticator."""


class FirstPasswordOverError(SignInError):
    """The password is right, but one that somebody else chose, and was not changed in time."""
