"""Times, ages and probabilities as an officer reads them."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from tapal_server.console.i18n import Words

ZONES = {"Asia/Jakarta": "WIB", "Asia/Pontianak": "WIB", "Asia/Makassar": "WITA", "Asia/Jayapura": "WIT"}
STEPS = ((0.95, "near_certain"), (0.8, "very_likely"), (0.6, "likely"), (0.4, "even"), (0.0, "unlikely"))


def local(moment: datetime, zone: str) -> datetime:
    """The moment on the clock of its site."""
    return moment.astimezone(ZoneInfo(zone))


def clock(moment: datetime, zone: str, *, seconds: bool = False) -> str:
    """Hours and minutes at the site, 24-hour."""
    return local(moment, zone).strftime("%H:%M:%S" if seconds else "%H:%M")


def day(moment: datetime, zone: str) -> str:
    """The date at the site, day first as it is written in Indonesia."""
    return local(moment, zone).strftime("%d-%m-%Y")


def full(moment: datetime, zone: str) -> str:
    """Date, time to the second, and the name of the zone."""
    return f"{day(moment, zone)} {clock(moment, zone, seconds=True)} {ZONES.get(zone, local(moment, zone).tzname())}"


def age(moment: datetime, words: Words, *, now: datetime | None = None) -> str:
    """How long ago, in the largest unit that says enough."""
    minutes = int(((now or datetime.now(UTC)) - moment).total_seconds() // 60)
    if minutes < 1:
        return words("ago.now")
    if minutes < 60:
        return words("ago.minutes", n=minutes)
    if minutes < 48 * 60:
        return words("ago.hours", n=minutes // 60)
    return words("ago.days", n=minutes // (24 * 60))


def wait(seconds: float, words: Words) -> str:
    """How long until, rounded up."""
    whole = max(1, round(seconds))
    return words("wait.seconds", n=whole) if whole < 90 else words("wait.minutes", n=-(-whole // 60))


def percent(probability: float) -> str:
    """A probability as a whole percentage that never claims certainty."""
    return f"{min(99, max(1, round(probability * 100)))}%"


def likelihood(probability: float, words: Words) -> str:
    """A probability in words."""
    step = next(name for least, name in STEPS if probability >= least)
    return words(f"chance.{step}")


def of_ten(probability: float) -> int:
    """How many of ten such alerts are right."""
    return min(10, max(0, round(probability * 10)))


def moment(seconds: float) -> datetime:
    """The moment of so many seconds since 1970."""
    return datetime.fromtimestamp(seconds, UTC)
