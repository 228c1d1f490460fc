"""What every answer tells a browser: no framing, no guessing of types, no telling where one came from."""

import logging
from collections.abc import MutableMapping
from typing import Any
from urllib.parse import urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Receive, Scope, Send

__all__ = ["OwnPages", "SecurityHeaders"]

log = logging.getLogger(__name__)

_ALWAYS = "frame-ancestors 'none'; base-uri 'none'; form-action 'self'; object-src 'none'"
# The console's framework writes its own scripts into the page and builds its views from text, so those cannot be
# forbidden; but nothing may be loaded from, or sent to, anywhere but this server.
CONSOLE = (
    f"default-src 'self'; script-src 'self' 'unsafe-inline' 'unsafe-eval'; style-src 'self' 'unsafe-inline'; "
    f"img-src 'self' data: blob:; font-src 'self' data:; worker-src 'self' blob:; {_ALWAYS}"
)
HEADERS = {
    "Content-Security-Policy": CONSOLE,
    "Cross-Origin-Opener-Policy": "same-origin",
    "Referrer-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}
DOCS = HEADERS | {"Content-Security-Policy": _ALWAYS}  # a page of FastAPI's, which loads its scripts from elsewhere
# A browser that came once over TLS comes over nothing else for a year, to this host and those below it.
STRICT = {"Strict-Transport-Security": "max-age=31536000; includeSubDomains"}
# Answers of the API are data: whatever a browser is made to show of them may load, run and send nothing.
DATA = HEADERS | {
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'; sandbox",
    "Cache-Control": "no-store",
}
LIVE = "/_nicegui_ws/"


class SecurityHeaders:
    """Adds the headers an answer does not carry already; `tiles` is the one other place pictures may come from."""

    def __init__(self, app: ASGIApp, *, secure: bool, tiles: str | None = None) -> None:
        self._app = app
        self._pages = HEADERS
        if tiles is not None:
            parts = urlsplit(tiles)
            allowed = CONSOLE.replace("img-src 'self'", f"img-src 'self' {parts.scheme}://{parts.netloc}")
            self._pages = HEADERS | {"Content-Security-Policy": allowed}
        self._strict = STRICT if secure else {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass on, adding to the head of each answer."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        async def with_headers(message: MutableMapping[str, Any]) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                path = scope["path"]
                chosen = DATA if path.startswith("/api/v1/") else DOCS if path == "/api/docs" else self._pages
                for name, value in (chosen | self._strict).items():
                    headers.setdefault(name, value)
            await send(message)

        await self._app(scope, receive, with_headers)


class OwnPages:
    """Refuses live connections that a page of another site opens; a browser sends our cookie with those, too."""

    def __init__(self, app: ASGIApp, *, public_url: str | None) -> None:
        self._app = app
        self._public = urlsplit(public_url or "").netloc

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass on what names no origin, as programs do, or our own."""
        live = scope["type"] == "websocket" or (scope["type"] == "http" and scope["path"].startswith(LIVE))
        if live and not self._is_ours(Headers(scope=scope)):
            log.warning("a page of %r wanted a live connection; refused", Headers(scope=scope)["origin"][:200])
            if scope["type"] == "websocket":
                await send({"type": "websocket.close", "code": 1008})
            else:
                await PlainTextResponse("open the console's own page", status_code=403)(scope, receive, send)
            return
        await self._app(scope, receive, send)

    def _is_ours(self, headers: Headers) -> bool:
        origin = headers.get("origin")
        return origin is None or urlsplit(origin).netloc in {headers.get("host"), self._public} - {""}
