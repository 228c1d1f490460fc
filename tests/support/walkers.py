"""People drawn as boxes, walking past lines."""

from collections.abc import Iterable, Sequence

from tapal_contract.geometry import LineSpec, ZoneSpec
from tapal_detector.detections import Detections
from tapal_detector.scene import Scene
from tapal_detector.seen import CrossingSeen, Seen

SIZE = (640, 480)
Point = tuple[float, float]
# The arrow points down the image, so its left is the right half of the image: walking right is outbound.
GATE = LineSpec.model_validate({"id": "gate", "from": [0.5, 0.2], "to": [0.5, 0.8]})


def person(x: float, foot: float, height: float = 100) -> list[float]:
    """The box of somebody who stands at a point."""
    return [x - height * 0.2, foot - height, x + height * 0.2, foot]


def straight(start: float, end: float, steps: int, foot: float = 240) -> list[Point]:
    """A walk along a row of the image."""
    return [(start + (end - start) * step / steps, foot) for step in range(steps + 1)]


def walk(scene: Scene, *paths: Sequence[Point | None], fps: float = 7, height: float = 100) -> list[Seen]:
    """Several people at once; None is a frame in which one is not seen."""
    found: list[Seen] = []
    for number in range(max(map(len, paths))):
        at = [path[number] for path in paths if number < len(path)]
        boxes = [person(*point, height) for point in at if point is not None]
        found += scene.update(Detections.of(boxes, ["person"] * len(boxes)), number / fps)
    return found + scene.finish()


def gate_scene(line: LineSpec = GATE, zones: Sequence[ZoneSpec] = ()) -> Scene:
    """A scene with one line."""
    return Scene([line], zones, SIZE)


def directions(found: Iterable[Seen]) -> list[str]:
    """The directions of the crossings among what was seen."""
    return [one.direction for one in found if isinstance(one, CrossingSeen)]
