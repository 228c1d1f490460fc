"""The compiled step: arrivals of a gate pass through, and plain cases are settled, until something needs a thought."""

import numpy as np
from numpy.typing import NDArray

from tapal_server.correlation.agenda import NEVER
from tapal_server.correlation.compiled import compiled
from tapal_server.correlation.loops import FLOW_NEIGHBOURS
from tapal_server.correlation.near import ASKED, GONE, HEARD, SUSPECT, claim, open_minds, watched
from tapal_server.correlation.rows import NOBODY, Table

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Flags = NDArray[np.bool_]
OPEN_MIND = (0.2, 0.9)  # P(unlogged) of those whom a better known flow could move over a threshold
X_FIRST, X_END, Y_FIRST, Y_END, LOOK, LOOK_END, NEXT, TAKEN = range(8)
DONE, THINK, TAKEN_FROM, MINDS, WATCHED, OPENED = range(6)  # why the step ended
NO_PLACES: Ints = np.zeros(0, np.int64)
Looks = tuple[Floats, Floats, Ints]
Gate = tuple[float, float, float, float, float, float, bool]
Outcome = tuple[int, float, int, int, float, int, Ints]


@compiled
def settle(  # noqa: PLR0917 - a compiled function takes its arguments by place
    x: Table,
    y: Table,
    at: Ints,
    who: tuple[float, int],
    odds: Floats,
    law: tuple[float, float, float, float, float, float],
) -> tuple[bool, int, int, float, int]:
    """Let a crossing take a record, and whoever lost it another, and so on.

    Returns whether that is all; else whoever was heard of (or `GONE`), the record on which others lean and who is
    still to ask (or `NOBODY`).
    """
    time, handle = who
    in_x, in_y = (at[X_FIRST], at[X_END]), (at[Y_FIRST], at[Y_END])
    while handle != NOBODY:
        place, what, record, leant, next_time, loser = claim(x, in_x, y, in_y, time, handle, odds, law)
        if what == ASKED:
            if place != GONE:
                return False, GONE, NOBODY, time, handle
            break
        if what == HEARD or leant:
            return False, place if what == HEARD else GONE, record if leant else NOBODY, next_time, loser
        time, handle = next_time, loser
    return True, GONE, NOBODY, time, NOBODY


@compiled
def enter_record(x: Table, y: Table, at: Ints, gate: Gate) -> tuple[float, Ints]:
    """Let a record in; returns its time and the places of those whom it may concern."""
    time = y[at[Y_END]]["time"]
    at[Y_END] += 1
    before, after, suspected_until = gate[1], gate[2], gate[3]
    if time - before > suspected_until:
        return time, np.zeros(0, np.int64)
    return time, watched(x, (at[X_FIRST], at[X_END]), time - before, time + after, SUSPECT)


@compiled
def enter_crossing(x: Table, looks: Looks, at: Ints, gate: Gate) -> tuple[float, Ints]:
    """Let a crossing in; returns its time and the places of those whom a better known flow may move."""
    due, who, handles = looks
    patience, suspected_until = gate[0], gate[3]
    place, look = at[X_END], at[LOOK_END]
    time = x[place]["time"]
    due[look], who[look], handles[look] = time + patience, time, x[place]["handle"]
    at[LOOK_END], at[X_END], at[TAKEN] = look + 1, place + 1, at[TAKEN] + 1
    if x[max(place - FLOW_NEIGHBOURS, at[X_FIRST])]["time"] > suspected_until:
        return time, np.zeros(0, np.int64)
    return time, open_minds(x, (at[X_FIRST], at[X_END]), time, FLOW_NEIGHBOURS, OPEN_MIND[0], OPEN_MIND[1])


@compiled
def pass_on(  # noqa: PLR0917 - a compiled function takes its arguments by place
    x: Table,
    y: Table,
    looks: Looks,
    arrivals: tuple[Flags, Floats],
    at: Ints,
    clock: tuple[float, float, float],
    gate: Gate,
    odds: Floats,
    law: tuple[float, float, float, float, float, float],
) -> Outcome:
    """Let arrivals in at their times and take first looks when they are due.

    `at` says how far all is, and is moved on; `clock` is what time it is, until when to go, and when there is something
    else to do. The `gate` is its patience, how far before and after a record those are whom it may concern, until when
    there are suspects, the crossings that make a lesson due and that are too many, and whether a first crossing opens a
    window. Returns why and when it ended; with `TAKEN_FROM` what :func:`settle` said, with `MINDS` and `WATCHED` the
    arrival's time and the places of those to be asked again.
    """
    due, who, handles = looks
    is_record, received = arrivals
    now, until, other = clock
    lesson, most, opens = gate[4], gate[5], gate[6]
    while at[TAKEN] < lesson:
        coming = received[at[NEXT]] if at[NEXT] < len(received) else NEVER
        first = due[at[LOOK]] if at[LOOK] < at[LOOK_END] else NEVER
        soonest = min(first, other)
        if soonest <= now or (soonest < coming and soonest <= until):
            now = max(now, soonest)
            if other <= first:
                break
            at[LOOK] += 1
            asker = who[at[LOOK] - 1], handles[at[LOOK] - 1]
            whole, heard, record, time, handle = settle(x, y, at, asker, odds, law)
            if not whole:
                return TAKEN_FROM, now, heard, record, time, handle, NO_PLACES
            if at[X_END] - at[X_FIRST] > most:
                break
        elif coming == NEVER:
            return DONE, now, GONE, NOBODY, 0.0, NOBODY, NO_PLACES
        else:
            now = coming
            came = is_record[at[NEXT]]
            at[NEXT] += 1
            time, places = enter_record(x, y, at, gate) if came else enter_crossing(x, looks, at, gate)
            if len(places) or (opens and not came):
                why = WATCHED if came else MINDS if len(places) else OPENED
                return why, now, GONE, NOBODY, time, NOBODY, places
    return THINK, now, GONE, NOBODY, 0.0, NOBODY, NO_PLACES
