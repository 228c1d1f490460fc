"""The compiled sums of a lesson: how likely rates are, how clocks may have moved, who still waits."""

from math import log

import numpy as np
from numpy.typing import NDArray

from tapal_server.correlation.compiled import compiled, compiled_to_add_in_any_order

Floats = NDArray[np.float64]
Ints = NDArray[np.intp]
AT_ONCE = 8  # factors of a product, before its logarithm is taken; each lies between 1e-30 and 1e30


@compiled
def log_chances(  # noqa: PLR0917 - a compiled function takes its arguments by place
    people: Floats, false: Floats, others: Floats, worth: Floats, many: Floats, shares: Floats
) -> Floats:
    """Return the log likelihood of each multiple of `people` (`many`) with each of `false` (`shares`).

    Each is up to one constant. A crossing happens by people, false counts or others, at these rates; `worth` is what it
    teaches. Those that teach as much as each other are multiplied first, which spares most of the logarithms.
    """
    chances, product = np.zeros((len(many), len(shares))), np.empty(len(shares))
    order = np.argsort(worth)
    order = order[np.searchsorted(worth[order], 0.0, side="right") :]
    total = np.empty(len(order))
    for at, one in enumerate(order):
        total[at] = 1.0 / (people[one] + false[one] + others[one])
    for row in range(len(many)):
        factors, weight = 0, 0.0
        product[:] = 1.0
        for at, one in enumerate(order):
            if factors == AT_ONCE or worth[one] != weight:
                _take(product, weight, chances[row])
                factors, weight = 0, worth[one]
            lawful, wrong = (others[one] + many[row] * people[one]) * total[at], false[one] * total[at]
            for place in range(len(shares)):
                product[place] *= lawful + shares[place] * wrong
            factors += 1
        _take(product, weight, chances[row])
    return chances


@compiled
def _take(product: Floats, weight: float, sums: Floats) -> None:
    for place in range(len(product)):
        if product[place] != 1.0:
            sums[place] += weight * log(product[place])
        product[place] = 1.0


@compiled
def waiting_shares(above: Floats, edges: Floats, ages: Floats, delays: Floats, mass: Floats) -> Floats:
    """Return the share of those of each age whose record is unknown, if it was written after one of the `delays`.

    `above` is the share of records that take longer to arrive than each of the `edges`. Ages rise.
    """
    shares = np.zeros(len(ages))
    for one in range(len(delays)):
        cell = 0
        for place in range(len(ages)):
            lag = ages[place] - delays[one]
            if lag < 0.0:
                shares[place] += mass[one]
                continue
            if lag > edges[-1]:
                break
            while cell + 2 < len(edges) and edges[cell + 1] <= lag:
                cell += 1
            slope = (above[cell + 1] - above[cell]) / (edges[cell + 1] - edges[cell])
            shares[place] += mass[one] * (above[cell] + slope * (lag - edges[cell]))
    return shares


@compiled
def lag_histograms(  # noqa: PLR0917 - a compiled function takes its arguments by place
    x: Floats, cuts: Ints, y: Floats, crowd: Ints, span: tuple[float, float], step: float, levels: int
) -> Floats:
    """Count the lags from the crossings of each block to the records about them, by how crowded it is at those.

    `cuts` are where blocks begin and the last ends, `crowd` the level of each record, `span` which lags are counted.
    """
    low, high = span
    counts = np.zeros((len(cuts) - 1, levels, int((high - low) / step) + 2))
    for block in range(len(cuts) - 1):
        for one in range(cuts[block], cuts[block + 1]):
            first = np.searchsorted(y, x[one] + low, side="left")
            for record in range(first, np.searchsorted(y, x[one] + high, side="right")):
                counts[block, crowd[record], int((y[record] - x[one] - low) / step)] += 1.0
    return counts


