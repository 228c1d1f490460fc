"""Exact marginals by enumeration over sets of records: the oracle for tests, exponential in the records."""

import numpy as np
from numpy.typing import NDArray

LIMIT = 14


def alone(weights: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return P(alone) of each crossing for a dense weight matrix of crossings by records."""
    crossings, records = weights.shape
    if records > LIMIT:
        raise ValueError(f"exact enumeration takes at most {LIMIT} records, not {records}")
    whole = _total(weights)
    return np.array([_total(np.delete(weights, row, axis=0)) / whole for row in range(crossings)])


def _total(weights: NDArray[np.float64]) -> float:
    """Sum the weight of all matchings, one crossing at a time over the sets of records in use."""
    sums = {0: 1.0}
    for row in weights:
        following = dict(sums)
        for used, weight in sums.items():
            for record, factor in enumerate(row):
                if factor > 0 and not used >> record & 1:
                    key = used | 1 << record
                    following[key] = following.get(key, 0.0) + weight * float(factor)
        sums = following
    return sum(sums.values())
