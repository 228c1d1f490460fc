"""The help page: the keys in a table, the switch that turns them off, and each page with what it is for."""

from collections.abc import Callable, Mapping, Sequence

from tapal_server.console.frame import Place
from tapal_server.console.i18n import Words
from tapal_server.console.markup import Html, join, tag

EVERYWHERE = (("?",), ("g", "..."), ("Tab",), ("Esc",))
DUTY = (("j",), ("k",), ("Enter",), ("a",), ("x",))
ALERT = (("n",), ("1",), ("2",), ("3",), ("4",))


def switch(words: Words) -> Html:
    """Turns the keys of one letter off, for those who speak to their machine or press keys by chance."""
    return join(
        tag("h2", words("help.switch")),
        tag("p", words("help.switch.how"), class_="note"),
        tag(
            "button",
            tag("span", words("help.keys.on"), class_="on"),
            tag("span", words("help.keys.off"), class_="off"),
            type="button",
            id="keys",
            class_="button",
            aria_pressed="true",
        ),
    )


def keys(groups: Mapping[str, Sequence[Place]], words: Words) -> Html:
    """Every key and what it does."""
    jumps = [
        (_spelt(("g", place.letter)), words(f"nav.{place.key}"))
        for listed in groups.values()
        for place in listed
        if place.letter
    ]
    return join(
        tag("h2", words("help.keys")),
        *(_keys(name, found, words) for name, found in (("all", EVERYWHERE), ("duty", DUTY), ("alert", ALERT))),
        tag("h3", words("help.jumps")),
        _list(jumps),
    )


def _keys(name: str, found: Sequence[tuple[str, ...]], words: Words) -> Html:
    rows = [(_spelt(one), words(f"help.{name}.{one[0].lower() if one[0] != '?' else 'help'}")) for one in found]
    return join(tag("h3", words(f"help.{name}")), _list(rows))


def _list(rows: Sequence[tuple[Html, str]]) -> Html:
    return tag("dl", [tag("div", tag("dt", key), tag("dd", does)) for key, does in rows], class_="keys")


def _spelt(pressed: Sequence[str]) -> Html:
    return join(*(tag("kbd", one) for one in pressed))


def pages(groups: Mapping[str, Sequence[Place]], words: Words, drawn: Callable[[str], Html]) -> Html:
    """What each page is for, as its own help says first."""
    parts = [
        join(
            tag("h3", words(f"nav.group.{group}")),
            tag(
                "dl",
                [
                    tag(
                        "div",
                        tag("dt", tag("a", drawn(place.icon), words(f"nav.{place.key}"), href=place.path)),
                        tag("dd", words.help(place.key)[0]),
                    )
                    for place in listed
                    if words.has_help(place.key)
                ],
                class_="facts",
            ),
        )
        for group, listed in groups.items()
    ]
    return join(tag("h2", words("help.pages")), *parts)
