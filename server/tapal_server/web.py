"""What the API and the console both know of a browser: its session cookie, and where it may be sent."""

from typing import Literal
from urllib.parse import urlsplit

from starlette.responses import Response

__all__ = ["COOKIE", "keep_session", "local_path"]

COOKIE = "tapal_session"


def keep_session(
    answer: Response, token: str, *, lasts_s: int, secure: bool, samesite: Literal["lax", "strict"]
) -> None:
    """Let the browser carry a session; `lax` where it comes back from another site, or from a link in a message."""
    answer.set_cookie(COOKIE, token, max_age=lasts_s, httponly=True, samesite=samesite, secure=secure)


def local_path(wanted: str, *, longest: int = 2000) -> str:
    """A path of this server to go to after signing in; anything else becomes its first page."""
    parts = urlsplit(wanted)
    safe = wanted.startswith("/") and not wanted.startswith("//") and "\\" not in wanted and len(wanted) <= longest
    return wanted if safe and not parts.scheme and not parts.netloc else "/"
