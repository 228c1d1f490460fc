"""The compiled decisions: who plainly has a record, and what is to be believed of those who have not."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from tapal_server.correlation.bp import pass_messages
from tapal_server.correlation.compiled import compiled
from tapal_server.correlation.loops import PRUNE, causes_of, near_pairs
from tapal_server.correlation.rows import NOBODY, Table

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Flags = NDArray[np.bool_]
Span = tuple[int, int]
NEIGHBOURS = 24
CORE = NEIGHBOURS // 2
PAST = 12  # crossings before one that tell the flow
PLAIN = 15.0  # odds at which a record settles a crossing
SUSPECT = 0.1
LEANS = 0.1  # whoever owes this much of its explanation to a record is asked again when another takes it
MOVED = 0.05  # a change of P(unmatched) that neighbours may feel
ASKED, SETTLED, AGAIN, HEARD = 0, 1, 2, 3  # what came of a claim
GONE = -1  # the place of a row that is no longer there


@compiled
def lower(rows: Table, span: Span, time: float) -> int:
    """Return the place of the first row at or after a time."""
    first, end = span
    while first < end:
        middle = (first + end) // 2
        if rows[middle]["time"] < time:
            first = middle + 1
        else:
            end = middle
    return first


@compiled
def upper(rows: Table, span: Span, time: float) -> int:
    """Return the place of the first row after a time."""
    first, end = span
    while first < end:
        middle = (first + end) // 2
        if rows[middle]["time"] <= time:
            first = middle + 1
        else:
            end = middle
    return first


@compiled
def find(rows: Table, span: Span, time: float, handle: int) -> int:
    """Return the place of a row; `GONE` when it is no longer there."""
    return _find_from(lower(rows, span, time), rows, span, time, handle)


@compiled
def _find_from(place: int, rows: Table, span: Span, time: float, handle: int) -> int:
    while place < span[1] and rows[place]["time"] == time:
        if rows[place]["handle"] == handle:
            return place
        place += 1
    return GONE


@compiled
def claim(  # noqa: PLR0917 - a compiled function takes its arguments by place
    x: Table,
    in_x: Span,
    y: Table,
    in_y: Span,
    time: float,
    handle: int,
    odds: Floats,
    law: tuple[float, float, float, float, float, float],
) -> tuple[int, int, int, bool, float, int]:
    """Let a crossing take the best record that is to be had.

    Returns its place (or `GONE`), what came of it (`ASKED`, no record was plain: belief propagation must
    decide; `SETTLED`; `AGAIN`, decided before; `HEARD`, likewise, and whoever follows suspects must hear), the
    record's handle, whether anybody may lean on it, and time and handle of the crossing that lost it.
    """
    here = lower(x, in_x, time)
    place = _find_from(here, x, in_x, time, handle)
    if place < 0 or x[place]["record"] != NOBODY:
        return place, ASKED, NOBODY, False, time, NOBODY
    low, high, step, shift, by_clock, by_share = law
    past = max(here - PAST, in_x[0])
    alone = by_clock + by_share * ((here - past + 1) / (time - x[past]["time"] + 60.0))
    zero = time + shift + low
    best, chosen = PLAIN * alone, -1
    for other in range(lower(y, in_y, zero), upper(y, in_y, time + shift + high)):
        worth = odds[int((y[other]["time"] - zero) * step)]
        if worth > best and (y[other]["holder"] == NOBODY or y[other]["odds"] < worth):
            best, chosen = worth, other
    if chosen < 0:
        return place, ASKED, NOBODY, False, time, NOBODY
    cell, record = x[place], y[chosen]
    loser, loser_time = record["holder"], record["holder_time"]
    at = -1 if loser == NOBODY else find(x, in_x, loser_time, loser)
    if at < 0:
        loser = NOBODY
    else:
        x[at]["record"] = NOBODY
    record["holder"], record["holder_time"], record["odds"] = handle, time, best
    cell["record"] = record["handle"]
    cell["unmatched"] = alone / (alone + best)
    cell["unlogged"] = cell["standing"] = cell["unmatched"] * 0.5
    what = SETTLED
    if cell["decided"]:
        cell["again"] = cell["watched"] = False
        what = HEARD if cell["told"] else AGAIN
    cell["decided"] = True
    leant = record["leant"]
    record["leant"] = False
    return place, what, record["handle"], leant, loser_time, loser


@compiled
def around(x: Table, in_x: Span, first: int, last: int, far: float) -> tuple[int, int, int, int]:
    """Return from where to where others share records with these crossings, and the neighbourhood that decides on them.

    Whoever lies further apart than `far` can share no record.
    """
    low = max(lower(x, in_x, x[first]["time"] - far), first - CORE)
    high = min(lower(x, in_x, x[last]["time"] + far), last + CORE + 1, in_x[1])
    before = low - lower(x, in_x, x[low]["time"] - far)
    after = lower(x, in_x, x[high - 1]["time"] + far) - high
    before, after = min(max(before, CORE), NEIGHBOURS), min(max(after, CORE), NEIGHBOURS)
    return low, high, max(low - before, in_x[0]), min(high + after, in_x[1])


@compiled
def watched(x: Table, in_x: Span, low: float, high: float, least: float) -> Ints:
    """Return the places of those watched with low <= time <= high whose P(unmatched) is at least so high."""
    first, end = lower(x, in_x, low), upper(x, in_x, high)
    found, count = np.empty(end - first, np.int64), 0
    for place in range(first, end):
        if x[place]["watched"] and x[place]["unmatched"] >= least:
            found[count] = place
            count += 1
    return found[:count]


@compiled
def open_minds(  # noqa: PLR0917 - a compiled function takes its arguments by place
    x: Table, in_x: Span, time: float, side: int, least: float, most: float
) -> Ints:
    """Mark those watched near a time whom a better known flow may move, and return their places."""
    place = lower(x, in_x, time)
    low = x[max(place - side, in_x[0])]["time"]
    high = x[min(place + side, in_x[1] - 1)]["time"]
    first, end = lower(x, in_x, low), upper(x, in_x, high)
    found, count = np.empty(end - first, np.int64), 0
    for other in range(first, end):
        cell = x[other]
        if cell["watched"] and not cell["again"] and least <= cell["unlogged"] <= most:
            cell["again"] = True
            found[count] = other
            count += 1
    return found[:count]


@compiled
def _times(rows: Table, first: int, end: int) -> Floats:
    times = np.empty(end - first)
    for place in range(first, end):
        times[place - first] = rows[place]["time"]
    return times


@compiled
def _by_the_log(x: Floats, clock: tuple[Floats, Floats]) -> Floats:
    """Return crossings by the clock of the log; `clock` says since when it was off by how much."""
    since, shift = clock
    if not len(since):
        return x
    place = np.searchsorted(since, x, side="right") - 1
    return x + shift[np.minimum(np.maximum(place, 0), len(since) - 1)]


@compiled
def missing(rows: Floats, one: int, unmatched: float, threshold: float) -> float:
    """Return which share of records may still be missing for P(unlogged) to reach a threshold; 0: never."""
    others = rows[8, one] - rows[5, one]
    room: float = (rows[0, one] + rows[1, one]) * min(unmatched * 1.05, 1.0) / threshold - others
    lawful: float = rows[6, one]
    return max(room, 0.0) / max(lawful, 1e-12)


@compiled
def believe(rows: Floats, one: int, unmatched: float, cell: Any, levels: tuple[float, float]) -> None:
    """Write down what is to be believed of a crossing; `rows` are the rates of the causes."""
    unlogged = unmatched * (rows[0, one] + rows[1, one]) / rows[8, one]
    standing = unlogged / max(1.0 - unmatched * rows[5, one] / rows[8, one], 1e-9)
    cell["unmatched"], cell["unlogged"], cell["standing"] = unmatched, unlogged, standing
    cell["decided"], cell["again"] = True, False
    cell["watched"] = unmatched >= SUSPECT or cell["record"] == NOBODY
    if unlogged >= levels[0] and standing >= levels[1]:
        cell["told"] = True


@compiled
def leaning_on(pairs: tuple[Ints, Ints, Floats], wanted: Flags, begin: int, y: Table, first: int) -> Ints:
    """Mark the records on which those asked lean, and return their handles with the places of the crossings."""
    crossing, record, chance = pairs
    leaning, count = np.empty((len(chance), 2), np.int64), 0
    for pair in range(len(chance)):
        if chance[pair] > LEANS and wanted[crossing[pair]]:
            leaning[count, 0], leaning[count, 1] = begin + crossing[pair], y[first + record[pair]]["handle"]
            y[first + record[pair]]["leant"] = True
            count += 1
    return leaning[:count]


@compiled
def weigh(  # noqa: PLR0917 - a compiled function takes its arguments by place
    x: Floats,
    y: Table,
    in_y: Span,
    now: float,
    reach: tuple[float, float],
    told: tuple[Floats, Floats, Floats],
    rates: tuple[float, float, float, float, float, float],
    level: tuple[float, float],
    waits: tuple[Floats, Floats],
    odds: float,
    law: tuple[Floats, Floats, Floats],
    clock: tuple[Floats, Floats],
    effort: tuple[int, float],
) -> tuple[Floats, int, tuple[Ints, Ints, Floats], Floats]:
    """Return the causes' rates at crossings, the place of their first record, P(pair) of each pair, and P(alone)."""
    first, last = lower(y, in_y, x[0] + reach[0]), upper(y, in_y, x[-1] + reach[1])
    logged = _times(y, first, last)
    rows = causes_of(x, now - x, rates, level, waits, told)
    edges, places, density = law
    crossing, record, weight = near_pairs(
        _by_the_log(x, clock), logged, rows, told[0], odds, PRUNE, edges, (places, density)
    )
    rounds, tolerance = effort
    _, pair, alone, _ = pass_messages(
        crossing, record, weight, np.ones(len(weight)), len(x), len(logged), rounds, tolerance
    )
    return rows, first, (crossing, record, pair), alone


