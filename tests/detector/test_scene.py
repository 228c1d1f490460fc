"""One person at one line, frame by frame."""

from collections.abc import Iterable

import pytest

from tapal_contract.errors import TapalError
from tapal_contract.geometry import LineSpec
from tapal_detector.detections import Detections
from tapal_detector.scene import Scene
from tapal_detector.seen import CrossingSeen, Seen

SIZE = (640, 480)
# Points down the image: its left, seen along the arrow, is the right half of the image.
LINE = LineSpec.model_validate({"id": "gate", "from": [0.5, 0.2], "to": [0.5, 0.8]})


def person(x: float, foot: float, height: float = 100) -> list[float]:
    return [x - height * 0.2, foot - height, x + height * 0.2, foot]


def walk(scene: Scene, path: Iterable[tuple[float, float] | None], fps: float = 7) -> list[Seen]:
    found: list[Seen] = []
    for number, point in enumerate(path):
        boxes = [] if point is None else [person(*point)]
        found += scene.update(Detections.of(boxes, ["person"] * len(boxes)), number / fps)
    return found + scene.finish()


def directions(found: Iterable[Seen]) -> list[str]:
    return [one.direction for one in found if isinstance(one, CrossingSeen)]


def straight(start: float, end: float, steps: int, foot: float = 240) -> list[tuple[float, float]]:
    return [(start + (end - start) * step / steps, foot) for step in range(steps + 1)]


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        pytest.param(straight(200, 440, 20), ["outbound"], id="crosses-once"),
        pytest.param(straight(440, 200, 20), ["inbound"], id="crosses-the-other-way"),
        pytest.param(straight(200, 440, 20, foot=450), [], id="passes-beyond-the-end"),
        pytest.param(straight(200, 440, 20) + straight(440, 200, 20), ["outbound", "inbound"], id="comes-back"),
        pytest.param(straight(200, 310, 15) + straight(310, 200, 15), [], id="turns-round-before-it"),
    ],
)
def test_crossings(path: list[tuple[float, float]], expected: list[str]) -> None:
    assert directions(walk(Scene([LINE], [], SIZE), path)) == expected


def test_time_is_the_moment_on_the_line() -> None:
    crossing = walk(Scene([LINE], [], SIZE), straight(200, 440, 24))[0]
    assert crossing.time_s == pytest.approx(12 / 7, abs=0.02)
    assert (crossing.box[0] + crossing.box[2]) / 2 == pytest.approx(0.5, abs=0.01)


def test_a_line_along_the_edge_of_the_frame_is_refused() -> None:
    hidden = LineSpec.model_validate({"id": "quay", "from": [0.1, 0.995], "to": [0.9, 1.0]})
    with pytest.raises(TapalError, match="line 'quay' lies along the bottom edge"):
        Scene([hidden], [], SIZE)
