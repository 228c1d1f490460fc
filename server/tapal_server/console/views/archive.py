"""Every alert of the past, searched by plain links and a form."""

from collections.abc import Sequence
from urllib.parse import urlencode

from tapal_server.console import format as shown
from tapal_server.console.i18n import Words
from tapal_server.console.markup import Html, tag
from tapal_server.console.ports import UNFINISHED, AlertRow, Found, Search
from tapal_server.console.views import common
from tapal_server.console.views.cards import thumbnail
from tapal_server.correlation.types import Site

STATES = (UNFINISHED, "new", "reopened", "acknowledged", "in_progress", "resolved")
KINDS = (
    "presence",
    "manifest_mismatch",
    "bypass",
    "unlogged_crossing",
    "count_excess",
    "record_conflict",
    "blind",
    "surge",
)


def search_form(wanted: Search, sites: Sequence[Site], words: Words) -> Html:
    """What to look for."""
    return tag(
        "form",
        _choice(
            "state", words("archive.state"), [(name, words(f"state.{name}")) for name in STATES], wanted.state, words
        ),
        _choice("kind", words("archive.kind"), [(name, words(f"kind.{name}")) for name in KINDS], wanted.kind, words),
        _choice("site", words("archive.site"), [(site.id, site.name or site.id) for site in sites], wanted.site, words),
        tag("button", words("archive.search"), type="submit", class_="button primary"),
        method="get",
        action="/alerts",
        role="search",
        class_="search",
    )


def results(found: Found, wanted: Search, words: Words) -> Html:
    """What was found, or what to try where nothing was."""
    if not found.alerts:
        return common.empty(words("archive.empty"), words("archive.empty.next"))
    return tag(
        "div",
        tag("p", words("archive.total", n=found.total), class_="note", role="status"),
        tag("ul", [_row(alert, words) for alert in found.alerts], class_="found"),
        _pages(found, wanted, words),
    )


def _row(alert: AlertRow, words: Words) -> Html:
    percent = shown.percent(alert.probability) if alert.probability is not None else ""
    return tag(
        "li",
        tag(
            "a",
            thumbnail(alert),
            tag(
                "span",
                tag("span", common.kind(alert, words), class_="kind"),
                tag("span", common.place(alert, words), class_="place"),
                tag("span", shown.full(alert.time, alert.timezone), class_="when"),
                class_="what",
            ),
            tag("span", percent, class_="number"),
            common.state(alert, words),
            href=f"/alerts/{alert.id}",
        ),
    )


def _choice(name: str, label: str, options: list[tuple[str, str]], chosen: str | None, words: Words) -> Html:
    listed = [("", words("archive.any")), *options]
    drawn = [tag("option", text, value=value, selected=value == (chosen or "")) for value, text in listed]
    picker = tag("select", drawn, id=f"by-{name}", name=name, class_="input")
    return tag("div", tag("label", label, for_=f"by-{name}"), picker, class_="field")


def _pages(found: Found, wanted: Search, words: Words) -> Html:
    def link(page: int, label: str) -> Html | None:
        if not 1 <= page <= found.pages:
            return None
        asked = {"state": wanted.state, "kind": wanted.kind, "site": wanted.site, "page": page}
        query = urlencode({name: value for name, value in asked.items() if value})
        return tag("a", label, href=f"/alerts?{query}", class_="button")

    return tag(
        "nav",
        link(wanted.page - 1, words("archive.newer")),
        tag("span", words("archive.page", n=wanted.page, of=found.pages), class_="note"),
        link(wanted.page + 1, words("archive.older")),
        class_="row pages",
        aria_label=words("archive.pages"),
    )
