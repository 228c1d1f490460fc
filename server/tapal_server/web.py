"""What the API and the console both know of a browser: its session cookie, and where it may be sent."""

from typing import Literal
from urllib.parse import urlsplit

from starlette.requests import HTTPConnection
from starlette.responses import Response

__all__ = ["COOKIE", "forget_session", "keep_session", "local_path", "name_of", "session_of"]

COOKIE = "tapal_session"


def name_of(cookie: str, *, secure: bool, prefix: str = "__Host-") -> str:
    """A cookie's name; over TLS browsers hold it to what the prefix promises, so that no other host can set it."""
    return f"{prefix}{cookie}" if secure else cookie


def session_of(request: HTTPConnection, *, secure: bool) -> str | None:
    """The token that a browser sent; over TLS never one under the plain name, which others may have set."""
    return request.cookies.get(name_of(COOKIE, secure=secure))


def keep_session(
    answer: Response, token: str, *, lasts_s: int, secure: bool, samesite: Literal["lax", "strict"]
) -> None:
    """Let the browser carry a session; `lax` where it comes back from another site, or from a link in a message."""
    name = name_of(COOKIE, secure=secure)
    answer.set_cookie(name, token, max_age=lasts_s, httponly=True, samesite=samesite, secure=secure, path="/")


def forget_session(answer: Response, *, secure: bool) -> None:
    """Let the browser forget the session, and what it kept of pages and pictures."""
    answer.delete_cookie(name_of(COOKIE, secure=secure), path="/", secure=secure, httponly=True)
    answer.headers["Clear-Site-Data"] = '"cache"'


def local_path(wanted: str, *, longest: int = 2000) -> str:
    """A path of this server to go to after signing in; anything else becomes its first page."""
    parts = urlsplit(wanted)
    safe = wanted.startswith("/") and not wanted.startswith("//") and "\\" not in wanted and len(wanted) <= longest
    return wanted if safe and not parts.scheme and not parts.netloc else "/"
