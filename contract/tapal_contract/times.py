"""Times on the wire: RFC 3339 with offset, to the millisecond; in the program: aware datetimes or UTC seconds."""

from datetime import UTC, datetime
from typing import Annotated, Any

from pydantic import AfterValidator, AwareDatetime, BeforeValidator, PlainSerializer, WithJsonSchema


def to_wire(value: datetime) -> str:
    """Write an aware datetime as RFC 3339 with offset and milliseconds."""
    return value.isoformat(timespec="milliseconds")


def from_seconds(seconds: float) -> datetime:
    """Turn UTC seconds since 1970 into an aware datetime, to the millisecond."""
    return to_milliseconds(datetime.fromtimestamp(seconds, tz=UTC))


def to_milliseconds(value: datetime) -> datetime:
    """Cut a datetime to whole milliseconds, so that what is kept equals what is sent."""
    return value.replace(microsecond=value.microsecond // 1000 * 1000)


def parse(text: str) -> datetime:
    """Read RFC 3339 text with offset.

    Raises:
        ValueError: not such text; says what a time looks like.
    """
    try:
        value = datetime.fromisoformat(text)
    except ValueError:
        value = None
    if value is None or value.tzinfo is None or "T" not in text.upper():
        raise ValueError(f"a time is RFC 3339 with offset, such as 2026-03-02T06:00:25.151+08:00, not {text[:40]!r}")
    return value


EARLIEST = datetime(1970, 1, 1, tzinfo=UTC)  # where a node without a clock begins
LATEST = datetime(2200, 1, 1, tzinfo=UTC)


def _read(value: Any) -> Any:
    if isinstance(value, str):
        value = parse(value)
    if isinstance(value, datetime):
        # No clock tells more, and near the ends of the calendar a change of offset overflows.
        if value.tzinfo is not None and not EARLIEST <= value < LATEST:
            raise ValueError(f"a time lies between {EARLIEST.year} and {LATEST.year}, not in {value.year}")
        return value
    raise ValueError("a time is text in RFC 3339 with offset, such as 2026-03-02T06:00:25.151+08:00")


Timestamp = Annotated[
    AwareDatetime,
    BeforeValidator(_read),
    AfterValidator(to_milliseconds),
    PlainSerializer(to_wire, return_type=str),
    WithJsonSchema({"type": "string", "format": "date-time"}),
]
