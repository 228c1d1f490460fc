"""A body that is too large is refused before it fills the memory."""

import logging

from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from tapal_server.api.problems import respond

__all__ = ["BodyLimit"]

log = logging.getLogger(__name__)


class _TooLargeError(HTTPException):
    """Passes through frameworks that answer 400 to whatever else fails while a body is read."""


class BodyLimit:
    """Refuses bodies above a size, whether the size is announced or not."""

    def __init__(self, app: ASGIApp, largest: int) -> None:
        self._app = app
        self._largest = largest
        self._sentence = f"the body is larger than {largest} bytes; send it in parts"

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass requests on, counting their bodies."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        taken = 0
        begun = False

        async def counted() -> Message:
            nonlocal taken
            message = await receive()
            taken += len(message.get("body", b""))
            if taken > self._largest:
                what = scope["method"], scope["path"][:200]
                log.warning("refused: %s %r with a body of more than %d bytes", *what, self._largest)
                raise _TooLargeError(413, self._sentence)
            return message

        async def watched(message: Message) -> None:
            nonlocal begun
            begun = True
            await send(message)

        try:
            await self._app(scope, counted, watched)
        except _TooLargeError:
            if begun:
                raise
            answer = respond(413, self._sentence)
            await answer(scope, receive, send)
