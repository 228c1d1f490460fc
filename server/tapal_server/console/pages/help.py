"""Help: the keys, how the console is read, and what each page is for."""

from tapal_server.console.console import Console
from tapal_server.console.elements import Text, markup
from tapal_server.console.frame import frame, places
from tapal_server.console.icons import icon
from tapal_server.console.session import Visit
from tapal_server.console.views import help as views


def help_page(console: Console, visit: Visit) -> None:
    """For everybody, by keyboard alone as well."""
    words, groups = visit.words, places(console, visit)
    with frame(console, visit, words("help.title"), current="/help"):
        Text(words("help.title"), tag="h1")
        markup(views.switch(words)).classes("panel")
        markup(views.keys(groups, words)).classes("panel").mark("keys")
        markup(views.pages(groups, words, icon)).classes("panel").mark("pages")
