"""Compiled counts over a stretch of time: who passed, who was logged, and whether the log speaks at all."""

import numpy as np
from numpy.typing import NDArray

from tapal_server.correlation.compiled import compiled
from tapal_server.correlation.near import Span, find, lower, upper
from tapal_server.correlation.rows import Table

Floats = NDArray[np.float64]


@compiled
def number_between(rows: Table, span: Span, low: float, high: float) -> int:
    """Return how many rows lie between two times, both included."""
    return upper(rows, span, high) - lower(rows, span, low)


@compiled
def suspects_of(x: Table, first: int, end: int, levels: tuple[float, float]) -> int:
    """Return how many of a range of places are suspect (see `Seen.suspect`)."""
    count = 0
    for place in range(first, end):
        count += x[place]["unlogged"] >= levels[0] and x[place]["standing"] >= levels[1]
    return count


@compiled
def counts_of(  # noqa: PLR0917 - a compiled function takes its arguments by place
    x: Table,
    in_x: Span,
    y: Table,
    in_y: Span,
    stretch: tuple[float, float],
    shift: float,
    spread: float,
    levels: tuple[float, float],
) -> tuple[int, int, int]:
    """Return how many passed in a stretch who are no suspects, the rows logged of it, and twice those at its edges.

    Rows lie `shift` later; whoever passed within `spread` of an end may have his row on its other side.
    """
    start, end = stretch
    first, last = lower(x, in_x, start), upper(x, in_x, end)
    seen = last - first - suspects_of(x, first, last, levels)
    edges = number_between(x, in_x, start - spread, start + spread)
    edges += number_between(x, in_x, end - spread, end + spread)
    return seen, number_between(y, in_y, start + shift, end + shift), edges


@compiled
def silent(  # noqa: PLR0917 - a compiled function takes its arguments by place
    x: Table,
    in_x: Span,
    y: Table,
    in_y: Span,
    span: tuple[float, float],
    middle: float,
    least: int,
    share: float,
) -> bool:
    """Whether people passed for long between two times, and the log had few rows `middle` later."""
    low, high = span
    first, last = lower(x, in_x, low), upper(x, in_x, high)
    if last - first < least or x[last - 1]["time"] - x[first]["time"] < (high - low) / 4:
        return False
    return number_between(y, in_y, low + middle, high + middle) < share * (last - first)


@compiled
def lost(  # noqa: PLR0917 - a compiled function takes its arguments by place
    x: Table, in_x: Span, y: Table, in_y: Span, time: float, reach: tuple[float, float], side: int
) -> bool:
    """Whether most of those decided on either side of a moment have no record, though there are rows for most."""
    place = lower(x, in_x, time)
    first, last, decided, lonely = -1, -1, 0, 0
    for one in range(max(place - side, in_x[0]), min(place + side, in_x[1])):
        if x[one]["decided"]:
            first, last = one if first < 0 else first, one
            decided += 1
            lonely += x[one]["unmatched"] > 0.5
    if decided < side or lonely < 0.5 * decided:
        return False
    return number_between(y, in_y, x[first]["time"] + reach[0], x[last]["time"] + reach[1]) > 0.6 * decided


@compiled
def beliefs_of(x: Table, in_x: Span, times: Floats, handles: NDArray[np.int64]) -> Floats:
    """Return P(unmatched), P(unlogged), that if no record arrives any more, and whether it is decided, of each."""
    found = np.empty((len(times), 4))
    for one in range(len(times)):
        cell = x[find(x, in_x, times[one], handles[one])]
        found[one, 0], found[one, 1] = cell["unmatched"], cell["unlogged"]
        found[one, 2], found[one, 3] = cell["standing"], cell["decided"]
    return found


@compiled
def follow(x: Table, in_x: Span, times: Floats, handles: NDArray[np.int64], heard: float) -> None:
    """Say that somebody follows these crossings, and of which P(unlogged) he heard."""
    for one in range(len(times)):
        cell = x[find(x, in_x, times[one], handles[one])]
        cell["followed"], cell["heard"] = True, heard
