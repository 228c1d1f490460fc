"""A period in figures: bars of seen and logged, alerts by kind with their outcomes, response and blindness."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from urllib.parse import urlencode

from tapal_server.console import format as shown
from tapal_server.console.i18n import Words
from tapal_server.console.markup import Html, join, tag
from tapal_server.console.views import common, plots
from tapal_server.console.views.expected import movements, recalls
from tapal_server.console.views.shift import shift_start
from tapal_server.console.views.tables import table
from tapal_server.console.views.workload import agencies, days, lost, workload
from tapal_server.correlation.types import Site
from tapal_server.reports.period import GateTraffic, KindCount, Report

PERIODS = ("shift", "today", "yesterday", "week", "month", "custom")


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """Which report: a named period, or one from a day to a day (both included), and one site or all."""

    period: str = "shift"
    first: str = ""
    last: str = ""
    site: str | None = None


def bounds(wanted: Wanted, now: datetime, zone: str) -> tuple[datetime, datetime]:
    """From when until when; what cannot be read as dates is the shift that is on."""
    local = shown.local(now, zone)
    midnight = local.replace(hour=0, minute=0, second=0, microsecond=0)
    if wanted.period == "custom":
        try:
            first, last = datetime.fromisoformat(wanted.first), datetime.fromisoformat(wanted.last)
        except ValueError:
            return shift_start(now, zone), now
        return first.replace(tzinfo=midnight.tzinfo), last.replace(tzinfo=midnight.tzinfo) + timedelta(days=1)
    since = {
        "today": midnight,
        "yesterday": midnight - timedelta(days=1),
        "week": midnight - timedelta(days=7),
        "month": midnight - timedelta(days=30),
    }
    if wanted.period in since:
        return since[wanted.period], midnight if wanted.period == "yesterday" else now
    return shift_start(now, zone), now


def choose(wanted: Wanted, sites: Mapping[str, Site], words: Words) -> Html:
    """Which period and which place."""
    periods = [(name, words(f"reports.{name}")) for name in PERIODS]
    places = [("", words("archive.any")), *((site.id, site.name or site.id) for site in sites.values())]
    return tag(
        "form",
        _select("period", words("reports.period"), periods, wanted.period),
        _date("first", words("reports.first"), wanted.first),
        _date("last", words("reports.last"), wanted.last),
        _select("site", words("archive.site"), places, wanted.site or ""),
        tag("button", words("reports.show"), type="submit", class_="button primary"),
        method="get",
        action="/reports",
        class_="search",
    )


def _select(name: str, label: str, options: list[tuple[str, str]], chosen: str) -> Html:
    drawn = [tag("option", text, value=value, selected=value == chosen) for value, text in options]
    picker = tag("select", drawn, id=f"by-{name}", name=name, class_="input")
    return tag("div", tag("label", label, for_=f"by-{name}"), picker, class_="field")


def _date(name: str, label: str, value: str) -> Html:
    field = tag("input", id=f"by-{name}", name=name, type="date", value=value, class_="input")
    return tag("div", tag("label", label, for_=f"by-{name}"), field, class_="field")


def downloads(report: Report, site: str | None, words: Words, formats: tuple[str, ...]) -> Html:
    """The same as files."""
    asked = {"since": report.since.isoformat(), "until": report.until.isoformat(), "language": words.language}
    query = urlencode(asked | ({"site": site} if site else {}))
    links = [
        tag("a", words(f"reports.{kind}"), href=f"/api/v1/reports/period.{kind}?{query}", class_="button")
        for kind in formats
    ]
    return tag("div", links, class_="row")


def report(found: Report, sites: Mapping[str, Site], zone: str, words: Words) -> Html:
    """All figures of the period."""
    names = {site.id: site.name or site.id for site in sites.values()}
    differing = agencies(found.agencies, days(found, zone), names, words)
    span = words("reports.span", since=shown.full(found.since, zone), until=shown.full(found.until, zone))
    return join(
        tag("p", span, class_="note", role="status"),
        tag("section", tag("h2", words("reports.figures")), _figures(found, words), class_="panel"),
        tag("section", tag("h2", words("reports.traffic")), _traffic(found, names, words), class_="panel"),
        tag("section", tag("h2", words("reports.alerts")), _kinds(found, words), class_="panel"),
        tag("section", tag("h2", words("reports.load")), workload(found, words), class_="panel"),
        tag("section", tag("h2", words("reports.planned")), movements(found.planned, names, words), class_="panel"),
        tag("section", tag("h2", words("reports.agencies")), differing, class_="panel"),
        tag("section", tag("h2", words("reports.blind")), lost(found, words), class_="panel"),
        tag("section", tag("h2", words("reports.recall")), recalls(found.recall, names, words), class_="panel"),
    )


def _figures(found: Report, words: Words) -> Html:
    def minutes(value: float | None) -> str:
        return words("reports.minutes", n=words.number(value)) if value is not None else words("reports.none")

    rows = [
        (words("reports.raised"), str(sum(one.raised for one in found.kinds))),
        (words("reports.acknowledged"), minutes(found.acknowledged_after)),
        (words("reports.resolved"), minutes(found.resolved_after)),
        (words("reports.late"), minutes(found.acknowledged_late)),
    ]
    return tag("dl", [tag("div", tag("dt", name), tag("dd", value)) for name, value in rows], class_="numbers")


def _traffic(found: Report, names: Mapping[str, str], words: Words) -> Html:
    moved = [one for one in found.traffic if one.seen or one.logged]
    if not moved:
        return common.empty(words("reports.no_traffic"), words("reports.no_traffic.next"))

    def name(one: GateTraffic) -> str:
        return f"{names.get(one.site, one.site)} · {words.either('direction', one.direction)}"

    heads = [words(f"reports.{part}") for part in ("gate", "seen", "logged", "difference")]
    rows = [(name(one), str(one.seen), str(one.logged), f"{one.difference:+d}") for one in moved]
    drawn = plots.bars([(name(one), (("", one.seen), ("second", one.logged))) for one in moved])
    legend = tag(
        "p",
        tag("span", class_="swatch"),
        words("reports.seen"),
        tag("span", class_="swatch second"),
        words("reports.logged"),
        class_="note legend",
    )
    return tag("div", tag("div", drawn, legend), table(words("reports.traffic"), heads, rows), class_="beside")


def _kinds(found: Report, words: Words) -> Html:
    if not found.kinds:
        return common.empty(words("reports.no_alerts"), words("reports.no_alerts.next"))
    parts = ("raised", "confirmed", "welfare", "explained", "false_alarm", "open")
    heads = [words("archive.kind"), *(words(f"reports.kind.{part}") for part in parts), words("reports.precision")]
    return join(
        plots.bars([(words.either("kind", one.kind), (("", one.raised),)) for one in found.kinds]),
        table(words("reports.alerts"), heads, [_kind(one, words) for one in found.kinds]),
    )


def _kind(one: KindCount, words: Words) -> tuple[str, ...]:
    counts = (one.raised, one.confirmed, one.welfare, one.explained, one.false_alarm, one.open)
    right = f"{one.precision:.0%}" if one.precision is not None else words("reports.none")
    return (words.either("kind", one.kind), *(str(count) for count in counts), right)
