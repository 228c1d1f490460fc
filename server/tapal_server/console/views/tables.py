"""Tables that a phone can read: each row becomes a card on a narrow screen."""

from collections.abc import Sequence

from tapal_server.console.i18n import Words
from tapal_server.console.markup import Child, Html, tag


def table(caption: str, heads: Sequence[str], rows: Sequence[Sequence[Child]]) -> Html:
    """A table with a caption for screen readers."""
    return tag(
        "table",
        tag("caption", caption, class_="sr"),
        tag("thead", tag("tr", [tag("th", head, scope="col") for head in heads])),
        tag("tbody", [tag("tr", [_cell(head, cell) for head, cell in zip(heads, row, strict=True)]) for row in rows]),
        class_="table",
    )


def _cell(head: str, content: Child) -> Html:
    empty = "none" if content is None else None  # a card of a phone leaves it out
    return tag("td", tag("span", head, class_="cell-head", aria_hidden="true"), tag("span", content), class_=empty)


def pages(path: str, number: int, last: int, words: Words) -> Html | None:
    """Links to the pages around this one."""
    if last < 2:
        return None
    path += "&page=" if "?" in path else "?page="
    newer = tag("a", words("archive.newer"), href=f"{path}{number - 1}", class_="button") if number > 1 else None
    older = tag("a", words("archive.older"), href=f"{path}{number + 1}", class_="button") if number < last else None
    here = tag("span", words("archive.page", n=number, of=last), class_="note")
    return tag("nav", newer, here, older, class_="row pages", aria_label=words("archive.pages"))
