"""How far the log's clock is off, block by block: steps when somebody sets it, drift when nobody does.

The records around a block of crossings are strangers at the local rate plus the block's own, which lie where the delay
law puts them, moved by the block's shift. The likelihood of every shift is one correlation; a path that seldom moves
through the blocks (Viterbi) is the most likely history of the clock.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from tapal_server.correlation import bp
from tapal_server.correlation.law import DelayLaw
from tapal_server.correlation.sums import best_path, lag_histograms

Floats = NDArray[np.float64]
Places = NDArray[np.intp]
BLOCK = 40
STEP_COST, JUMP_COST = 2.0, 12.0
WORTH = 15.0  # nats a moving clock must gain over a still one
STATES = 401
SIDE, PARTS = 2, 3  # blocks on either side through which a line is drawn, and steps of the line in each block
STEADY = 16 * PARTS  # steps of late that tell whether the clock drifts
UNSTEADY = 0.1  # of the variance of its shifts, beyond which that is no drift
CROWDED = 2.0  # strangers within the bulk of the law; crossings with more say nothing about the clock


@dataclass(frozen=True)
class Clock:
    """Shifts that hold from a time on."""

    since: tuple[float, ...] = ()
    shift: tuple[float, ...] = ()

    @cached_property
    def table(self) -> tuple[Floats, Floats]:
        """Times and shifts as the compiled loops take them."""
        return np.array(self.since, dtype=np.float64), np.array(self.shift, dtype=np.float64)

    def at(self, x: Floats) -> Floats | None:
        """Return the shift at each time; None for a clock that never moves."""
        if not self.since:
            return None
        place = np.clip(np.searchsorted(self.since, x, side="right") - 1, 0, len(self.since) - 1)
        return np.array(self.shift)[place]

    def moved(self, latest: int = 0) -> float:
        """Return how far it moved in all, or in the latest steps."""
        shift = self.shift[-latest:]
        return max(shift, default=0.0) - min(shift, default=0.0)

    def carried_on(self, since: float, span: float) -> "Clock":
        """Return the clock as a steady drift of late carries it on from a time, in the mean of the span after that."""
        if len(self.since) < STEADY:
            return self
        when, shift = np.array(self.since[-STEADY:]), np.array(self.shift[-STEADY:])
        when += float(np.median(np.diff(when))) / 2 - since
        far, spread = when - when.mean(), shift - shift.mean()
        slope = float(far @ spread / (far @ far))
        off = spread - slope * far
        if float(off @ off) >= UNSTEADY * float(spread @ spread) or span > -when[0]:
            return self
        ahead = float(shift.mean()) + slope * (span / 2 - float(when.mean()))
        return Clock((*self.since, since), (*self.shift, ahead))


STILL = Clock()


def follow(x: Floats, y: Floats, law: DelayLaw, farthest: float) -> Clock:
    """Return the history of the log's clock relative to the middle of the law."""
    low, high = law.quantile(0.02), law.quantile(0.98)
    step = max((law.quantile(0.84) - law.quantile(0.16)) / 6, 2 * farthest / STATES, 0.25)
    states = int(farthest / step)
    shifts: Floats = (step * np.arange(-states, states + 1)).astype(np.float64)
    around = np.searchsorted(y, x + high + shifts[-1]) - np.searchsorted(y, x + low + shifts[0])
    x = x[around * (high - low) <= CROWDED * (high - low + 2 * farthest)]
    blocks = max(len(x) // BLOCK, 1)
    if blocks < 3:
        return STILL
    cuts = [len(x) * block // blocks for block in range(blocks + 1)]
    wide = max(3 * (high - low), 60.0)
    strangers = (np.searchsorted(y, y + wide) - np.searchsorted(y, y - wide)) / (2 * wide)
    gain = _gains((x, np.array(cuts)), (y, strangers), law, (low, high), shifts)
    path, total = best_path(gain, STEP_COST, JUMP_COST)
    still = float(gain.sum(axis=0).max())
    if total - still < WORTH:
        return STILL
    middle = float(np.median(shifts[path]))
    since = [float(x[a]) for a in cuts[:-1]]
    for block in range(1, blocks):
        if abs(int(path[block]) - int(path[block - 1])) > 1:
            near = x[cuts[block - 1] : cuts[block + 1]]
            since[block] = _moment(near, y, strangers, law, (shifts[path[block - 1]], shifts[path[block]]))
    return _drawn(np.append(np.maximum.accumulate(since), x[-1]), shifts[path] - middle, 1.5 * step)


def _drawn(ends: Floats, shift: Floats, jump: float) -> Clock:
    """Draw lines through the shifts of blocks between these `ends`, which are known to a step only; jumps stay.

    A clock that drifts does so evenly, so a block's neighbours tell its shift better than it does alone.
    """
    jumps = np.flatnonzero(np.abs(np.diff(shift)) > jump) + 1
    middles = (ends[1:] + ends[:-1]) / 2
    since: list[float] = []
    drawn: list[float] = []
    for a, b in pairwise([0, *jumps.tolist(), len(shift)]):
        for block in range(a, b):
            near = slice(max(block - SIDE, a), min(block + SIDE + 1, b))
            when, value = middles[near] - middles[near].mean(), shift[near]
            slope = float(when @ value) / max(float(when @ when), 1e-9)
            width = float(ends[block + 1] - ends[block]) / PARTS
            steps = ends[block] + width * np.arange(PARTS)
            since += steps.tolist()
            drawn += (value.mean() + slope * (steps + width / 2 - middles[near].mean())).tolist()
    return Clock(tuple(since), tuple(drawn))


def _moment(x: Floats, y: Floats, strangers: Floats, law: DelayLaw, shifts: tuple[float, float]) -> float:
    """Return the crossing from which on the second shift fits better than the first."""
    low, high = law.quantile(0.005), law.quantile(0.995)
    better = np.zeros(len(x))
    for sign, shift in zip((-1.0, 1.0), shifts, strict=True):
        crossing, record = bp.candidates(x, y, low + shift, high + shift)
        density = law.density(y[record] - x[crossing] - shift)
        better += sign * np.bincount(crossing, np.log1p(0.9 * density / strangers[record]), len(x))
    return float(x[int(np.argmax(np.concatenate((np.cumsum(better[::-1])[::-1], [0.0]))[:-1]))])


def synchronise(
    x: Floats, y: Floats, law: DelayLaw, farthest: float, again: Callable[[Floats], DelayLaw]
) -> tuple[Clock, DelayLaw]:
    """Follow the clock, sharpen the law by what was found (`again` learns it from aligned times), and follow again.

    Returns the law, too, as the clock that was found has it.
    """
    clock = follow(x, y, law, farthest)
    shift = clock.at(x)
    if shift is None:
        return STILL, law
    for _ in range(2):
        law = again(x + shift)
        more = follow(x + shift, y, law, min(farthest, 60.0 + law.quantile(0.9) - law.quantile(0.1)))
        if not more.since:
            return clock, law
        before = clock.at(np.array(more.since))
        assert before is not None
        clock = Clock(more.since, tuple((before + np.array(more.shift)).tolist()))
        shift = clock.at(x)
        assert shift is not None
    return clock, again(x + shift)


def _gains(
    blocks: tuple[Floats, Places],
    records: tuple[Floats, Floats],
    law: DelayLaw,
    bulk: tuple[float, float],
    shifts: Floats,
) -> Floats:
    """Return the log likelihood of each shift for each block, up to a constant.

    `blocks` are the crossings with the places where blocks begin and the last ends, `records` their times and the rate
    of strangers at each.
    """
    (x, cuts), (y, strangers) = blocks, records
    step = float(shifts[1] - shifts[0])
    crowds, crowd = np.unique(np.round(np.log2(strangers)), return_inverse=True)
    span = bulk[0] + float(shifts[0]), bulk[1] + float(shifts[-1])
    counts = lag_histograms(x, cuts, y, crowd, span, step, len(crowds))
    density = law.density(np.arange(bulk[0] + step / 2, bulk[1], step))
    told = [np.log1p(0.9 * density / 2.0**level) for level in crowds]
    gains = np.zeros((len(cuts) - 1, len(shifts)))
    for gain, of_block in zip(gains, counts, strict=True):
        for level in np.flatnonzero(of_block.any(axis=1)):
            part = np.correlate(of_block[level], told[level], mode="valid")[: len(shifts)]
            gain[: len(part)] += part
            gain[len(part) :] += part[-1]
    return gains
