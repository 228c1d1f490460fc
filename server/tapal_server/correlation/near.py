"""The compiled decisions: who plainly has a record, and what is to be believed of those who have not."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from tapal_server.correlation.agenda import AT_ONCE, X_END, X_FIRST, Y_END, Y_FIRST, lean, push
from tapal_server.correlation.bp import pass_messages
from tapal_server.correlation.compiled import compiled
from tapal_server.correlation.loops import PRUNE, causes_of, for_others, near_pairs
from tapal_server.correlation.rows import NOBODY, Table

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Flags = NDArray[np.bool_]
Span = tuple[int, int]
Rates = tuple[float, float, float, float, float, float]
Law = tuple[Floats, Floats, Floats, Floats]
Belief = tuple[Rates, tuple[float, float], tuple[Floats, Floats], float, Law, tuple[Floats, Floats]]
Ages = tuple[Floats, Floats, float]
Scope = tuple[float, float, float, int, float, bool]
NEIGHBOURS = 24
CORE = NEIGHBOURS // 2
PAST = 12  # crossings before one that tell the flow
PLAIN = 15.0  # odds at which a record settles a crossing
SUSPECT = 0.1
LEANS = 0.1  # whoever owes this much of its explanation to a record is asked again when another takes it
MOVED = 0.05  # a change of P(unmatched) that neighbours may feel
WORTH_TELLING = 0.05  # smaller changes of a probability are no news
ASKED, SETTLED, AGAIN, HEARD = 0, 1, 2, 3  # what came of a claim
CLEARLY = 0.97  # of the share of records missing at which a level is reached: at the very share it would be missed
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
) -> tuple[int, int, int, float, int]:
    """Let a crossing take the best record that is to be had.

    Returns its place (or `GONE`), what came of it (`ASKED`, no record was plain: belief propagation must
    decide; `SETTLED`; `AGAIN`, decided before; `HEARD`, likewise, and whoever follows it must hear), the chain of those
    who leaned on the record, and time and handle of the crossing that lost it.
    """
    here = lower(x, in_x, time)
    place = _find_from(here, x, in_x, time, handle)
    if place < 0 or x[place]["record"] != NOBODY:
        return place, ASKED, NOBODY, time, NOBODY
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
        return place, ASKED, NOBODY, time, NOBODY
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
        what = HEARD if cell["followed"] else AGAIN
    cell["decided"] = True
    leant = record["leant"]
    record["leant"] = NOBODY
    return place, what, leant, loser_time, loser


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
    """Return at which share of records still missing P(unlogged) is just over a threshold; 0: never."""
    others = rows[8, one] - rows[5, one]
    by_records = rows[8, one] * (1.0 - unmatched) / max(unmatched, 1e-12)
    room: float = (rows[0, one] + rows[1, one]) / threshold - others - by_records
    lawful: float = rows[6, one]
    return CLEARLY * max(room, 0.0) / max(lawful, 1e-12)


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
def worth_telling(cell: Any, levels: tuple[float, float]) -> bool:
    """Whether anything may come of it if whoever follows suspects hears of a crossing again."""
    suspect = cell["unlogged"] >= levels[0] and cell["standing"] >= levels[1]
    if not cell["followed"]:
        return bool(suspect)  # nobody was convinced so far
    return bool(not suspect or abs(cell["unlogged"] - cell["heard"]) >= WORTH_TELLING)


@compiled
def leaning_on(  # noqa: PLR0917 - a compiled function takes its arguments by place
    pairs: tuple[Ints, Ints, Floats],
    wanted: Flags,
    x: Table,
    begin: int,
    y: Table,
    first: int,
    chains: Floats,
    at: Ints,
) -> Floats:
    """Have those asked lean on the records that may be theirs; returns the chains."""
    crossing, record, chance = pairs
    for pair in range(len(chance)):
        if chance[pair] > LEANS and wanted[crossing[pair]]:
            who, on = x[begin + crossing[pair]], y[first + record[pair]]
            chains, on["leant"] = lean(chains, at, on["leant"], who["time"], who["handle"])
    return chains


@compiled
def age_at(share: float, ages: Ages) -> float:
    """Return the age at which only `share` of lawful crossings still wait for their record (see `Quick.age_at`)."""
    known, at, _ = ages
    place = int(np.searchsorted(known, -share, side="right")) - 1
    if place < 0 or place >= len(known) - 1 or known[place] == -share:
        return float(at[max(place, 0)])
    slope = (at[place + 1] - at[place]) / (known[place + 1] - known[place])
    return float(slope * (-share - known[place]) + at[place])


@compiled
def ask_later(  # noqa: PLR0917 - a compiled function takes its arguments by place
    others: Floats, at: Ints, cell: Any, shares: tuple[float, float], now: float, ages: Ages
) -> Floats:
    """Have a fresh suspect looked at again when few records can still come, and when his rivals have theirs.

    `shares` are those that may still be missing at the two levels of alarm. Returns the heap.
    """
    time: float = cell["time"]
    for share in (*shares, shares[1] / 4):
        due = time + age_at(share, ages) if share > 0.0 else AT_ONCE
        if due > now:
            others = push(others, at, due, time, cell["handle"])
    if time + ages[2] > now:
        others = push(others, at, time + ages[2], time, cell["handle"])
    return others


@compiled
def weigh(  # noqa: PLR0917 - a compiled function takes its arguments by place
    x: Floats,
    y: Table,
    in_y: Span,
    now: float,
    reach: tuple[float, float],
    told: tuple[Floats, Floats, Floats],
    belief: Belief,
    effort: tuple[int, float],
) -> tuple[Floats, int, tuple[Ints, Ints, Floats], Floats]:
    """Return the causes' rates at crossings, the place of their first record, P(pair) of each pair, and P(alone)."""
    rates, level, waits, odds, law, clock = belief
    first, last = lower(y, in_y, x[0] + reach[0]), upper(y, in_y, x[-1] + reach[1])
    logged = _times(y, first, last)
    rows = causes_of(x, now - x, rates, level, waits, told)
    edges, places, density, below = law
    crossing, record, weight = near_pairs(
        _by_the_log(x, clock), logged, rows, told[0], odds, PRUNE, edges, (places, density)
    )
    ahead = clock[1][-1] if len(clock[1]) else 0.0
    for_others(weight, record, logged - now - ahead, odds, edges, below)
    rounds, tolerance = effort
    _, pair, alone, _ = pass_messages(
        crossing, record, weight, np.ones(len(weight)), len(x), len(logged), rounds, tolerance
    )
    return rows, first, (crossing, record, pair), alone


