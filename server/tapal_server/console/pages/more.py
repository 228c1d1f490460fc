"""On a phone: the pages that have no room on the bar, by what people do there."""

from tapal_server.console.console import Console
from tapal_server.console.elements import Text, markup
from tapal_server.console.frame import frame, places
from tapal_server.console.icons import icon
from tapal_server.console.markup import join, tag
from tapal_server.console.session import Visit


def more_page(console: Console, visit: Visit) -> None:
    """The other pages this person may open."""
    words = visit.words
    groups = [
        join(
            tag("h2", words(f"nav.group.{group}")),
            tag(
                "ul",
                [
                    tag("li", tag("a", icon(place.icon), words(f"nav.{place.key}"), href=place.path))
                    for place in listed
                    if not place.phone
                ],
                class_="posts",
            ),
        )
        for group, listed in places(console, visit).items()
    ]
    with frame(console, visit, words("nav.more"), current="/more"):
        Text(words("nav.more"), tag="h1")
        markup(tag("div", groups, class_="groups"))
