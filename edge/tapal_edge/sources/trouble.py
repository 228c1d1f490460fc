"""What can be wrong with a source, told apart, and said without giving its password away."""

import errno
from typing import Literal

from av import error as av_error

from tapal_contract.errors import TapalError
from tapal_edge.sources.address import redacted

Kind = Literal["password", "missing", "unreachable", "stalled", "corrupt", "ended", "denied"]

_REMEDY: dict[Kind, str] = {
    "password": "check the user and password of the camera",
    "missing": "check the path of the stream or file",
    "unreachable": "check its power, cable and address",
    "stalled": "it answers but sends no picture; restart the camera if this stays",
    "corrupt": "check its codec settings (H.264 is safest) and the cable",
    "denied": "check the rights of the user",
    "ended": "the other side closed the stream",
}


class SourceError(TapalError):
    """A source that cannot be read; ``kind`` says why in one word."""

    def __init__(self, camera: str, source: str | int, kind: Kind, reason: str) -> None:
        super().__init__(f"camera {camera!r}: {redacted(source)}: {redacted(reason)}; {_REMEDY[kind]}")
        self.kind: Kind = kind


def kind_of(error: Exception) -> Kind:
    """Sort an error of the decoder or of the system."""
    if isinstance(error, av_error.HTTPUnauthorizedError | av_error.HTTPForbiddenError):
        return "password"
    if isinstance(error, av_error.HTTPNotFoundError | av_error.HTTPBadRequestError | FileNotFoundError):
        return "missing"
    if isinstance(error, av_error.ExitError | TimeoutError) or getattr(error, "errno", None) == errno.ETIMEDOUT:
        return "stalled"
    if isinstance(error, av_error.EOFError):
        return "ended"
    if isinstance(error, av_error.InvalidDataError | av_error.DecoderNotFoundError | ValueError):
        return "corrupt"
    return "unreachable"


def reason_of(error: Exception) -> str:
    """Return the reason in the words of whoever raised it."""
    if isinstance(error, av_error.ExitError):
        return "no answer in time"
    return getattr(error, "strerror", None) or str(error) or type(error).__name__
