"""What this shift has seen, in numbers an officer can hand over."""

import statistics
from collections import Counter
from collections.abc import Sequence
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from tapal_server import wording
from tapal_server.console import format as shown
from tapal_server.console.i18n import Words
from tapal_server.console.markup import Html, join, tag
from tapal_server.console.ports import VERDICTS, AlertRow

STARTS = (7, 15, 23)  # the usual three watches of eight hours


def shift_start(now: datetime, zone: str) -> datetime:
    """When the watch that is on at this moment began, on the clock of the site."""
    local = now.astimezone(ZoneInfo(zone))
    starts = [hour for hour in STARTS if hour <= local.hour]
    day = local if starts else local - timedelta(days=1)
    return day.replace(hour=starts[-1] if starts else STARTS[-1], minute=0, second=0, microsecond=0)


def shift_summary(alerts: Sequence[AlertRow], since: datetime, zone: str, words: Words) -> Html:
    """Alerts raised, still waiting, each verdict, and how soon somebody took them."""
    verdicts = Counter(alert.verdict for alert in alerts if alert.verdict)
    waiting = sum(alert.state == "new" and alert.open for alert in alerts)
    taken = [(a.acknowledged_at - a.raised_at).total_seconds() for a in alerts if a.acknowledged_at]
    numbers = [(words("shift.raised"), str(len(alerts))), (words("shift.waiting"), str(waiting))]
    numbers += [(words(f"verdict.{verdict}"), str(verdicts[verdict])) for verdict in VERDICTS if verdicts[verdict]]
    if taken:
        numbers.append((words("shift.response"), wording.duration(statistics.median(taken), words.language)))
    return join(
        tag("h2", words("shift.title"), id="head-shift"),
        tag("p", words("shift.since", time=shown.clock(since, zone)), class_="note"),
        tag("dl", [tag("div", tag("dt", name), tag("dd", value)) for name, value in numbers], class_="numbers"),
    )
