"""Frames are passed over only while nobody can be at a line, and what is counted stays the same."""

from collections.abc import Sequence

import pytest
from hypothesis import given, settings

from tapal_contract.geometry import ZoneSpec
from tapal_detector.detections import Detections
from tapal_detector.rest import Rest
from tapal_detector.scene import Scene
from tapal_detector.seen import CrossingSeen, Seen
from tests.detector.test_properties import grazes, path, stops
from tests.support.walkers import Point, gate_scene, person, walk

FPS = 10
REST_S = 0.5
LINE_X = 320


def looked_at(scene: Scene, points: Sequence[Point], rest_fps: float = 1 / REST_S) -> tuple[list[Seen], list[int]]:
    """What is seen when frames are passed over, and the frames that were not."""
    rest, found, looks = Rest(rest_fps), [], []
    for number, point in enumerate(points):
        if rest.passes_over(number / FPS):
            continue
        looks.append(number)
        found += scene.update(Detections.of([person(*point)], ["person"]), number / FPS)
        rest.looked(number / FPS, scene)
    return found + scene.finish(), looks


@pytest.mark.parametrize(
    ("x", "speed", "least", "most"),
    [
        pytest.param(20, 0, REST_S, REST_S, id="stands-far-away"),
        pytest.param(312, 0, 0, 0, id="stands-at-the-line"),
        pytest.param(60, 360, 0.0, 0.3, id="runs-towards-it"),
        pytest.param(400, 240, REST_S, REST_S, id="walks-off-beyond-it"),
    ],
)
def test_how_long_nobody_can_come_to_the_line(x: float, speed: float, least: float, most: float) -> None:
    scene = gate_scene()
    for number in range(6):
        at = x + speed * number / FPS
        scene.update(Detections.of([person(at, 240)], ["person"]), number / FPS)
    assert least <= scene.calm_s(REST_S) <= most


def test_who_has_only_just_appeared_may_be_fast() -> None:
    known, new = gate_scene(), gate_scene()
    for number in range(6):
        known.update(Detections.of([person(200, 240)], ["person"]), number / FPS)
    new.update(Detections.of([person(200, 240)], ["person"]), 0.5)
    assert new.calm_s(5) < known.calm_s(5)


def test_an_empty_scene_is_calm_and_edges_of_zones_count_but_those_of_berths_do_not() -> None:
    corner = [[0.05, 0.4], [0.2, 0.4], [0.2, 0.6], [0.05, 0.6]]
    calm = {}
    for kind in ("counter", "berth"):
        scene = Scene([], [ZoneSpec.model_validate({"id": "z", "kind": kind, "polygon": corner})], (640, 480))
        assert scene.calm_s(REST_S) == REST_S
        for number in range(3):
            scene.update(Detections.of([person(128, 240)], ["person"]), number / FPS)
        calm[kind] = scene.calm_s(REST_S)
    assert calm == {"counter": 0.0, "berth": REST_S}


def test_looks_are_far_apart_far_from_the_line_and_close_together_at_it() -> None:
    steps = 80
    points = [(20 + 600 * step / steps, 240.0) for step in range(steps + 1)]
    found, looks = looked_at(gate_scene(), points)
    assert [one.direction for one in found if isinstance(one, CrossingSeen)] == ["outbound"]
    at_the_line = [number for number in looks if abs(points[number][0] - LINE_X) < 10]
    assert at_the_line == list(range(at_the_line[0], at_the_line[-1] + 1))
    assert len(looks) < steps / 2


def test_time_that_steps_back_is_looked_at() -> None:
    rest, scene = Rest(2), gate_scene()
    assert not rest.passes_over(10.0)
    rest.looked(10.0, scene)
    assert rest.passes_over(10.1)
    assert not rest.passes_over(3.0)


@settings(max_examples=20, deadline=None)
@given(stops)
def test_passing_frames_over_changes_no_count(corners: list[Point]) -> None:
    if grazes(corners):
        return
    points = path(corners, FPS)
    every = [one for one in walk(gate_scene(), points, fps=FPS) if isinstance(one, CrossingSeen)]
    some, _ = looked_at(gate_scene(), points)
    rested = [one for one in some if isinstance(one, CrossingSeen)]
    assert [one.direction for one in rested] == [one.direction for one in every]
    assert all(abs(a.time_s - b.time_s) < 0.1 for a, b in zip(rested, every, strict=True))
