"""Two agencies side by side: what both have, and what they do not tell alike."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from tapal_server.console import format as shown
from tapal_server.console.i18n import Words
from tapal_server.console.markup import Html, join, tag
from tapal_server.console.views import common, forms, plots
from tapal_server.console.views.tables import table
from tapal_server.correlation.types import Site
from tapal_server.reconciliation.views import Difference, ReconciliationView

MOST = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """Which sources of which site, from a day to a day (both included)."""

    site: str = ""
    first: str = ""
    second: str = ""
    since: str = ""
    until: str = ""


def bounds(wanted: Wanted, now: datetime, zone: str) -> tuple[datetime, datetime]:
    """From when until when; what cannot be read as dates is yesterday and today."""
    midnight = shown.local(now, zone).replace(hour=0, minute=0, second=0, microsecond=0)
    try:
        since, until = datetime.fromisoformat(wanted.since), datetime.fromisoformat(wanted.until)
    except ValueError:
        return midnight - timedelta(days=1), midnight + timedelta(days=1)
    place = ZoneInfo(zone)
    return since.replace(tzinfo=place), until.replace(tzinfo=place) + timedelta(days=1)


def choose(
    wanted: Wanted, window: tuple[datetime, datetime], sites: Mapping[str, Site], sources: Sequence[str], words: Words
) -> Html:
    """Which sources, and when."""
    known = [(name, name) for name in sources]
    last = window[1] - timedelta(days=1)
    return tag(
        "form",
        forms.choice(
            "site", words("archive.site"), [(site.id, site.name or site.id) for site in sites.values()], wanted.site
        ),
        forms.choice("first", words("reconciliation.first"), known, wanted.first),
        forms.choice("second", words("reconciliation.second"), known, wanted.second),
        forms.field("since", words("reconciliation.since"), type="date", value=f"{window[0]:%Y-%m-%d}"),
        forms.field("until", words("reconciliation.until"), type="date", value=f"{last:%Y-%m-%d}"),
        tag("button", words("reconciliation.compare"), type="submit", class_="button primary"),
        method="get",
        action="/reconciliation",
        class_="search",
    )


def downloads(found: ReconciliationView, words: Words) -> Html:
    """The same as files."""
    asked = {
        "site": found.site,
        "first": found.first,
        "second": found.second,
        "since": found.since.isoformat(),
        "until": found.until.isoformat(),
        "language": words.language,
    }
    links = [
        tag(
            "a",
            words(f"reconciliation.{kind}"),
            href=f"/api/v1/reconciliation/differences.{kind}?{urlencode(asked)}",
            class_="button",
        )
        for kind in ("xlsx", "csv")
    ]
    return tag("div", links, class_="row")


def result(found: ReconciliationView, zone: str, words: Words) -> Html:
    """What the comparison comes to."""
    rows: list[tuple[str, Sequence[tuple[str, float]]]] = [
        (words("reconciliation.both"), (("", found.agreeing),)),
        (words("reconciliation.times_differ"), (("second", found.times_differ),)),
        (words("reconciliation.persons_differ"), (("alarm", found.persons_differ),)),
        (words("reconciliation.only", source=found.first), (("alarm", found.only_first),)),
        (words("reconciliation.only", source=found.second), (("alarm", found.only_second),)),
    ]
    told = "; ".join(f"{name}: {values[0][1]:g}" for name, values in rows)
    said = words("reconciliation.matters" if found.matters else "reconciliation.little")
    return join(
        tag(
            "section",
            tag("h2", words("reconciliation.result")),
            tag("p", said, class_="banner bad" if found.matters else "banner good", role="status"),
            plots.bars(rows),
            tag("p", told, class_="sr"),
            tag("p", _counts(found, words), class_="note"),
            class_="panel",
        ),
        tag(
            "section",
            tag("h2", words("reconciliation.differences")),
            _differences(found, zone, words),
            class_="panel",
        ),
    )


def _counts(found: ReconciliationView, words: Words) -> str:
    return words(
        "reconciliation.counts",
        first=found.first,
        n=found.first_records,
        p=found.first_persons,
        second=found.second,
        m=found.second_records,
        q=found.second_persons,
        documents=found.paired_by_document,
    )


def _differences(found: ReconciliationView, zone: str, words: Words) -> Html:
    if not found.differences:
        return common.empty(words("reconciliation.none"), words("reconciliation.none.next"))
    heads = [
        words("reconciliation.what"),
        words("passages.direction"),
        found.first,
        words("passages.persons"),
        found.second,
        words("passages.persons"),
    ]
    shown_ = found.differences[:MOST]
    more = len(found.differences) - len(shown_)
    return join(
        table(words("reconciliation.differences"), heads, [_row(one, found, zone, words) for one in shown_]),
        tag("p", words("reconciliation.more", n=more), class_="note") if more else None,
    )


def _row(one: Difference, found: ReconciliationView, zone: str, words: Words) -> tuple[str, ...]:
    alone = {"only_first": found.first, "only_second": found.second}
    what = (
        words("reconciliation.only", source=alone[one.kind])
        if one.kind in alone
        else words(f"reconciliation.{one.kind}")
    )
    return (
        what,
        words.either("direction", one.direction),
        _side(one.first_id, one.first_at, zone),
        "-" if one.first_persons is None else str(one.first_persons),
        _side(one.second_id, one.second_at, zone),
        "-" if one.second_persons is None else str(one.second_persons),
    )


def _side(record: str | None, at: datetime | None, zone: str) -> str:
    return "-" if record is None or at is None else f"{shown.full(at, zone)} ({record})"
