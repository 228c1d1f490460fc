"""Counts by the hour, kept in the transaction that stores or changes what is counted, so that they are always exact.

A month of a country's crossings takes seconds to count. They hold no person, and outlive the events they count.
"""

from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Literal

from sqlalchemy import Executable, func, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from tapal_server.db.tables import TallyRow

__all__ = ["Counted", "Tally", "hour_of", "of_period", "tally"]

What = Literal["seen", "logged"]
Tally = Counter[tuple[str, int, str]]  # place, hour, direction -> how many more, or fewer
Counted = Callable[[datetime, datetime], dict[tuple[str, str], int]]

_HOUR = timedelta(hours=1)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def hour_of(moment: datetime) -> int:
    """The hour it lies in."""
    return (moment - _EPOCH) // _HOUR


def tally(session: Session, what: What, more: Tally) -> None:
    """Add to the counts; in one order, so that two servers cannot lock each other out."""
    rows = [
        {"what": what, "place": place, "hour": hour, "direction": direction, "count": count}
        for (place, hour, direction), count in sorted(more.items())
        if count
    ]
    if not rows:
        return
    # Of the connection: that of a session would write down first whatever else is to be written at the end.
    connection = session.connection()
    connection.execute(_adding(connection.dialect.name), rows)


@cache
def _adding(dialect: str) -> Executable:
    """Made once: this runs for each batch of messages."""
    new = (sqlite.insert if dialect == "sqlite" else postgresql.insert)(TallyRow)
    key = ["what", "place", "hour", "direction"]
    return new.on_conflict_do_update(index_elements=key, set_={"count": TallyRow.count + new.excluded.count})


def of_period(
    session: Session, what: What, places: list[str], since: datetime, until: datetime, *, counted: Counted
) -> dict[tuple[str, str], int]:
    """How many of each place and direction: whole hours by their tallies, what is cut off an hour as `counted`."""
    first, last = -(-(since - _EPOCH) // _HOUR), hour_of(until)
    if first >= last:
        return counted(since, until)
    query = (
        select(TallyRow.place, TallyRow.direction, func.sum(TallyRow.count))
        .where(TallyRow.what == what, TallyRow.place.in_(places), TallyRow.hour >= first, TallyRow.hour < last)
        .group_by(TallyRow.place, TallyRow.direction)
    )
    total: Counter[tuple[str, str]] = Counter()
    for place, direction, count in session.execute(query):
        total[place, direction] = int(count)
    begin, end = _EPOCH + first * _HOUR, _EPOCH + last * _HOUR
    for start, stop in ((since, begin), (end, until)):
        if start < stop:
            total.update(counted(start, stop))
    return dict(total)
