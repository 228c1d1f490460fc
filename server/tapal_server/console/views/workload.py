"""What officers had to bear, how long sources were lost, and how agencies' logs differed, for the page of reports."""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from urllib.parse import urlencode

from tapal_server.console import format as shown
from tapal_server.console.i18n import Words
from tapal_server.console.markup import Html, join, tag
from tapal_server.console.views import common, plots
from tapal_server.console.views.tables import table
from tapal_server.reports.agencies import AgencyDifference
from tapal_server.reports.period import Report, Uptime

__all__ = ["agencies", "days", "lost", "workload"]

SEVERITIES = ("high", "medium", "low")


def workload(found: Report, words: Words) -> Html:
    """Alerts by the hour of the day, hours over the budget, and floods."""
    load = found.load
    if load is None or not any(found.load_by_hour):
        return common.empty(words("reports.no_load"), words("reports.no_load.next"))
    rows = [
        (words("reports.busiest"), str(load.busiest_hour)),
        (words("reports.over", n=load.budget), str(load.hours_over_budget)),
        (words("reports.floods"), str(load.floods)),
        (words("reports.flood_minutes"), words("reports.minutes", n=words.number(load.flood_minutes))),
        *(
            (words("reports.severity", name=words(f"admin.severity.{name}")), f"{load.shares.get(name, 0.0):.0%}")
            for name in SEVERITIES
        ),
    ]
    busiest = max(range(24), key=lambda hour: found.load_by_hour[hour])
    told = words("reports.by_hour", hour=f"{busiest:02d}", n=found.load_by_hour[busiest])
    return join(
        tag("dl", [tag("div", tag("dt", name), tag("dd", value)) for name, value in rows], class_="numbers"),
        tag("figure", plots.columns(found.load_by_hour, told), tag("figcaption", told, class_="note")),
        tag("p", words("reports.floods.how"), class_="note"),
    )


def lost(found: Report, words: Words) -> Html:
    """How long each camera, node and feed was lost."""
    away = [one for one in found.uptime if one.blind_minutes]
    if not away:
        return tag("p", words("reports.never_blind"))
    heads = [words(f"reports.{name}") for name in ("source", "blind.for", "blind.share")]
    return table(words("reports.blind"), heads, [_lost(one, words) for one in away])


def _lost(one: Uptime, words: Words) -> tuple[str, ...]:
    name = f"{words.either('reports.source', one.source)} {one.name}".strip()
    minutes = words("reports.minutes", n=words.number(one.blind_minutes))
    return name, minutes, f"{words.number(100 * one.share)}%"


def agencies(
    found: Sequence[AgencyDifference], period: tuple[str, str], names: Mapping[str, str], words: Words
) -> Html:
    """How the logs of two agencies differed, with the way to each passage."""
    if not found:
        return common.empty(words("reports.no_agencies"), words("reports.no_agencies.next"))
    parts = ("agreeing", "only_first", "only_second", "times_differ", "persons_differ")
    heads = [words("reports.gate"), words("reports.logs"), *(words(f"reports.{name}") for name in parts)]
    rows = [
        (
            names.get(one.site, one.site),
            tag("a", f"{one.first} · {one.second}", href=_comparison(one, period)),
            *(str(getattr(one, name)) for name in parts),
        )
        for one in found
    ]
    left_out = sum(one.days_left_out for one in found)
    return join(
        table(words("reports.agencies"), heads, rows),
        tag("p", words("reports.left_out", n=left_out), class_="warnings") if left_out else None,
    )


def _comparison(one: AgencyDifference, period: tuple[str, str]) -> str:
    asked = {"site": one.site, "first": one.first, "second": one.second, "since": period[0], "until": period[1]}
    return f"/reconciliation?{urlencode(asked)}"


def days(found: Report, zone: str) -> tuple[str, str]:
    """The first and the last day of the period on the clock of the site."""
    last = found.until - timedelta(milliseconds=1)
    return f"{shown.local(found.since, zone):%Y-%m-%d}", f"{shown.local(last, zone):%Y-%m-%d}"
