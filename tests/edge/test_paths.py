"""The way of a track, as it is told with a crossing."""

from collections import Counter

from tapal_contract.events import Crossing
from tapal_detector.seen import CrossingSeen
from tapal_detector.track import Observation, Track
from tapal_edge.messages import Author
from tapal_edge.paths import EVERY_S, POINTS, Paths

SIZE = (200, 100)


def at(number: int, time_s: float, x: float) -> Track:
    seen = Observation(time_s, (x - 5, 40, x + 5, 60), 0.9)
    return Track(number, None, seen, 0.0, Counter({"person": 1}))


def test_a_way_is_told_oldest_first_and_not_at_every_frame():
    paths = Paths()
    for step in range(9):
        paths.note([at(1, step * EVERY_S * 0.6, 20.0 + step)], SIZE)
    assert paths.of(1) == tuple(((20.0 + step) / 200, 0.6) for step in range(0, 9, 2))


def test_a_way_is_short_and_goes_with_its_track():
    paths = Paths()
    for step in range(3 * POINTS):
        paths.note([at(1, float(step), float(step)), at(2, float(step), 50.0)], SIZE)
    assert len(paths.of(1)) == POINTS
    paths.note([at(2, 99.0, 50.0)], SIZE)
    assert paths.of(1) == ()
    assert paths.of(7) == ()


def test_a_crossing_carries_the_way_within_the_frame():
    seen = CrossingSeen(
        time_s=1.0, frame_time_s=1.0, line="gate", direction="inbound", track=1, label="person", confidence=0.9,
        box=(0.1, 0.1, 0.2, 0.9),
    )  # fmt: skip
    author = Author(node="n", boot="01890a5d-ac96-774b-bcce-b302099a8057", site="s", camera="c", model="m@1")
    draft = author.seen(seen, 1000.0, ((-0.01, 0.5), (0.33333, 1.2)))
    assert draft.model is Crossing
    assert draft.fields["path"] == ((0.0, 0.5), (0.3333, 1.0))
