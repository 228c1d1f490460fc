"""The compiled step: arrivals of a gate pass through and are decided on, until something is beyond numbers."""

import numpy as np
from numpy.typing import NDArray

from tapal_server.correlation.agenda import (
    AT_ONCE,
    NEVER,
    NEXT,
    TAKEN,
    X_END,
    X_FIRST,
    Y_END,
    Y_FIRST,
    look_first,
    push,
    soonest,
)
from tapal_server.correlation.compiled import compiled
from tapal_server.correlation.deciding import Agendas, Rule, decide
from tapal_server.correlation.loops import FLOW_NEIGHBOURS
from tapal_server.correlation.near import SUSPECT, open_minds, watched
from tapal_server.correlation.rows import Table

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Flags = NDArray[np.bool_]
OPEN_MIND = (0.2, 0.9)  # P(unlogged) of those whom a better known flow could move over a threshold
FLOW_REST_S = 900.0  # the flow becomes better known with each who passes; not every one is worth a question
DONE, THINK, TELL, OPENED = range(4)  # why the step ended
Gate = tuple[float, float, float, float, float, bool]
Outcome = tuple[int, float, Floats, Floats, Ints, float]


@compiled
def settle_in(rows: Table, first: int, place: int) -> int:
    """Move a row that came last to where its time belongs; returns its place."""
    time, to = rows[place]["time"], place
    while to > first and rows[to - 1]["time"] > time:
        to -= 1
    if to < place:
        row = rows[place : place + 1].copy()
        for one in range(place, to, -1):
            rows[one] = rows[one - 1]
        rows[to] = row[0]
    return to


@compiled
def ask_again(others: Floats, x: Table, at: Ints, places: Ints, due: float) -> Floats:
    """Have those at some places looked at again at a time; returns the heap."""
    for place in places:
        others = push(others, at, due, x[place]["time"], x[place]["handle"])
    return others


@compiled
def enter_record(  # noqa: PLR0917 - a compiled function takes its arguments by place
    x: Table, y: Table, others: Floats, at: Ints, gate: Gate, suspected_until: float
) -> Floats:
    """Let a record in, and have those asked again whom it may concern; returns the heap."""
    place = settle_in(y, at[Y_FIRST], at[Y_END])
    at[Y_END] += 1
    low, high = y[place]["time"] - gate[1], y[place]["time"] + gate[2]
    if low > suspected_until:
        return others
    return ask_again(others, x, at, watched(x, (at[X_FIRST], at[X_END]), low, high, SUSPECT), AT_ONCE)


@compiled
def enter_crossing(  # noqa: PLR0917 - a compiled function takes its arguments by place
    x: Table, looks: Floats, others: Floats, at: Ints, patience: float, suspected_until: float
) -> Floats:
    """Let a crossing in, and have those asked again whom a better known flow may move; returns the heap."""
    place = settle_in(x, at[X_FIRST], at[X_END])
    at[X_END], at[TAKEN] = at[X_END] + 1, at[TAKEN] + 1
    time = x[place]["time"]
    look_first(looks, at, time + patience, time, x[place]["handle"])
    if x[max(place - FLOW_NEIGHBOURS, at[X_FIRST])]["time"] > suspected_until:
        return others
    minds = open_minds(x, (at[X_FIRST], at[X_END]), time, FLOW_NEIGHBOURS, OPEN_MIND[0], OPEN_MIND[1])
    last = place + 1 == at[X_END]
    return ask_again(others, x, at, minds, time + max(patience, FLOW_REST_S) if last else AT_ONCE)


@compiled
def pass_on(  # noqa: PLR0917 - a compiled function takes its arguments by place
    x: Table,
    y: Table,
    agenda: Agendas,
    at: Ints,
    arrivals: tuple[Flags, Floats],
    clock: tuple[float, float, float],
    gate: Gate,
    suspected_until: float,
    rule: Rule,
) -> Outcome:
    """Let arrivals in at their times and decide on crossings when they are due.

    `at` says how far all is, and is moved on; `clock` is what time it is, until when to go, and when there is something
    else to do. The `gate` is its patience, how far before and after a record those are whom it may concern, the
    crossings that make a lesson due and that are too many, and whether a first crossing opens a window. Returns why and
    when it ended, heap and chains of the agenda, with `TELL` the places of those to hear of, and until when there are
    suspects.
    """
    looks, others, chains = agenda
    is_record, received = arrivals
    now, until, other = clock
    heard = np.zeros(0, np.int64)
    patience, lesson, most, opens = gate[0], gate[3], gate[4], gate[5]
    while at[TAKEN] < lesson:
        coming = received[at[NEXT]] if at[NEXT] < len(received) else NEVER
        due = soonest(looks, others, at)
        soon = min(due, other)
        if soon <= now or (soon < coming and soon <= until):
            now = max(now, soon)
            if other <= due:
                break
            others, chains, heard, latest = decide(x, y, (looks, others, chains), at, now, rule)
            suspected_until = max(suspected_until, latest)
            if len(heard):
                return TELL, now, others, chains, heard, suspected_until
            if at[X_END] - at[X_FIRST] > most:
                break
        elif coming == NEVER:
            return DONE, now, others, chains, heard, suspected_until
        else:
            now = coming
            came = is_record[at[NEXT]]
            at[NEXT] += 1
            if came:
                others = enter_record(x, y, others, at, gate, suspected_until)
                continue
            others = enter_crossing(x, looks, others, at, patience, suspected_until)
            if opens:
                return OPENED, now, others, chains, heard, suspected_until
    return THINK, now, others, chains, heard, suspected_until
