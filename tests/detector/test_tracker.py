import numpy as np
import pytest

from tapal_detector.detections import Detections
from tapal_detector.tracker import Tracker


def box(x: float, y: float = 100) -> list[float]:
    return [x, y, x + 40, y + 100]


@pytest.mark.parametrize("fps", [3, 7, 25])
def test_two_people_who_meet_keep_their_tracks_at_any_rate(fps: int) -> None:
    tracker, ids = Tracker(), []
    for number in range(4 * fps):
        shift = 60 * number / fps
        tracks = tracker.update(Detections.of([box(100 + shift), box(330 - shift, 140)], ["person"] * 2), number / fps)
        if tracks:
            ids.append([track.id for track in sorted(tracks, key=lambda track: track.id)])
    assert ids[-1] == ids[0]


def test_an_unsure_box_continues_a_track_but_starts_none() -> None:
    tracker = Tracker()
    sure = [0.9, 0.9, 0.2, 0.2, 0.2]
    for number, confidence in enumerate(sure):
        tracks = tracker.update(Detections.of([box(100)], ["person"], [confidence]), number / 7)
    assert [track.id for track in tracks] == [1]
    other = Tracker()
    assert not any(other.update(Detections.of([box(100)], ["person"], [0.2]), number / 7) for number in range(9))


def test_skipped_frames_do_not_lose_a_walker() -> None:
    tracker, seen = Tracker(), set()
    for number in [0, 1, 2, 3, 4, 9, 10, 14, 15, 20]:
        tracks = tracker.update(Detections.of([box(100 + 10 * number)], ["person"]), number / 7)
        seen |= {track.id for track in tracks}
    assert seen == {1}


def test_a_track_is_not_taken_over_by_somebody_far_away() -> None:
    tracker = Tracker()
    for number in range(5):
        tracker.update(Detections.of([box(100)], ["person"]), number / 7)
    for number in range(8, 12):
        tracks = tracker.update(Detections.of([box(500)], ["person"]), number / 7)
    assert [track.id for track in tracks] == [2]


def test_a_person_is_never_continued_by_a_boat() -> None:
    tracker = Tracker()
    for number in range(8):
        tracks = tracker.update(Detections.of([box(100)], ["person" if number < 4 else "boat"]), number / 7)
    assert [(track.id, track.label) for track in tracks] == [(2, "boat")]


def test_ended_tracks_are_told_once() -> None:
    tracker = Tracker()
    for number in range(3):
        tracker.update(Detections.of([box(100)], ["person"]), number / 7)
    tracker.update(Detections.none(), 60)
    assert [track.id for track in tracker.take_ended()] == [1]
    assert tracker.finish() == []


def test_reported_boxes_follow_the_detections_without_lag() -> None:
    tracker = Tracker()
    for number in range(20):
        tracks = tracker.update(Detections.of([box(100 + 12 * number)], ["person"]), number / 7)
    np.testing.assert_allclose(tracks[0].last.box, box(100 + 12 * 19), atol=2)


def test_who_walks_in_fast_at_the_edge_and_grows_stays_one_track() -> None:
    """Boxes of somebody near the camera, taken from a recording, whose box grew faster than any filter expects."""
    boxes = [
        [141, 339, 287, 431],
        [189, 301, 321, 431],
        [155, 271, 350, 429],
        [178, 234, 427, 428],
        [200, 196, 467, 428],
        [214, 168, 501, 428],
        [234, 148, 528, 428],
    ]
    tracker = Tracker(frame_size=(768, 432))
    for number, corners in enumerate(boxes):
        tracks = tracker.update(Detections.of([corners], ["person"]), number / 10)
    assert [track.id for track in tracks] == [1]
