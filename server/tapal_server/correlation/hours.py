"""When a site is in service: weekly hours, holidays, in the site's own time zone."""

from datetime import UTC, datetime
from functools import lru_cache
from zoneinfo import ZoneInfo

from tapal_server.correlation.types import Site

Spans = tuple[tuple[int, int], ...]


@lru_cache(maxsize=64)
def _zone(name: str) -> ZoneInfo:
    return ZoneInfo(name)


def local(site: Site, time: float) -> datetime:
    """Return the site's wall clock."""
    return datetime.fromtimestamp(time, tz=UTC).astimezone(_zone(site.timezone))


def spans_of(site: Site, day: datetime) -> Spans:
    """Return the hours of a day: a holiday's before a weekday's before the usual."""
    holiday = site.holidays.get(day.date().isoformat())
    if holiday is not None:
        return holiday
    return site.weekly.get(day.weekday(), site.hours)


def day_and_night(site: Site) -> bool:
    """Whether the site serves travellers at every hour of every day."""
    return not site.weekly and not site.holidays and site.hours == ((0, 86400),)


def in_service(site: Site, time: float) -> bool:
    """Whether the site serves travellers at that moment."""
    if day_and_night(site):
        return True
    wall = local(site, time)
    second = wall.hour * 3600 + wall.minute * 60 + wall.second
    return any(start <= second < end for start, end in spans_of(site, wall))
