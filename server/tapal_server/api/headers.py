"""What every answer tells a browser: no framing, no guessing of types, no telling where one came from."""

from collections.abc import MutableMapping
from typing import Any

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Receive, Scope, Send

__all__ = ["SecurityHeaders"]

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
DATA = HEADERS | {"Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'; sandbox"}


class SecurityHeaders:
    """Adds the headers an answer does not carry already."""

    def __init__(self, app: ASGIApp, *, secure: bool) -> None:
        self._app = app
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
                chosen = DATA if path.startswith("/api/v1/") else DOCS if path == "/api/docs" else HEADERS
                for name, value in (chosen | self._strict).items():
                    headers.setdefault(name, value)
            await send(message)

        await self._app(scope, receive, with_headers)