@compiled
def look(  # noqa: PLR0917 - a compiled function takes its arguments by place
    x: Table,
    y: Table,
    others: Floats,
    chains: Floats,
    at: Ints,
    piece: tuple[int, int, int, int],
    asked: Ints,
    now: float,
    scope: Scope,
    told: tuple[Floats, Floats, Floats],
    belief: Belief,
    levels: tuple[float, float],
    ages: Ages,
) -> tuple[Floats, Floats, Ints, Ints, float]:
    """Decide by belief propagation over a neighbourhood, and write down what is to be believed of its core.

    `piece` are the bounds of core and neighbourhood, `asked` the places to decide whether or not they were before.
    The `scope` is how far before and after crossings their records lie, how far off others may feel what moves, the
    effort, and whether whoever follows suspects is to hear of all of them. Returns the heap and the chains of the
    agenda, the places of those to hear of, of those watched outside the core who may feel what moved in it, and the
    time of the latest fresh suspect.
    """
    low, high, begin, end = piece
    early, late, far, rounds, tolerance, every = scope
    in_x, in_y = (at[X_FIRST], at[X_END]), (at[Y_FIRST], at[Y_END])
    rows, first, pairs, alone = weigh(
        _times(x, begin, end), y, in_y, now, (early, late), told, belief, (rounds, tolerance)
    )
    wanted = np.zeros(end - begin, np.bool_)
    for place in asked:
        wanted[place - begin] = True
    heard, hears, latest = np.empty(high - low, np.int64), 0, AT_ONCE
    widest = lower(x, in_x, x[low]["time"] - far)
    felt = np.zeros(upper(x, in_x, x[high - 1]["time"] + far) - widest, np.bool_)
    for place in range(low, high):
        one, cell = place - begin, x[place]
        if not (wanted[one] or cell["decided"]):
            continue
        unmatched, time = alone[one], cell["time"]
        if far > 0.0 and cell["decided"] and abs(cell["unmatched"] - unmatched) > MOVED:
            for other in range(lower(x, in_x, time - far), upper(x, in_x, time + far)):
                felt[other - widest] |= x[other]["watched"] and not low <= other < high
        soon = missing(rows, one, unmatched, levels[0])
        if unmatched >= SUSPECT and not (cell["decided"] and cell["unmatched"] >= SUSPECT):
            latest = max(latest, time)
            shares = soon, missing(rows, one, unmatched, levels[1])
            others = ask_later(others, at, cell, shares, now, ages)
        believe(rows, one, unmatched, cell, levels)
        if cell["standing"] >= levels[1] and cell["unlogged"] < levels[0] and soon > 0.0:
            due = time + age_at(soon, ages)  # what is known of the flow and of rivals has moved it since
            if due > now:
                others = push(others, at, due, time, cell["handle"])
        if cell["told"] and (every or worth_telling(cell, levels)):
            heard[hears] = place
            hears += 1
    chains = leaning_on(pairs, wanted, x, begin, y, first, chains, at)
    return others, chains, heard[:hears], widest + np.flatnonzero(felt), latest
