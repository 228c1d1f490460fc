"""What NiceGUI adds to the heads of its answers, added in passing.

Its own middlewares do that as starlette's BaseHTTPMiddleware, which fails with "No response returned" wherever a
browser leaves before an answer began: a phone that goes on while the page it left still fetches its files.
"""

from nicegui import __version__, core
from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

__all__ = ["Answers", "instead_of_nicegui"]

_FILES = f"/_nicegui/{__version__}/"
_MADE = f"{_FILES}dynamic_resources/"


class Answers:
    """Lets browsers keep NiceGUI's own files, and redirects below the prefix that a proxy took off."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass on, changing the head of each answer."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        prefix = Headers(scope=scope).get("x-forwarded-prefix", "")
        kept = scope["path"].startswith(_FILES) and not scope["path"].startswith(_MADE)

        async def with_head(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                if headers.get("location", "").startswith("/"):
                    headers["location"] = prefix + headers["location"]
                if kept:
                    headers["cache-control"] = core.app.config.cache_control_directives
            await send(message)

        await self._app(scope, receive, with_head)


def instead_of_nicegui() -> None:
    """Put it where NiceGUI's own are, once its application is configured and before it serves."""
    added = core.app.user_middleware
    added[:] = [one for one in added if getattr(one.cls, "__module__", "") != "nicegui.middlewares"]
    core.app.add_middleware(Answers)
