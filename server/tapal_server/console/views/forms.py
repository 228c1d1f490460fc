"""Fields of forms, and times as the people of a site write them."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from zoneinfo import ZoneInfo

from tapal_server.console import format as shown
from tapal_server.console.i18n import Words
from tapal_server.console.markup import Html, tag
from tapal_server.correlation.types import Site
from tapal_server.errors import InvalidError

__all__ = ["choice", "field", "file_field", "number", "places", "text_area", "typed", "when"]


def field(name: str, label: str, *, hint: str = "", **attributes: str | bool | None) -> Html:
    """One line to type in; `required` unless said otherwise."""
    attributes = {"required": True, "type": "text", **attributes}
    typed_in = tag("input", id=name, name=name, class_="input", **attributes)
    return _labelled(name, label, typed_in, hint)


def text_area(name: str, label: str, *, hint: str = "", required: bool = True, value: str = "") -> Html:
    """Several lines to type in."""
    return _labelled(
        name, label, tag("textarea", value, id=name, name=name, class_="input", rows=3, required=required), hint
    )


def file_field(key: str, label: str, *, hint: str = "", **attributes: str | bool | None) -> Html:
    """A file to choose, sent as `file`; `required` unless said otherwise."""
    attributes = {"required": True, **attributes}
    picker = tag("input", id=key, name="file", type="file", class_="input", **attributes)
    return _labelled(key, label, picker, hint)


def choice(name: str, label: str, options: Iterable[tuple[str, str]], chosen: str = "") -> Html:
    """One of a few."""
    drawn = [tag("option", text, value=value, selected=value == chosen) for value, text in options]
    return _labelled(name, label, tag("select", drawn, id=name, name=name, class_="input"), "")


def _labelled(name: str, label: str, typed_in: Html, hint: str) -> Html:
    told = tag("span", hint, class_="hint") if hint else None
    return tag("div", tag("label", label, for_=name), typed_in, told, class_="field")


def places(sites: Mapping[str, Site], words: Words) -> list[tuple[str, str]]:
    """Every gate, its direction left open, as one choice: `site/line`, where an empty line is the whole site."""
    options = []
    for site in sites.values():
        name = site.name or site.id
        options.append((f"{site.id}/", words("planned.whole_site", site=name)))
        options += [(f"{site.id}/{line}", f"{name} · {line}") for line in sorted({gate.line for gate in site.gates})]
    return options


def when(text: str, zone: str, name: str) -> datetime:
    """What was typed into a date-and-time field, on the clock of the site."""
    try:
        value = datetime.fromisoformat(text)
    except ValueError as error:
        raise InvalidError(f"{name} {text[:40]!r} is no date with a time", field=name) from error
    return value if value.tzinfo else value.replace(tzinfo=ZoneInfo(zone))


def typed(moment: datetime, zone: str) -> str:
    """The same, to be changed in such a field."""
    return shown.local(moment, zone).strftime("%Y-%m-%dT%H:%M")


def number(text: str, name: str) -> int | None:
    """A whole number, or nothing."""
    text = text.strip()
    if not text:
        return None
    if not (text.isascii() and text.isdigit() and len(text) <= 9):
        raise InvalidError(f"{name} {text[:40]!r} is not a whole number", field=name)
    return int(text)
