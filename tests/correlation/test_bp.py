"""Belief propagation against exact enumeration on small blocks."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tapal_server.correlation import bp, exact


def marginals(weights):
    crossing, record = np.nonzero(weights)
    edges = bp.Edges(crossing, record, weights[crossing, record], *weights.shape)
    return bp.propagate(edges, tolerance=1e-8, rounds=2000)


@pytest.mark.parametrize(
    ("weights", "alone"),
    [
        pytest.param([[3.0]], [0.25], id="one-pair"),
        pytest.param([[1.0], [1.0]], [2 / 3, 2 / 3], id="two-share-one-record"),
        pytest.param([[9.0, 0.0], [0.0, 1.0]], [0.1, 0.5], id="two-apart"),
        pytest.param([[0.0]], [1.0], id="nothing-fits"),
    ],
)
def test_alone_on_trees_is_exact(weights, alone):
    weights = np.array(weights)
    assert marginals(weights).crossing_alone == pytest.approx(alone, abs=1e-6)
    assert exact.alone(weights) == pytest.approx(alone)


@settings(deadline=None, max_examples=50)
@given(st.integers(1, 5), st.integers(1, 5), st.integers(0, 2**32 - 1))
def test_alone_is_near_exact_on_small_blocks(crossings, records, seed):
    rng = np.random.default_rng(seed)
    weights = np.exp(rng.normal(1.0, 2.0, (crossings, records)))
    assert marginals(weights).crossing_alone == pytest.approx(exact.alone(weights), abs=0.12)


def test_candidates_are_the_pairs_in_the_window():
    x, y = np.array([0.0, 10.0, 30.0]), np.array([5.0, 12.0, 90.0])
    crossing, record = bp.candidates(x, y, 0.0, 10.0)
    assert list(zip(crossing, record, strict=True)) == [(0, 0), (1, 1)]


def test_no_edges_leaves_all_alone():
    empty = np.zeros(0, dtype=np.intp)
    result = bp.propagate(bp.Edges(empty, empty, np.zeros(0), 2, 1))
    assert result.crossing_alone.tolist() == [1.0, 1.0]


def test_exact_refuses_large_blocks():
    with pytest.raises(ValueError, match="at most"):
        exact.alone(np.ones((2, 20)))
