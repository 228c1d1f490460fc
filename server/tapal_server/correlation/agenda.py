"""When to look at whom at a gate, and who is to be looked at again when a record is taken.

First looks come in order of time and wait in a row, all others in a heap. Both lie in arrays of (due, time, handle)
that compiled code reads and writes; how far each is used stands in `at`.
"""

import numpy as np
from numpy.typing import NDArray

from tapal_server.correlation.compiled import compiled
from tapal_server.correlation.rows import NOBODY

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
NEVER = float("inf")
AT_ONCE = float("-inf")
# What `at` says: where crossings, records and first looks begin and end, how many other looks there are, the first free
# link of the chains and the end of the links, the next arrival, and how many crossings were ever taken.
X_FIRST, X_END, Y_FIRST, Y_END, LOOK, LOOK_END, OTHERS, FREE, LINKS, NEXT, TAKEN = range(11)


class Agenda:
    """Crossings, by time and handle, to be looked at when they are due.

    `chains` are links of (time, handle, next link): the first of those who lean on a record is named by its row.
    """

    def __init__(self) -> None:
        self.at: Ints = np.zeros(11, np.int64)
        self.at[FREE] = NOBODY
        self.looks: Floats = np.empty((64, 3))
        self.others: Floats = np.empty((64, 3))
        self.chains: Floats = np.empty((64, 3))

    def __len__(self) -> int:
        return int(waiting(self.at))

    @property
    def soonest(self) -> float:
        """When the next is due; infinite when nobody is."""
        return float(soonest(self.looks, self.others, self.at))

    def ask(self, due: float, time: float, handle: int) -> None:
        """Look at a crossing at that time."""
        self.others = push(self.others, self.at, due, time, handle)

    def ask_first(self, due: float, time: float, handle: int) -> None:
        """Look at a crossing for the first time."""
        self.make_room(1)
        look_first(self.looks, self.at, due, time, handle)

    def make_room(self, count: int) -> None:
        """Have room for so many first looks more."""
        first, end = int(self.at[LOOK]), int(self.at[LOOK_END])
        if end + count > len(self.looks):
            wider = np.empty((2 * (end - first + count), 3))
            wider[: end - first] = self.looks[first:end]
            self.looks = wider
            self.at[LOOK], self.at[LOOK_END] = 0, end - first

    def mix(self) -> None:
        """Take all together, because first looks to come may be due before those that wait."""
        self.others = take_all(self.looks, self.others, self.at)

    def pop(self, now: float) -> tuple[float, int] | None:
        """Return time and handle of the next who is due."""
        if not len(self) or self.soonest > now:
            return None
        time, handle = take_next(self.looks, self.others, self.at)
        return time, handle


@compiled
def before(one: Floats, due: float, time: float, handle: float) -> bool:
    """Whether a look comes before another."""
    if one[0] != due:
        return bool(one[0] < due)
    if one[1] != time:
        return bool(one[1] < time)
    return bool(one[2] < handle)


@compiled
def look_first(looks: Floats, at: Ints, due: float, time: float, handle: int) -> None:
    """Have a crossing looked at for the first time; there is room."""
    place = at[LOOK_END]
    at[LOOK_END] += 1
    while place > at[LOOK] and not before(looks[place - 1], due, time, handle):
        looks[place] = looks[place - 1]
        place -= 1
    looks[place, 0], looks[place, 1], looks[place, 2] = due, time, handle


@compiled
def push(others: Floats, at: Ints, due: float, time: float, handle: int) -> Floats:
    """Have a crossing looked at; returns the heap, which may have moved."""
    place = at[OTHERS]
    if place == len(others):
        wider = np.empty((2 * place, 3))
        wider[:place] = others
        others = wider
    at[OTHERS] += 1
    while place > 0:
        above = (place - 1) // 2
        if before(others[above], due, time, handle):
            break
        others[place] = others[above]
        place = above
    others[place, 0], others[place, 1], others[place, 2] = due, time, handle
    return others


@compiled
def take_all(looks: Floats, others: Floats, at: Ints) -> Floats:
    """Move the first looks to all others; returns the heap."""
    for place in range(at[LOOK], at[LOOK_END]):
        others = push(others, at, looks[place, 0], looks[place, 1], int(looks[place, 2]))
    at[LOOK] = at[LOOK_END] = 0
    return others


@compiled
def waiting(at: Ints) -> int:
    """Return how many wait."""
    return int(at[OTHERS] + at[LOOK_END] - at[LOOK])


@compiled
def soonest(looks: Floats, others: Floats, at: Ints) -> float:
    """Return when the next is due; infinite when nobody is."""
    due = NEVER
    if at[LOOK] < at[LOOK_END]:
        due = looks[at[LOOK], 0]
    if at[OTHERS]:
        due = min(due, others[0, 0])
    return due


@compiled
def take_next(looks: Floats, others: Floats, at: Ints) -> tuple[float, int]:
    """Take the next off the agenda, which is not empty; returns its time and handle."""
    if at[LOOK] < at[LOOK_END]:
        first = looks[at[LOOK]]
        if at[OTHERS] == 0 or not before(others[0], first[0], first[1], first[2]):
            at[LOOK] += 1
            return first[1], int(first[2])
    time, handle = others[0, 1], int(others[0, 2])
    end = at[OTHERS] - 1
    at[OTHERS] = end
    due, last, who = others[end, 0], others[end, 1], others[end, 2]
    place = 0
    while 2 * place + 1 < end:
        below = 2 * place + 1
        right = others[below]
        if below + 1 < end and before(others[below + 1], right[0], right[1], right[2]):
            below += 1
        if not before(others[below], due, last, who):
            break
        others[place] = others[below]
        place = below
    others[place, 0], others[place, 1], others[place, 2] = due, last, who
    return time, handle


@compiled
def lean(chains: Floats, at: Ints, first: int, time: float, handle: int) -> tuple[Floats, int]:
    """Add a crossing to those who lean on a record, unless it is there; returns the chains and its first link."""
    link = first
    while link != NOBODY:
        if chains[link, 0] == time and chains[link, 1] == handle:
            return chains, first
        link = int(chains[link, 2])
    link = at[FREE]
    if link == NOBODY:
        link = at[LINKS]
        if link == len(chains):
            wider = np.empty((2 * link, 3))
            wider[:link] = chains
            chains = wider
        at[LINKS] += 1
    else:
        at[FREE] = int(chains[link, 2])
    chains[link, 0], chains[link, 1], chains[link, 2] = time, handle, first
    return chains, link


@compiled
def ask_chain(others: Floats, chains: Floats, at: Ints, first: int) -> Floats:
    """Have those of a chain looked at at once, and let it go; returns the heap."""
    link = first
    while link != NOBODY:
        others = push(others, at, AT_ONCE, chains[link, 0], int(chains[link, 1]))
        link = int(chains[link, 2])
    free_chain(chains, at, first)
    return others


@compiled
def free_chain(chains: Floats, at: Ints, first: int) -> None:
    """Let a chain go."""
    link = first
    while link != NOBODY:
        after = int(chains[link, 2])
        chains[link, 2] = at[FREE]
        at[FREE] = link
        link = after
