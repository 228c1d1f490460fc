"""What one camera makes of people at a line: first the plain cases, then the known miscounts of other counters."""

import random

import numpy as np
import pytest

from tapal_contract.errors import TapalError
from tapal_contract.geometry import LineSpec, ZoneSpec
from tapal_detector.detections import Detections
from tapal_detector.scene import Scene
from tapal_detector.seen import CrossingSeen, VesselSeen, ZoneSeen
from tests.support.walkers import GATE, SIZE, Point, directions, gate_scene, person, straight, walk

ACROSS = straight(200, 440, 20)


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        pytest.param(ACROSS, ["outbound"], id="crosses-once"),
        pytest.param(straight(440, 200, 20), ["inbound"], id="crosses-the-other-way"),
        pytest.param(straight(200, 440, 20, foot=450), [], id="passes-beyond-the-end"),
        pytest.param(ACROSS + straight(440, 200, 20), ["outbound", "inbound"], id="comes-back-and-is-counted-back"),
        pytest.param(straight(200, 310, 15) + straight(310, 200, 15), [], id="turns-round-before-it"),
        pytest.param(straight(200, 440, 7), ["outbound"], id="fast-walker-skips-the-dead-band"),
        pytest.param(
            straight(200, 322, 12) + [(322, 240)] * 70 + straight(322, 200, 12), [], id="stands-on-it-and-leaves"
        ),
        pytest.param(
            [*straight(200, 420, 12), *[(420, 240 + 20 * k) for k in range(12)], *straight(420, 200, 12, foot=460)],
            ["outbound"],
            id="walks-back-round-the-end",
        ),
    ],
)
def test_crossings(path: list[Point], expected: list[str]) -> None:
    assert directions(walk(gate_scene(), path)) == expected


def test_right_to_left_flips_the_direction() -> None:
    flipped = GATE.model_copy(update={"inbound": "right_to_left"})
    assert directions(walk(gate_scene(flipped), ACROSS)) == ["inbound"]


def test_time_is_the_moment_on_the_line_and_the_box_is_that_of_the_nearest_frame() -> None:
    crossing = walk(gate_scene(), straight(200, 450, 25))[0]
    assert crossing.time_s == pytest.approx(12 / 7, abs=0.02)
    assert crossing.frame_time_s == pytest.approx(12 / 7)
    assert (crossing.box[0] + crossing.box[2]) / 2 == pytest.approx(0.5, abs=0.01)


def test_a_line_along_the_edge_of_the_frame_is_refused() -> None:
    hidden = LineSpec.model_validate({"id": "quay", "from": [0.1, 0.995], "to": [0.9, 1.0]})
    with pytest.raises(TapalError, match="line 'quay' lies along the bottom edge"):
        Scene([hidden], [], SIZE)


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        pytest.param(straight(318, 440, 10), ["outbound"], id="cuts-it-and-walks-on"),
        pytest.param(straight(322, 200, 10), ["inbound"], id="the-other-way"),
        pytest.param(straight(324, 440, 10), [], id="walks-off-on-the-side-where-first-seen"),
        pytest.param([(318, 240)] * 20 + straight(318, 440, 10), [], id="stood-there-before"),
        pytest.param([(318, 240)] * 20 + straight(318, 200, 10), [], id="stood-there-and-stays-on-that-side"),
        pytest.param(straight(318, 440, 10) + straight(440, 200, 20), ["outbound", "inbound"], id="and-comes-back"),
    ],
)
def test_who_is_first_seen_on_the_line(path: list[Point], expected: list[str]) -> None:
    """Their side is unknown: it is the one they came from at their pace, if they were seen to cut the line at all."""
    assert directions(walk(gate_scene(), path)) == expected


def test_jitter_on_the_line_is_no_crossing() -> None:
    shaky = random.Random(4)
    path = [(320 + shaky.uniform(-6, 6), 240.0) for _ in range(200)]
    assert directions(walk(gate_scene(), path)) == []


