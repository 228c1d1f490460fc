"""Many values at once: what each would cost alone is shared by all of a block."""

from collections import deque
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from itertools import repeat
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from tapal_contract.times import EARLIEST, LATEST

__all__ = ["each", "filled", "printable", "seconds_of"]

Value = TypeVar("Value")
Key = TypeVar("Key", bound=Hashable)
_PLAIN = "2026-03-02T06:00:25"
_SHAPES = {
    len(_PLAIN + fraction + zone): len(fraction) for fraction in ("", ".151", ".151000") for zone in ("Z", "+08:00")
}
_EARLIEST_S, _LATEST_S = EARLIEST.timestamp(), LATEST.timestamp()
_PRINTED = bytes(range(0x20, 0x7F))
_SIGNS = {text: ord(text) for text in "-: T.Z+"}


def filled(kind: type[Value], columns: Mapping[str, Iterable[object]], count: int) -> list[Value]:
    """Make `count` frozen values of a dataclass with slots, field after field.

    Its own constructor takes three times as long, since it asks for leave to set each field of each value.

    Raises:
        TypeError: `columns` are not exactly the fields.
    """
    names = getattr(kind, "__slots__", ())
    if columns.keys() != set(names):
        raise TypeError(f"{kind.__name__} has the fields {', '.join(names)}, not {', '.join(columns)}")
    made: list[Value] = list(map(object.__new__, repeat(kind, count)))
    for name, column in columns.items():
        deque(map(getattr(kind, name).__set__, made, column), maxlen=0)
    return made


def each(values: Iterable[Key], convert: Callable[[Key], Value]) -> list[Value]:
    """What `convert` makes of each value, asked once for those that are equal."""
    values = list(values)
    found = {value: convert(value) for value in set(values)}
    return list(map(found.__getitem__, values))


def printable(text: str) -> bool:
    """What `str.isprintable` says; sooner where all is ASCII."""
    return not text.encode("ascii").translate(None, _PRINTED) if text.isascii() else text.isprintable()


def seconds_of(texts: Sequence[str]) -> NDArray[np.float64]:
    """UTC seconds of RFC 3339 times with offset; NaN for any text that is not of the usual shapes, or no such time.

    Every second found is what `datetime.timestamp` gives, to the last bit.
    """
    lengths = np.fromiter(map(len, texts), np.intp, len(texts))
    if len(texts) and lengths[0] in _SHAPES and (lengths == lengths[0]).all():
        return _seconds(texts, int(lengths[0]))
    found = np.full(len(texts), np.nan)
    for length in _SHAPES:
        places = np.flatnonzero(lengths == length)
        if places.size:
            found[places] = _seconds([texts[place] for place in places.tolist()], length)
    return found


def _seconds(texts: Sequence[str], length: int) -> NDArray[np.float64]:
    signs = np.frombuffer("".join(texts).encode("ascii", "replace"), np.uint8).reshape(-1, length)
    good = (signs[:, 10] == _SIGNS["T"]) | (signs[:, 10] == _SIGNS[" "])
    for place, sign in ((4, "-"), (7, "-"), (13, ":"), (16, ":")):
        good &= signs[:, place] == _SIGNS[sign]

    def number(first: int, last: int) -> NDArray[np.int64]:
        value = np.zeros(len(signs), np.int64)
        for place in range(first, last):
            digit = signs[:, place] - np.uint8(48)  # what is no digit wraps round to more than 9
            np.logical_and(good, digit <= 9, out=good)
            value = 10 * value + digit
        return value

    months, day = 12 * (number(0, 4) - 1970) + number(5, 7) - 1, number(8, 10)
    hour, minute, second = number(11, 13), number(14, 16), number(17, 19)
    good &= (number(5, 7) >= 1) & (number(5, 7) <= 12) & (hour <= 23) & (minute <= 59) & (second <= 59)
    first, after = (_days(months + ahead) for ahead in (0, 1))
    good &= (day >= 1) & (day <= after - first)
    micros = 1_000_000 * (86_400 * (first + day - 1) + 3_600 * hour + 60 * minute + second)
    fraction = _SHAPES[length]
    if fraction:
        good &= signs[:, 19] == _SIGNS["."]
        micros += number(20, 19 + fraction) * 10 ** (7 - fraction)
    end = 19 + fraction
    if length == end + 1:
        good &= signs[:, end] == _SIGNS["Z"]
    else:
        east = signs[:, end] == _SIGNS["+"]
        good &= (east | (signs[:, end] == _SIGNS["-"])) & (signs[:, end + 3] == _SIGNS[":"])
        hours, minutes = number(end + 1, end + 3), number(end + 4, end + 6)
        good &= (hours <= 23) & (minutes <= 59)
        micros -= np.where(east, 60_000_000, -60_000_000) * (60 * hours + minutes)
    found: NDArray[np.float64] = micros / 1e6
    found[~(good & (found >= _EARLIEST_S) & (found < _LATEST_S))] = np.nan
    return found


def _days(months: NDArray[np.int64]) -> NDArray[np.int64]:
    """Days from 1970 to the first of each month since then."""
    return months.astype("M8[M]").astype("M8[D]").astype(np.int64)
