"""What this shift has seen, in numbers an officer can hand over."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from tapal_server import wording
from tapal_server.alerts.tally import Tally
from tapal_server.console import format as shown
from tapal_server.console.i18n import Words
from tapal_server.console.markup import Html, join, tag
from tapal_server.console.ports import VERDICTS

STARTS = (7, 15, 23)  # the usual three watches of eight hours


def shift_start(now: datetime, zone: str) -> datetime:
    """When the watch that is on at this moment began, on the clock of the site."""
    local = now.astimezone(ZoneInfo(zone))
    starts = [hour for hour in STARTS if hour <= local.hour]
    day = local if starts else local - timedelta(days=1)
    return day.replace(hour=starts[-1] if starts else STARTS[-1], minute=0, second=0, microsecond=0)


def shift_summary(tally: Tally, since: datetime, zone: str, words: Words) -> Html:
    """Alerts raised, still waiting, each verdict, and how soon somebody took them."""
    numbers = [(words("shift.raised"), str(tally.raised)), (words("shift.waiting"), str(tally.waiting))]
    judged = ((verdict, tally.outcomes.get(verdict, 0)) for verdict in VERDICTS)
    numbers += [(words(f"verdict.{verdict}"), str(count)) for verdict, count in judged if count]
    if tally.response_s is not None:
        numbers.append((words("shift.response"), wording.duration(tally.response_s, words.language)))
    return join(
        tag("h2", words("shift.title"), id="head-shift"),
        tag("p", words("shift.since", time=shown.clock(since, zone)), class_="note"),
        tag("dl", [tag("div", tag("dt", name), tag("dd", value)) for name, value in numbers], class_="numbers"),
    )