@compiled
def best_path(gain: Floats, step_cost: float, jump_cost: float) -> tuple[Ints, float]:
    """Return the likeliest state at each block, where a step to the next and a jump to any cost, and its worth."""
    blocks, states = gain.shape
    came = np.empty((blocks, states), np.intp)
    value, after = gain[0].copy(), np.empty(states)
    for block in range(1, blocks):
        best = int(np.argmax(value))
        jump = value[best] - jump_cost
        for state in range(states):
            most, source = value[state], state
            if state > 0 and value[state - 1] - step_cost > most:
                most, source = value[state - 1] - step_cost, state - 1
            if state + 1 < states and value[state + 1] - step_cost > most:
                most, source = value[state + 1] - step_cost, state + 1
            if jump > most:
                most, source = jump, best
            after[state], came[block, state] = most + gain[block, state], source
        value, after = after, value
    path = np.empty(blocks, np.intp)
    path[-1] = np.argmax(value)
    for block in range(blocks - 1, 0, -1):
        path[block - 1] = came[block, path[block]]
    return path, value.max()


@compiled_to_add_in_any_order
def rates_of(  # noqa: PLR0917 - a compiled function takes its arguments by place
    units: Floats, rates: Floats, others: Floats, worth: Floats, exposures: Floats, believed: Floats, rounds: int
) -> Floats:
    """Return the rates that superposed processes most likely have, by EM from `rates`.

    A row of `units` is how often each crossing would happen by one cause at a rate of 1, `others` by anything else;
    `worth` is what each teaches. `believed` holds the prior of each rate and its worth in counts.
    """
    rates = rates.copy()
    total = np.empty(len(others))
    for _ in range(rounds):
        total[:] = others
        for cause in range(len(rates)):
            rate = rates[cause]
            for one in range(len(total)):
                total[one] += rate * units[cause, one]
        for one in range(len(total)):
            total[one] = worth[one] / total[one]
        for cause in range(len(rates)):
            prior, weight, count = believed[0, cause], believed[1, cause], 0.0
            for one in range(len(total)):
                count += units[cause, one] * total[one]
            if prior <= 0.0:
                rates[cause] = 0.0
            else:
                rates[cause] = (rates[cause] * count + weight) / (exposures[cause] + weight / prior)
    return rates


@compiled_to_add_in_any_order
def common_lag(  # noqa: PLR0917 - a compiled function takes its arguments by place
    starts: Ints, cell: NDArray[np.uint16], strangers: Floats, widths: Floats, mass: Floats, share: float, rounds: int
) -> Floats:
    """Return the mass of each cell of delays by EM, where `share` of crossings are at first believed to have a record.

    `cell` is of the pairs in order of crossing, `starts` where those of each begin and the last end.
    """
    uniform = widths / widths.sum()
    odds = np.empty(len(mass))
    for _ in range(rounds):
        for place in range(len(mass)):
            odds[place] = mass[place] / widths[place]
        counts = np.zeros(len(mass) + 2)
        for one in range(len(starts) - 1):
            first, last = np.uint64(starts[one]), np.uint64(starts[one + 1])
            total = 0.0
            for pair in range(first, last):
                total += odds[np.uint64(cell[pair])]
            factor = share / strangers[one]
            part = factor / (1.0 - share + factor * total)
            for pair in range(first, last):
                counts[np.uint64(cell[pair]) + np.uint64(1)] += part
        for place in range(len(mass)):
            counts[place + 1] *= odds[place]
        share = min(max(counts.sum() / (len(starts) - 1), 0.05), 0.995)
        for place in range(len(mass)):
            mass[place] = 0.25 * counts[place] + 0.5 * counts[place + 1] + 0.25 * counts[place + 2]
        mass = mass / mass.sum() * 0.999 + 0.001 * uniform
    return mass


@compiled
def numbers_about(times: Floats, moments: Floats, far: float) -> Ints:
    """Return how many of the times lie no farther from each of the moments than that; both rise."""
    numbers = np.empty(len(moments), np.intp)
    first = end = 0
    for one in range(len(moments)):
        while first < len(times) and times[first] < moments[one] - far:
            first += 1
        while end < len(times) and times[end] <= moments[one] + far:
            end += 1
        numbers[one] = end - first
    return numbers
