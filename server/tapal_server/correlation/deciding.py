"""The compiled decision: all that is due at a gate, and whoever may feel what came of it."""

import numpy as np
from numpy.typing import NDArray

from tapal_server.correlation.agenda import X_END, X_FIRST, Y_END, Y_FIRST, ask_chain, soonest, take_next, waiting
from tapal_server.correlation.compiled import compiled
from tapal_server.correlation.near import ASKED, CORE, HEARD, SETTLED, Ages, Belief, Scope, around, claim, look
from tapal_server.correlation.rows import NOBODY, Table

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Agendas = tuple[Floats, Floats, Floats]
Claims = tuple[Floats, tuple[float, float, float, float, float, float]]
# What a gate decides by: how it claims, how far and hard it looks, what it believes, its levels of alarm, the ages at
# which shares of records are still missing and rivals have theirs, and that nothing else is known of crossings.
Rule = tuple[Claims, Scope, Belief, tuple[float, float], Ages, tuple[Floats, Floats, Floats]]
TOGETHER = 200  # crossings of one evaluation
WAVES = 4  # how often what changes may change its neighbours before the rest waits for the next time


@compiled
def noted(places: Ints, count: int, place: int) -> Ints:
    """Write a place at the end of a list of so many; returns the list, which may have moved."""
    if count == len(places):
        wider = np.empty(2 * count + 8, np.int64)
        wider[:count] = places
        places = wider
    places[count] = place
    return places


@compiled
def ask_due(  # noqa: PLR0917 - a compiled function takes its arguments by place
    x: Table, y: Table, agenda: Agendas, at: Ints, now: float, claims: Claims
) -> tuple[Floats, Ints, Ints]:
    """Settle the plain cases among those that are due.

    Returns the heap of the agenda, the places of the others in order, and of those to hear of, who are `listed`.
    """
    looks, others, chains = agenda
    odds, law = claims
    in_x, in_y = (at[X_FIRST], at[X_END]), (at[Y_FIRST], at[Y_END])
    asked, asks, heard, hears = np.empty(8, np.int64), 0, np.empty(8, np.int64), 0
    while waiting(at) and soonest(looks, others, at) <= now:
        time, handle = take_next(looks, others, at)
        while handle != NOBODY:  # who loses a record asks in turn
            place, what, chain, time, handle = claim(x, in_x, y, in_y, time, handle, odds, law)
            if what == ASKED:
                if place >= 0 and not x[place]["asked"]:
                    x[place]["asked"] = True
                    asked = noted(asked, asks, place)
                    asks += 1
                break
            if what != SETTLED:
                x[place]["asked"] = False
                if what == HEARD and not x[place]["listed"]:
                    x[place]["listed"] = True
                    heard = noted(heard, hears, place)
                    hears += 1
            if chain != NOBODY:
                others = ask_chain(others, chains, at, chain)
    still, count = np.empty(asks, np.int64), 0
    for place in np.sort(asked[:asks]):
        if x[place]["asked"] and (count == 0 or still[count - 1] != place):
            still[count] = place
            count += 1
    return others, still[:count], heard[:hears]


@compiled
def decide_all(  # noqa: PLR0917 - a compiled function takes its arguments by place
    x: Table, y: Table, agenda: Agendas, at: Ints, asked: Ints, now: float, rule: Rule, heard: Ints
) -> tuple[Floats, Floats, Ints, Ints, float]:
    """Decide by belief propagation, neighbours together.

    Returns heap and chains of the agenda, the places of those whom it may change, of all to hear of so far, and the
    time of the latest fresh suspect.
    """
    _, others, chains = agenda
    _, scope, belief, levels, ages, told = rule
    in_x, far = (at[X_FIRST], at[X_END]), scope[2]
    waves, count, hears, latest, first = np.empty(8, np.int64), 0, len(heard), -np.inf, 0
    for one in range(1, len(asked) + 1):
        if one < len(asked) and asked[one] - asked[one - 1] <= CORE and asked[one] - asked[first] <= TOGETHER:
            continue
        piece = around(x, in_x, asked[first], asked[one - 1], far)
        others, chains, new, felt, suspect = look(
            x, y, others, chains, at, piece, asked[first:one], now, scope, told, belief, levels, ages
        )
        latest = max(latest, suspect)
        for place in new:
            if not x[place]["listed"]:
                x[place]["listed"] = True
                heard = noted(heard, hears, place)
                hears += 1
        for place in felt:
            x[place]["felt"] = True
            waves = noted(waves, count, place)
            count += 1
        for place in range(piece[0], piece[1]):
            x[place]["felt"] = False
        first = one
    moved, left = np.empty(count, np.int64), 0
    for place in np.sort(waves[:count]):
        if x[place]["felt"] and not x[place]["asked"]:
            moved[left] = place
            left += 1
        x[place]["felt"] = False
    for place in asked:
        x[place]["asked"] = False
    return others, chains, moved[:left], heard[:hears], latest


@compiled
def decide(  # noqa: PLR0917 - a compiled function takes its arguments by place
    x: Table, y: Table, agenda: Agendas, at: Ints, now: float, rule: Rule
) -> tuple[Floats, Floats, Ints, float]:
    """Decide all that is due; returns heap and chains, the places of all to hear of, and the latest fresh suspect."""
    looks, others, chains = agenda
    others, asked, heard = ask_due(x, y, agenda, at, now, rule[0])
    latest = -np.inf
    for _ in range(WAVES):
        if not len(asked):
            break
        for place in asked:
            x[place]["asked"] = True
        others, chains, asked, heard, suspect = decide_all(x, y, (looks, others, chains), at, asked, now, rule, heard)
        latest = max(latest, suspect)
    for place in heard:
        x[place]["listed"] = False
    return others, chains, heard, latest
