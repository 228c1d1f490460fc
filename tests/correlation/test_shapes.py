"""The compiled fit of a delay law's shape."""

import numpy as np
import pytest

from tapal_server.correlation.law import lognormal_mass
from tapal_server.correlation.shapes import fitted_shapes


@pytest.mark.parametrize("sign", [pytest.param(1.0, id="records-after"), pytest.param(-1.0, id="records-before")])
def test_the_shape_from_the_right_start_fits_best_and_is_the_law(sign: float) -> None:
    edges, starts = np.linspace(-100.0, 100.0, 201), np.array([-20.0, 0.0, 5.0, 9.0])
    law = lognormal_mass(sign * edges[:: int(sign)], 20.0, 0.4, 5.0)[:: int(sign)]
    shapes, fits = fitted_shapes(edges, 1000.0 * law, np.full(200, 1 / 200), sign * starts)
    assert int(np.argmax(fits)) == 2
    assert shapes.sum(axis=1) == pytest.approx(np.ones(4))
    assert np.abs(shapes[2] - law).max() < 0.002


def test_a_side_with_next_to_nobody_is_none_of_the_shape() -> None:
    edges = np.linspace(-50.0, 50.0, 101)
    counts = 1000.0 * lognormal_mass(edges, 10.0, 0.4)
    counts[40] += 20.0
    shapes, _ = fitted_shapes(edges, counts, np.full(100, 0.01), np.array([0.0]))
    assert not shapes[0, :50].any()
