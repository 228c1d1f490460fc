"""What stands in place of a page that could not be made."""

import logging

from nicegui import ui

from tapal_server.console.elements import markup
from tapal_server.console.i18n import words
from tapal_server.console.markup import tag
from tapal_server.console.session import language_of

__all__ = ["broken"]

log = logging.getLogger(__name__)


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
