"""The recorded gates that the project does not ship: floors relative to a reference that is told the truth."""

from pathlib import Path

import pytest

from benchmarks.correlation import Outcome, cases, run

pytestmark = pytest.mark.shared


def outcome(shared: Path, name: str, tmp_path: Path) -> Outcome:
    if not (shared / "data" / "gates" / name / "truth.json").is_file():
        pytest.skip(f"no recording of the gate {name}")
    return next(run(case) for case in cases([], [], tmp_path) if case.name == f"gates/{name}")


@pytest.mark.parametrize("name", ["lane", "ferry"])
def test_ranks_nearly_as_well_as_one_who_knows_the_gate(shared: Path, name: str, tmp_path: Path) -> None:
    found = outcome(shared, name, tmp_path)
    assert found.ours.ap >= 0.95 * found.reference.ap
    assert found.ours.ap > 4 * found.greedy_ap
    assert found.ours.ece <= 0.02
    if (found.reference.precision or 0.0) >= 0.7:
        assert (found.ours.precision or 0.0) >= 0.7


def test_a_gate_with_nobody_unlogged_stays_silent(shared: Path, tmp_path: Path) -> None:
    found = outcome(shared, "quiet", tmp_path)
    assert found.ours.raised_per_day <= 0.1
