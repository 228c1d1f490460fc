"""Crossings that were counted beside those that truly happened, each marked with when and what it was."""

from collections.abc import Sequence
from pathlib import Path
from typing import Literal

import numpy as np
import yaml

from tapal_contract.errors import TapalError
from tapal_contract.geometry import LineSpec
from tapal_models import metrics
from tapal_models.metrics import Score

TOLERANCE_S = 0.5
STRETCH_S = 10.0
"""Crossings are resampled by stretches of this length: people come in groups, and one is not as good as another."""
Marks = list[tuple[float, Literal["right", "wrong", "missed"]]]
"""When what happened."""


def total(marks: Marks) -> Score:
    """How many of each."""
    kinds = [kind for _, kind in marks]
    return Score(kinds.count("right"), kinds.count("wrong"), kinds.count("missed"))


def by_stretch(marks: Marks, stretches: int) -> metrics.Table:
    """Right, said and true crossings of each stretch of time."""
    table = np.zeros((stretches, 3), np.int64)
    for at, kind in marks:
        table[int(at // STRETCH_S)] += (kind == "right", kind != "missed", kind != "wrong")
    return table


Moments = dict[str, list[tuple[float, str]]]


def read_crossings(path: Path) -> tuple[float, tuple[LineSpec, ...], Moments]:
    """Frames a second, lines, and (seconds, direction) of each line's crossings.

    Raises:
        TapalError: the file is missing or not of that form.
    """
    try:
        content = yaml.safe_load(path.read_text(encoding="utf-8"))
        fps = float(content["fps"])
        if "crossings" in content:
            lines = tuple(LineSpec.model_validate(line) for line in content["lines"])
            listed = [(one["line"], one) for one in content["crossings"]]
        else:
            lines = tuple(
                LineSpec.model_validate({"id": one["line"], "from": one["from"], "to": one["to"]})
                for one in content["lines"]
            )
            listed = [(line["line"], one) for line in content["lines"] for one in line["crossings"]]
        truth: Moments = {line.id: [] for line in lines}
        for line, one in listed:
            truth[line].append((float(one["frame"]) / fps, str(one["direction"])))
    except (OSError, yaml.YAMLError, KeyError, TypeError, ValueError) as error:
        raise TapalError(
            f"crossings {str(path)!r} are not fps, lines, and crossings with line, frame and direction ({error}): "
            "correct them"
        ) from error
    return fps, lines, truth


def match(counted: Sequence[tuple[float, str]], happened: Sequence[tuple[float, str]]) -> Score:
    """How many counted crossings are right and wrong, and how many are missed."""
    return total(marked(counted, happened))


def marked(counted: Sequence[tuple[float, str]], happened: Sequence[tuple[float, str]]) -> Marks:
    """Give each counted crossing the nearest unused true one of its direction within half a second.

    What is right or missed is marked at the time when it truly happened, what is wrong when it was counted.
    """
    free, marks = list(happened), Marks()
    for moment, direction in sorted(counted):
        near = [one for one in free if one[1] == direction and abs(one[0] - moment) <= TOLERANCE_S]
        if near:
            true = min(near, key=lambda one: abs(one[0] - moment))
            free.remove(true)
            marks.append((true[0], "right"))
        else:
            marks.append((moment, "wrong"))
    return marks + [(moment, "missed") for moment, _ in free]


def one_after_the_other(scenes: Sequence[Sequence[Marks]]) -> tuple[Marks, Marks]:
    """As if each scene began with the stretch of time after the last of the one before."""
    joined: tuple[Marks, Marks] = ([], [])
    begins = 0.0
    for both in scenes:
        for marks, so_far in zip(both, joined, strict=True):
            so_far += [(begins + at, kind) for at, kind in marks]
        begins += stretches_of(both) * STRETCH_S
    return joined


def stretches_of(both: Sequence[Marks]) -> int:
    """How many stretches of time they reach over."""
    return 1 + max((int(at // STRETCH_S) for one in both for at, _ in one), default=0)