@compiled
def look(  # noqa: PLR0917 - a compiled function takes its arguments by place
    x: Table,
    in_x: Span,
    y: Table,
    in_y: Span,
    piece: tuple[int, int, int, int],
    asked: Ints,
    now: float,
    reach: tuple[float, float],
    far: float,
    told: tuple[Floats, Floats, Floats],
    rates: tuple[float, float, float, float, float, float],
    level: tuple[float, float],
    waits: tuple[Floats, Floats],
    odds: float,
    law: tuple[Floats, Floats, Floats],
    clock: tuple[Floats, Floats],
    levels: tuple[float, float],
    effort: tuple[int, float],
) -> tuple[Ints, Ints, Ints, Floats, Ints]:
    """Decide by belief propagation over a neighbourhood, and write down what is to be believed of its core.

    `piece` are the bounds of core and neighbourhood, `asked` the places to decide whether or not they were before,
    `reach` how far before and after crossings their records lie. Returns the places of those of whom whoever follows
    suspects must hear, of those watched outside the core who may feel what moved in it, of fresh suspects, with the
    shares of records that may still be missing at both `levels` of alarm, and the places of those asked with handles of
    records on which they lean.
    """
    low, high, begin, end = piece
    rows, first, pairs, alone = weigh(
        _times(x, begin, end), y, in_y, now, reach, told, rates, level, waits, odds, law, clock, effort
    )
    wanted = np.zeros(end - begin, np.bool_)
    for place in asked:
        wanted[place - begin] = True
    heard, hears = np.empty(high - low, np.int64), 0
    fresh, shares, suspects = np.empty(high - low, np.int64), np.empty((high - low, 2)), 0
    widest = lower(x, in_x, x[low]["time"] - far)
    felt = np.zeros(upper(x, in_x, x[high - 1]["time"] + far) - widest, np.bool_)
    for place in range(low, high):
        one, cell = place - begin, x[place]
        if not (wanted[one] or cell["decided"]):
            continue
        unmatched = alone[one]
        if far > 0.0 and cell["decided"] and abs(cell["unmatched"] - unmatched) > MOVED:
            for other in range(lower(x, in_x, cell["time"] - far), upper(x, in_x, cell["time"] + far)):
                felt[other - widest] |= x[other]["watched"] and not low <= other < high
        if unmatched >= SUSPECT and not (cell["decided"] and cell["unmatched"] >= SUSPECT):
            fresh[suspects] = place
            shares[suspects, 0] = missing(rows, one, unmatched, levels[0])
            shares[suspects, 1] = missing(rows, one, unmatched, levels[1])
            suspects += 1
        believe(rows, one, unmatched, cell, levels)
        if cell["told"]:
            heard[hears] = place
            hears += 1
    leaning = leaning_on(pairs, wanted, begin, y, first)
    return heard[:hears], widest + np.flatnonzero(felt), fresh[:suspects], shares[:suspects], leaning
