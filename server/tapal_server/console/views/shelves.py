"""Gates whose alerts wait for a time, and the form that puts one there."""

from collections.abc import Mapping, Sequence

from tapal_server.console import format as shown
from tapal_server.console.i18n import Words
from tapal_server.console.markup import Html, tag
from tapal_server.console.views import common
from tapal_server.correlation.types import Site
from tapal_server.desk.service import ShelfView

MINUTES = (15, 30, 60, 120, 240, 480, 1440)


def form(sites: Sequence[Site], cameras: Sequence[tuple[str, str]], words: Words) -> Html:
    """Which gate or camera (its site and name), for how long, and why."""
    known = {site.id: site for site in sites}
    places = [
        tag("option", _name(site, line), value=f"{site.id}/{line or ''}")
        for site in sites
        for line in (None, *dict.fromkeys(gate.line for gate in site.gates))
    ]
    places += [
        tag("option", f"{_name(known[site], None)} · {words('shelves.camera', name=name)}", value=f"{site}/@{name}")
        for site, name in cameras
        if site in known
    ]
    spans = [tag("option", _span(minutes, words), value=str(minutes), selected=minutes == 60) for minutes in MINUTES]
    reason = tag("input", id="why", name="reason", required=True, minlength="3", maxlength="1000", class_="input")
    return tag(
        "form",
        tag("h2", words("shelves.put")),
        _field("place", words("shelves.place"), tag("select", places, id="place", name="place", class_="input")),
        _field("minutes", words("shelves.minutes"), tag("select", spans, id="minutes", name="minutes", class_="input")),
        _field("why", words("shelves.reason"), reason),
        tag("button", words("shelves.button"), type="submit", class_="button primary"),
        class_="panel",
    )


def shelves(
    found: Sequence[ShelfView], sites: Mapping[str, Site], names: Mapping[str, str], zone: str, words: Words
) -> Html:
    """What waits now, until when, and why."""
    if not found:
        return common.empty(words("shelves.empty"), words("shelves.empty.next"))
    return tag("div", [_one(one, sites.get(one.site), names, zone, words) for one in found], class_="handovers")


def _one(one: ShelfView, site: Site | None, names: Mapping[str, str], zone: str, words: Words) -> Html:
    name = _name(site, one.line) if site else one.site
    name = f"{name} · {words('shelves.camera', name=one.camera)}" if one.camera else name
    until = words("shelves.until", time=shown.full(one.until, zone))
    return tag(
        "section",
        tag("div", tag("h2", name), tag("span", until, class_="pill wait"), class_="row"),
        tag("p", one.reason),
        tag("p", words("shelves.by", name=names.get(one.by, one.by), time=shown.full(one.at, zone)), class_="note"),
        common.button(words("shelves.end"), act="end_shelf", key=one.id),
        class_="panel",
    )


def _name(site: Site, line: str | None) -> str:
    return f"{site.name or site.id} · {line}" if line else site.name or site.id


def _span(minutes: int, words: Words) -> str:
    return words("span.min", n=minutes) if minutes < 60 else words("span.h", n=minutes // 60)


def _field(name: str, label: str, entry: Html) -> Html:
    return tag("div", tag("label", label, for_=name), entry, class_="field")