def test_unconfirmed_boxes_never_make_one_track() -> None:
    flicker = [point if number % 3 == 0 else None for number, point in enumerate(straight(200, 440, 60))]
    everywhere = [(float(x), 240.0) if x else None for x in (100, 0, 500, 0, 150, 0, 550, 0)]
    assert directions(walk(gate_scene(), everywhere)) == []
    assert len(directions(walk(gate_scene(), flicker, fps=21))) <= 1


def test_a_tall_person_who_is_larger_than_the_gap_crosses_by_the_foot() -> None:
    flat = LineSpec.model_validate({"id": "gate", "from": [0.2, 0.8], "to": [0.8, 0.8]})
    path: list[Point] = [(320, 300 + 12 * step) for step in range(14)]
    assert directions(walk(gate_scene(flat), path, height=290)) == ["inbound"]


@pytest.mark.parametrize("absent", [1, 2, 3, 5])
def test_absent_frames_at_the_line_do_not_lose_the_crossing(absent: int) -> None:
    path: list[Point | None] = [*ACROSS]
    path[10 : 10 + absent] = [None] * absent
    assert directions(walk(gate_scene(), path)) == ["outbound"]


def test_somebody_lost_at_the_line_and_born_beside_it_is_one_person() -> None:
    first, second = straight(200, 310, 11), straight(345, 460, 11)
    found = walk(gate_scene(), [*first, None, None, None, *second])
    assert directions(found) == ["outbound"]


def test_two_people_who_swap_places_at_the_line_are_both_counted() -> None:
    found = walk(gate_scene(), straight(200, 440, 20), straight(440, 200, 20, foot=262))
    assert sorted(directions(found)) == ["inbound", "outbound"]


def test_a_stopped_car_on_the_line_is_counted_once() -> None:
    scene, shaky, found = gate_scene(), random.Random(1), []
    stops = [*np.linspace(100, 330, 24), *[330 + shaky.uniform(-5, 5) for _ in range(600)], *np.linspace(330, 560, 24)]
    for number, x in enumerate(stops):
        label = shaky.choice(["car", "truck"])
        seen = shaky.random() > 0.2
        boxes = [[x - 90, 180, x + 90, 280]] if seen else []
        found += scene.update(Detections.of(boxes, [label] * len(boxes)), number / 7)
    assert directions(found + scene.finish()) == ["outbound"]


def test_one_car_that_is_also_seen_as_a_truck_is_counted_once() -> None:
    scene, found = gate_scene(), []
    for number, x in enumerate(np.linspace(100, 560, 30)):
        boxes = [[x - 90, 180, x + 90, 280], [x - 88, 181, x + 91, 279]]
        found += scene.update(Detections.of(boxes, ["car", "truck"], [0.8, 0.6]), number / 7)
    assert directions(found + scene.finish()) == ["outbound"]


def test_a_second_looser_box_around_one_person_is_not_a_second_person() -> None:
    scene, found = gate_scene(), []
    for number, (x, foot) in enumerate(ACROSS):
        body = person(x, foot)
        loose = [body[0] - 18, body[1] - 8, body[2] + 10, body[3]]
        found += scene.update(Detections.of([body, loose], ["person"] * 2, [0.8, 0.5]), number / 7)
    assert directions(found + scene.finish()) == ["outbound"]


def test_every_return_is_counted() -> None:
    there_and_back = (ACROSS + straight(440, 200, 20)) * 3
    assert directions(walk(gate_scene(), there_and_back)) == ["outbound", "inbound"] * 3


def test_track_numbers_belong_to_the_scene() -> None:
    numbers = [walk(gate_scene(), ACROSS)[0].track for _ in range(2)]
    assert numbers == [1, 1]


def test_memory_does_not_grow_with_somebody_who_stays_on_the_line() -> None:
    scene = gate_scene()
    walk(scene, straight(200, 320, 12))
    for number in range(800):
        scene.update(Detections.of([person(320, 240)], ["person"]), 10 + number / 7)
    walks = scene._lines[0]._walks
    assert len(walks) == 1
    assert not hasattr(walks[next(iter(walks))], "path")
    assert all(len(one.cuts) <= 2 for one in walks.values())
    assert len(scene.tracks[0].fresh) == 1


