"""Addresses of pages: how patient the server is with a slow machine and with a phone that was out of reach."""

import logging
from collections.abc import Callable
from typing import Any, TypeVar

from nicegui import ui

from tapal_server.console.elements import markup
from tapal_server.console.i18n import words
from tapal_server.console.markup import tag
from tapal_server.console.session import language_of

__all__ = ["address", "broken"]

BUILT_WITHIN_S = 60.0  # a page that comes late is better than an error in its place
BACK_WITHIN_S = 40.0  # a browser that comes back in time finds its page, and what was pressed meanwhile is carried out
log = logging.getLogger(__name__)
Function = TypeVar("Function", bound=Callable[..., Any])


def address(path: str) -> Callable[[Function], Function]:
    """Make the function the page that is found there."""
    return ui.page(path, response_timeout=BUILT_WITHIN_S, reconnect_timeout=BACK_WITHIN_S)


def broken(error: Exception) -> None:
    """What stands in place of a page that could not be made."""
    log.error("a page could not be made", exc_info=error)
    request = ui.context.client.request
    spoken = words(language_of(request))
    told = tag(
        "div",
        tag("h1", spoken("app.broken")),
        tag("p", spoken("app.broken.next")),
        tag("a", spoken("app.again"), href=request.url.path, class_="button primary"),
        tag("a", spoken("app.to_duty"), href="/", class_="button"),
        class_="told",
        role="alert",
    )
    markup(told).classes("sign-in")
