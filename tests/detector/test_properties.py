"""What must hold for every walk: mirrored, reversed, sampled at another rate, or shaken within the dead band."""

from itertools import pairwise
from math import cos, pi, sin
from random import Random

from hypothesis import given, settings
from hypothesis import strategies as st

from tapal_contract.geometry import LineSpec
from tapal_detector.scene import Scene
from tapal_detector.seen import CrossingSeen, Seen
from tests.support.walkers import GATE, SIZE, Point, directions, gate_scene, walk

FPS = 7
HEIGHT = 100
SWAP = {"inbound": "outbound", "outbound": "inbound"}

# Stops well off the line, left and right of it, within the reach of the drawn segment or beyond its end.
stops = st.lists(
    st.tuples(st.sampled_from([140.0, 220.0, 420.0, 500.0]), st.sampled_from([180.0, 260.0, 330.0, 460.0])),
    min_size=2,
    max_size=5,
)


def path(corners: list[Point], fps: float, speed: float = 90) -> list[Point]:
    """A walk from stop to stop at even speed, pausing a second at each."""
    points: list[Point] = []
    for (x, y), (u, v) in pairwise(corners):
        steps = max(1, round(((u - x) ** 2 + (v - y) ** 2) ** 0.5 / speed * fps))
        points += [(x, y)] * round(fps)
        points += [(x + (u - x) * k / steps, y + (v - y) * k / steps) for k in range(steps)]
    return points + [corners[-1]] * round(fps)


def told(found: list[Seen]) -> list[tuple[str, float]]:
    return [(one.direction, one.time_s) for one in found if isinstance(one, CrossingSeen)]


def grazes(corners: list[Point]) -> bool:
    """Whether some leg cuts the line within a few pixels of its end, where shaking may rightly change the answer."""
    for (x, y), (u, v) in pairwise(corners):
        if (x < 320) != (u < 320):
            cut = y + (v - y) * (320 - x) / (u - x)
            if abs(cut - 384) < 25 or abs(cut - 96) < 25:
                return True
    return False


@settings(max_examples=20, deadline=None)
@given(stops)
def test_mirrored_walks_give_mirrored_events(corners: list[Point]) -> None:
    mirrored = [(SIZE[0] - x, y) for x, y in corners]
    plain, other = told(walk(gate_scene(), path(corners, FPS))), told(walk(gate_scene(), path(mirrored, FPS)))
    assert [(SWAP[one], round(at, 3)) for one, at in plain] == [(one, round(at, 3)) for one, at in other]


@settings(max_examples=20, deadline=None)
@given(stops)
def test_reversed_walks_give_reversed_events(corners: list[Point]) -> None:
    if grazes(corners):
        return
    walked = path(corners, FPS)
    there, back = told(walk(gate_scene(), walked)), told(walk(gate_scene(), walked[::-1]))
    assert [one for one, _ in back] == [SWAP[one] for one, _ in reversed(there)]
    lasts = (len(walked) - 1) / FPS
    assert all(abs(lasts - a - b) < 0.2 for (_, a), (_, b) in zip(reversed(there), back, strict=True))


@settings(max_examples=15, deadline=None)
@given(stops, st.sampled_from([5.0, 10.0, 15.0, 25.0]))
def test_another_rate_gives_the_same_events(corners: list[Point], fps: float) -> None:
    if grazes(corners):
        return
    plain = told(walk(gate_scene(), path(corners, FPS)))
    other = told(walk(gate_scene(), path(corners, fps), fps=fps))
    assert [one for one, _ in plain] == [one for one, _ in other]
    # Each stop lasts a whole number of frames, so the walks drift apart by part of a frame at every leg.
    assert all(abs(a - b) < 0.5 for (_, a), (_, b) in zip(plain, other, strict=True))


@settings(max_examples=15, deadline=None)
@given(stops, st.randoms(use_true_random=False))
def test_jitter_within_the_dead_band_gives_the_same_events(corners: list[Point], shaky: Random) -> None:
    if grazes(corners):
        return
    shaken = [(x + shaky.uniform(-3, 3), y + shaky.uniform(-3, 3)) for x, y in path(corners, FPS)]
    other, plain = told(walk(gate_scene(), shaken)), told(walk(gate_scene(), path(corners, FPS)))
    assert [one for one, _ in other] == [one for one, _ in plain]
    assert all(abs(a - b) < 0.2 for (_, a), (_, b) in zip(plain, other, strict=True))


@settings(max_examples=15, deadline=None)
@given(stops, st.floats(0, 2 * pi))
def test_a_place_turned_by_any_angle_gives_the_same_events(corners: list[Point], angle: float) -> None:
    if grazes(corners):
        return
    side, c, s = 1280.0, cos(angle), sin(angle)

    def turned(point: Point) -> Point:
        x, y = point[0] - 320, point[1] - 240
        return side / 2 + c * x - s * y, side / 2 + s * x + c * y

    ends = [turned((320, 96)), turned((320, 384))]
    shares = [[x / side, y / side] for x, y in ends]
    line = LineSpec.model_validate({"id": "gate", "from": shares[0], "to": shares[1]})
    scene = Scene([line], [], (int(side), int(side)))
    walked = [turned(point) for point in path(corners, FPS)]
    other, plain = told(walk(scene, walked)), told(walk(gate_scene(), path(corners, FPS)))
    assert [one for one, _ in other] == [one for one, _ in plain]
    assert all(abs(a - b) < 0.05 for (_, a), (_, b) in zip(plain, other, strict=True))


@settings(max_examples=15, deadline=None)
@given(stops)
def test_upside_down_walks_give_mirrored_events(corners: list[Point]) -> None:
    flipped = [(x, SIZE[1] - y) for x, y in corners]
    line = LineSpec.model_validate({"id": "gate", "from": [0.5, 0.8], "to": [0.5, 0.2]})
    plain, other = told(walk(gate_scene(), path(corners, FPS))), told(walk(gate_scene(line), path(flipped, FPS)))
    assert [(SWAP[one], round(at, 3)) for one, at in plain] == [(one, round(at, 3)) for one, at in other]


@settings(max_examples=15, deadline=None)
@given(stops)
def test_turning_the_arrow_swaps_the_directions(corners: list[Point]) -> None:
    turned = LineSpec.model_validate({"id": "gate", "from": list(GATE.to), "to": list(GATE.from_)})
    plain = directions(walk(gate_scene(), path(corners, FPS)))
    assert directions(walk(gate_scene(turned), path(corners, FPS))) == [SWAP[one] for one in plain]