def test_tracks_are_forgotten_when_they_end() -> None:
    scene = gate_scene()
    for number in range(50):
        x = 60 + 50 * (number % 10)
        for step in range(3):
            scene.update(Detections.of([person(x, 240)], ["person"]), number * 10 + step / 7)
    scene.update(Detections.none(), 1000)
    assert not scene._lines[0]._walks


def test_a_clock_that_steps_back_neither_fails_nor_counts() -> None:
    scene, found = gate_scene(), []
    for number, (x, foot) in enumerate(ACROSS):
        time_s = number / 7 - (3600 if number > 10 else 0)
        found += scene.update(Detections.of([person(x, foot)], ["person"]), time_s)
    assert directions(found + scene.finish()) == ["outbound"]


COUNTER = ZoneSpec.model_validate(
    {"id": "desk", "kind": "counter", "polygon": [[0.1, 0.2], [0.4, 0.2], [0.4, 0.8], [0.1, 0.8]]}
)


def test_a_crossing_tells_which_zones_were_visited_and_how_long() -> None:
    path = [(20.0, 240.0)] * 3 + straight(20, 150, 10) + [(150.0, 240.0)] * 70 + straight(150, 440, 24)
    crossing = next(one for one in walk(gate_scene(GATE, [COUNTER]), path) if isinstance(one, CrossingSeen))
    assert set(crossing.visited) == {"desk"}
    assert crossing.visited["desk"] == pytest.approx(12, abs=1.5)


def test_a_crossing_without_a_visit_says_so() -> None:
    crossing = walk(gate_scene(GATE, [COUNTER]), straight(560, 330, 20) + straight(330, 280, 5))[0]
    assert isinstance(crossing, CrossingSeen)
    assert crossing.visited == {}


def test_enter_loiter_and_leave() -> None:
    path = straight(20, 150, 12) + [(150.0, 240.0)] * 500 + straight(150, 20, 12)
    events = [one for one in walk(Scene([], [COUNTER], SIZE), path) if isinstance(one, ZoneSeen)]
    assert [one.event for one in events] == ["enter", "loiter", "leave"]
    assert events[1].seconds == pytest.approx(60, abs=0.5)
    assert events[2].seconds > events[1].seconds


BERTH = ZoneSpec.model_validate(
    {"id": "jetty", "kind": "berth", "polygon": [[0.4, 0.3], [0.9, 0.3], [0.9, 0.9], [0.4, 0.9]]}
)


def boat_calls(xs: list[float | None], fps: float = 2) -> list[tuple[str, float]]:
    scene, found = Scene([], [BERTH], SIZE), []
    for number, x in enumerate(xs):
        boxes = [] if x is None else [[x - 60, 200, x + 60, 280]]
        found += scene.update(Detections.of(boxes, ["boat"] * len(boxes)), number / fps)
    found += scene.finish()
    return [(one.event, one.time_s) for one in found if isinstance(one, VesselSeen)]


COMING = [float(x) for x in np.linspace(80, 420, 20)]


def test_a_boat_that_comes_lies_still_and_goes_has_arrived_and_departed() -> None:
    calls = boat_calls([*COMING, *[420.0] * 60, *reversed(COMING)])
    assert [event for event, _ in calls] == ["arrived", "departed"]
    assert calls[0][1] == pytest.approx(10, abs=2)


def test_a_moored_boat_that_is_lost_and_found_is_the_same_boat() -> None:
    gaps: list[float | None] = [*[420.0] * 30, *[None] * 40]
    assert [event for event, _ in boat_calls([*COMING, *gaps * 6])] == ["arrived"]


def test_a_boat_that_vanishes_has_departed_when_it_was_last_seen() -> None:
    calls = boat_calls([*COMING, *[420.0] * 60, *[None] * 200])
    assert [event for event, _ in calls] == ["arrived", "departed"]
    assert calls[1][1] == pytest.approx(79 / 2, abs=0.1)


def test_a_boat_that_lay_there_when_the_camera_started_does_not_arrive() -> None:
    assert [event for event, _ in boat_calls([*[420.0] * 60, *reversed(COMING)])] == ["departed"]


def test_a_boat_that_passes_through_does_not_arrive() -> None:
    assert boat_calls([float(x) for x in np.linspace(80, 560, 40)]) == []
