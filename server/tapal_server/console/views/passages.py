"""The passage log: import with preview, imports, records."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime, time, timedelta
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from tapal_server.alerts.views import RecordView
from tapal_server.console import format as shown
from tapal_server.console.i18n import Words
from tapal_server.console.markup import Html, join, tag
from tapal_server.console.office import Preview
from tapal_server.console.views import common
from tapal_server.console.views.forms import choice, field, file_field
from tapal_server.console.views.samples import sample
from tapal_server.console.views.tables import pages, table
from tapal_server.paging import Page
from tapal_server.passages.query import PassageFilter
from tapal_server.passages.store import ImportView

MOST_PROBLEMS = 12
DIRECTIONS = ("inbound", "outbound")


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """Which records, as the address says; what is empty does not limit."""

    source: str = ""
    checkpoint: str = ""
    direction: str = ""
    voyage: str = ""
    since: str = ""
    until: str = ""

    @property
    def address(self) -> str:
        """The page of this search."""
        asked = {name: value for name, value in asdict(self).items() if value}
        return f"/passages?{urlencode(asked)}" if asked else "/passages"


def filter_of(wanted: Wanted, zone: str) -> PassageFilter:
    """The same for the service: days on the clock of the site, both included; what is no day does not limit."""
    until = _midnight(wanted.until, zone)
    return PassageFilter(
        source=wanted.source.strip() or None,
        checkpoint=wanted.checkpoint.strip() or None,
        direction=wanted.direction if wanted.direction in DIRECTIONS else None,
        voyage_id=wanted.voyage.strip() or None,
        since=_midnight(wanted.since, zone),
        until=until + timedelta(days=1) if until else None,
    )


def _midnight(text: str, zone: str) -> datetime | None:
    try:
        return datetime.combine(date.fromisoformat(text), time(), ZoneInfo(zone))
    except ValueError:
        return None


def search(wanted: Wanted, words: Words) -> Html:
    """The fields of a search; it is in the address, so it can be kept or passed on."""
    ways = [("", words("archive.any")), *((name, words.either("direction", name)) for name in DIRECTIONS)]

    def line(name: str, label: str, **more: str) -> Html:
        return field(name, words(label), required=False, value=getattr(wanted, name), maxlength="64", **more)

    return tag(
        "form",
        line("source", "passages.by_source"),
        line("checkpoint", "passages.checkpoint"),
        choice("direction", words("passages.direction"), ways, wanted.direction),
        line("voyage", "passages.voyage"),
        line("since", "reports.first", type="date"),
        line("until", "reports.last", type="date"),
        tag("button", words("archive.search"), type="submit", class_="button primary"),
        method="get",
        action="/passages",
        class_="search",
    )


def file_form(words: Words, *, problem: bool) -> Html:
    """Choose a file; nothing is stored before its preview was seen."""
    return tag(
        "form",
        tag("h2", words("passages.import")),
        tag("p", words("passages.problem"), class_="error", role="alert") if problem else None,
        file_field("file", words("passages.file"), hint=words("passages.columns"), accept=".csv,text/csv"),
        tag("button", words("passages.look"), type="submit", class_="button primary"),
        method="post",
        action="/passages/offer",
        enctype="multipart/form-data",
        class_="panel",
    )


def preview(found: Preview, zone: str, words: Words, *, problem: bool = False) -> Html:
    """What would be taken, what not, and the button that takes it; a plain form, which needs no live connection."""
    report = found.report
    return tag(
        "form",
        tag("h2", words("passages.preview", name=found.name)),
        tag("p", words("passages.not_taken"), class_="error", role="alert") if problem else None,
        tag(
            "p",
            words("passages.counts", good=report.good, bad=report.bad_count),
            class_="banner good" if not report.bad_count else "banner bad",
        ),
        tag("p", words("passages.ignored", names=", ".join(report.ignored_columns)), class_="note")
        if report.ignored_columns
        else None,
        sample(words("passages.sample"), found.sample, zone, words),
        _problems(found, words),
        tag("input", type="hidden", name="token", value=found.token),
        field("source", words("passages.source"), hint=words("passages.source.hint"), maxlength="64", value="simkim"),
        tag(
            "div",
            tag(
                "button",
                words("passages.take", n=report.good),
                type="submit",
                class_="button primary",
                disabled=not report.good,
            ),
            tag("a", words("app.cancel"), href="/passages", class_="button"),
            class_="row",
        ),
        method="post",
        action="/passages/take",
        class_="panel",
    )


def _problems(found: Preview, words: Words) -> Html | None:
    if not found.report.bad:
        return None
    listed = [
        tag("li", words("passages.line", n=bad.line, reason=bad.reason)) for bad in found.report.bad[:MOST_PROBLEMS]
    ]
    more = found.report.bad_count - len(listed)
    return join(
        tag("h3", words("passages.problems")),
        tag("ul", listed, class_="warnings"),
        tag("p", words("passages.more", n=more), class_="note") if more > 0 else None,
    )


def imports(found: Sequence[ImportView], zone: str, words: Words) -> Html:
    """What was taken in last."""
    if not found:
        return common.empty(words("passages.no_imports"), words("passages.no_imports.next"))
    heads = [words(f"passages.{name}") for name in ("time", "source", "by", "added", "corrected", "rejected")]
    rows = [
        (shown.full(one.at, zone), one.source, one.by, str(one.added), str(one.corrected), _rejected(one))
        for one in found
    ]
    return table(words("passages.imports"), heads, rows)


def _rejected(one: ImportView) -> str | Html:
    if not one.rejected:
        return "0"
    return tag("a", str(one.rejected), href=f"/api/v1/passages/imports/{one.id}/rejected.csv", download=True)


def records(found: Page[RecordView], wanted: Wanted, zone: str, words: Words) -> Html:
    """The log itself; it never holds a document number or a name."""
    if not found.items and wanted != Wanted():
        return common.empty(words("passages.not_found"), words("passages.not_found.next"))
    if not found.items:
        return common.empty(words("passages.empty"), words("passages.empty.next"))
    heads = [words(f"passages.{name}") for name in ("time", "direction", "checkpoint", "lane", "persons", "source")]
    rows = [
        (
            shown.full(one.recorded_at, zone),
            words.either("direction", one.direction),
            one.checkpoint,
            one.lane or "-",
            str(one.persons),
            one.source,
        )
        for one in found.items
    ]
    return join(
        tag("p", words("passages.total", n=found.total), class_="note"),
        table(words("passages.records"), heads, rows),
        pages(wanted.address, found.paging.number, found.pages, words),
    )
