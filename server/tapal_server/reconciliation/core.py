"""Two agencies' records of one checkpoint, paired one to one; pure values, no database.

A document that both name pairs first. What is left pairs by direction and nearness in time, unless it names different
voyages or different documents. Both steps choose the pairs that together differ least.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import exp
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_array, csr_array
from scipy.sparse.csgraph import connected_components, min_weight_full_bipartite_matching

__all__ = ["Comparison", "Entry", "Pair", "compare", "time_cost"]

DOCUMENT_WITHIN_S = 12 * 3600.0  # the same document later than this is another passage
PERSONS_COST = 0.25
ALONE = 1.0  # a record left alone costs this
SCALE_S = 60.0  # two clerks usually write a passage down so far apart; a few times as far is nearly as good as alone
LEAST_DOCUMENTS = 5  # so many common documents tell how far the two clocks are apart
_UNITS = 25 * 43_200  # of cost in that of a record left alone: a second between documents is 25 of them
_OFFSET = 1.0  # a weight of zero would be no edge

Floats = NDArray[np.float64]
Places = NDArray[np.int_]
Cost = Callable[["Entry", "Entry"], float | None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """What is compared of a record; `time` in UTC seconds."""

    id: str
    time: float
    direction: str
    persons: int = 1
    voyage_id: str | None = None
    document_hash: str | None = None


@dataclass(frozen=True, slots=True)
class Pair:
    """Two records of one passage, by the document both name or by time alone."""

    first: Entry
    second: Entry
    by: Literal["document", "time"]

    @property
    def seconds(self) -> float:
        """How much later the second says it was."""
        return self.second.time - self.first.time

    @property
    def persons(self) -> int:
        """How many more persons the second says."""
        return self.second.persons - self.first.persons


@dataclass(frozen=True, slots=True)
class Comparison:
    """What both have, and what only one has, each in order of time; `skew_s` is how far the second clock is ahead."""

    pairs: tuple[Pair, ...]
    only_first: tuple[Entry, ...]
    only_second: tuple[Entry, ...]
    skew_s: float = 0.0


def compare(first: Sequence[Entry], second: Sequence[Entry], *, within_s: float) -> Comparison:
    """Pair two logs; without a common document, records pair up to `within_s` apart.

    What the clocks of both differ by, as their common documents tell, is not counted against a pair.
    """
    skew = 0.0

    def timed(one: Entry, other: Entry) -> float | None:
        apart = abs(other.time - one.time - skew)
        if apart > within_s or _differ(one.voyage_id, other.voyage_id):
            return None
        if _differ(one.document_hash, other.document_hash):
            return None
        return time_cost(apart) + (PERSONS_COST if one.persons != other.persons else 0.0)

    pairs: list[Pair] = []
    left, right = sorted(first, key=_order), sorted(second, key=_order)
    for by, cost, reach in (("document", _by_document, DOCUMENT_WITHIN_S), ("time", timed, within_s)):
        found = _assigned(left, right, cost, reach + abs(skew), same_document=by == "document")
        pairs += [Pair(left[i], right[j], "document" if by == "document" else "time") for i, j in found]
        if by == "document" and len(pairs) >= LEAST_DOCUMENTS:
            skew = float(np.median([pair.seconds for pair in pairs]))
        gone_left, gone_right = {i for i, _ in found}, {j for _, j in found}
        left = [one for i, one in enumerate(left) if i not in gone_left]
        right = [one for j, one in enumerate(right) if j not in gone_right]
    pairs.sort(key=lambda pair: _order(pair.first))
    return Comparison(tuple(pairs), tuple(left), tuple(right), skew)


def time_cost(apart_s: float) -> float:
    """What it costs that two records are so far apart.

    It grows ever more slowly: otherwise one record too many would shift a whole queue of pairs by one.
    """
    return 1.5 * (1.0 - exp(-apart_s / SCALE_S))


def _by_document(one: Entry, other: Entry) -> float | None:
    apart = abs(one.time - other.time)
    return None if apart > DOCUMENT_WITHIN_S else apart / DOCUMENT_WITHIN_S


def _differ(one: str | None, other: str | None) -> bool:
    return one is not None and other is not None and one != other


def _order(entry: Entry) -> tuple[float, str]:
    return entry.time, entry.id


def _assigned(
    left: Sequence[Entry], right: Sequence[Entry], cost: Cost, reach: float, *, same_document: bool
) -> list[tuple[int, int]]:
    """Places of the pairs that together cost least, where everybody may also stay alone."""
    rows, columns, weights = list[int](), list[int](), list[float]()
    places: dict[tuple[str, str | None], list[int]] = {}
    for j, other in enumerate(right):
        if not same_document or other.document_hash is not None:
            places.setdefault((other.direction, other.document_hash if same_document else None), []).append(j)
    times = {key: np.array([right[j].time for j in found]) for key, found in places.items()}
    for i, one in enumerate(left):
        key = (one.direction, one.document_hash if same_document else None)
        if key not in places or (same_document and one.document_hash is None):
            continue
        low, high = np.searchsorted(times[key], (one.time - reach, one.time + reach), side="left")
        for j in places[key][low : high + 1]:
            weight = cost(one, right[j])
            if weight is not None:
                rows.append(i)
                columns.append(j)
                weights.append(weight)
    return _matched(np.array(rows, int), np.array(columns, int), np.array(weights), len(left), len(right))


def _matched(rows: Places, columns: Places, weights: Floats, n: int, m: int) -> list[tuple[int, int]]:
    if not len(rows):
        return []
    links = coo_array((np.ones(len(rows)), (rows, columns + n)), shape=(n + m, n + m))
    _, block = connected_components(links, directed=False)
    found: list[tuple[int, int]] = []
    order = np.argsort(block[rows], kind="stable")
    for part in np.split(order, np.flatnonzero(np.diff(block[rows][order])) + 1):
        found += _solve(rows[part], columns[part], weights[part])
    return sorted(found)


def _solve(rows: Places, columns: Places, weights: Floats) -> list[tuple[int, int]]:
    """One block. Each record also has a stand-in it may pair with, so that a full matching always exists.

    Costs are whole numbers: scipy's matching lowers prices by differences of costs, and one that rounding makes too
    small to change a price is taken off for ever (three records of a document beside two were enough).
    """
    left, i = np.unique(rows, return_inverse=True)
    right, j = np.unique(columns, return_inverse=True)
    n, m, whole = len(left), len(right), np.rint(weights * _UNITS)
    graph = csr_array(
        coo_array(
            (
                np.concatenate([whole, np.full(n + m, ALONE * _UNITS), np.zeros(len(rows))]) + _OFFSET,
                (
                    np.concatenate([i, np.arange(n), n + np.arange(m), n + j]),
                    np.concatenate([j, m + np.arange(n), np.arange(m), m + i]),
                ),
            ),
            shape=(n + m, m + n),
        )
    )
    at, to = min_weight_full_bipartite_matching(graph)
    return [(int(left[a]), int(right[b])) for a, b in zip(at, to, strict=True) if a < n and b < m]
