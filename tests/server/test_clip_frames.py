"""Clips taken apart for the review, and boxes followed through them."""

import numpy as np
import pytest

from tapal_server.models import footage
from tapal_server.models.following import followed, proposed
from tapal_server.models.footage import FilmError
from tapal_server.models.propagating import ReviewBox, overlap
from tests.support.walking import SIZE, walker


def box(place, label: str = "person") -> ReviewBox:
    x1, y1, x2, y2 = place
    return ReviewBox(label=label, x1=x1, y1=y1, x2=x2, y2=y2)


def test_frames_to_label_lie_half_a_second_apart_and_repeats_are_left_out() -> None:
    film, _ = walker(30, stands_from=11)
    found = footage.shots(film)
    assert [(shot.number, shot.at_s) for shot in found] == [(0, 0.0), (5, 0.5), (10, 1.0), (15, 1.5)]
    assert all(shot.jpeg.startswith(b"\xff\xd8") and shot.jpeg.endswith(b"\xff\xd9") for shot in found)


def test_a_picture_of_a_clip_shows_its_frame() -> None:
    import cv2

    film, places = walker(6)
    shot = footage.shots(film)[1]
    picture = cv2.imdecode(np.frombuffer(shot.jpeg, np.uint8), cv2.IMREAD_COLOR)
    assert picture.shape[:2] == SIZE[::-1]
    empty = cv2.imdecode(np.frombuffer(footage.shots(film)[0].jpeg, np.uint8), cv2.IMREAD_COLOR)
    changed = np.abs(picture.astype(int) - empty).max(axis=2) > 60
    columns = np.flatnonzero(changed.any(axis=0)) / SIZE[0]
    assert columns.min() == pytest.approx(places[0][0], abs=0.03)
    assert columns.max() == pytest.approx(places[5][2], abs=0.03)


@pytest.mark.parametrize(
    "film",
    [
        pytest.param(b"", id="empty"),
        pytest.param(b"\x00\x00\x00\x18ftypisom" + b"\x00" * 400, id="no-film"),
        pytest.param(walker(10)[0][:900], id="cut-short"),
    ],
)
def test_a_clip_that_cannot_be_read_is_refused(film: bytes) -> None:
    with pytest.raises(FilmError):
        footage.shots(film)


def test_a_box_is_followed_by_its_looks_both_ways() -> None:
    film, places = walker(30)
    frames = footage.greys(film)
    found = followed(frames, [], {12: (box(places[12]),)})
    assert set(found) == set(range(30)) - {12}
    for number, boxes in found.items():
        (one,) = boxes
        assert overlap(one, box(places[number])) > 0.7, number


def test_what_the_edge_saw_there_is_taken_for_the_thing_itself() -> None:
    film, places = walker(10)
    seen = [(box((x1 - 0.02, y1, x2, y2 + 0.02)), box((0.8, 0.1, 0.9, 0.3))) for x1, y1, x2, y2 in places]
    found = followed(footage.greys(film), seen, {0: (box(places[0]),)})
    assert set(found.values()) == {(seen[n][0],) for n in range(1, 10)}
    others = [tuple(ReviewBox(label="boat", x1=a.x1, y1=a.y1, x2=a.x2, y2=a.y2) for a in one) for one in seen]
    for number, boxes in followed(footage.greys(film), others, {0: (box(places[0]),)}).items():
        assert [one.label for one in boxes] == ["person"], "not of another label"
        assert overlap(boxes[0], box(places[number])) > 0.7


def test_each_frame_asks_the_labelled_one_nearest_to_it() -> None:
    film, places = walker(20)
    other = box((0.7, 0.1, 0.8, 0.4), "boat")
    found = followed(footage.greys(film), [], {0: (box(places[0]),), 19: (box(places[19]), other)})
    assert {len(found[n]) for n in range(1, 10)} == {1}
    assert {len(found[n]) for n in range(10, 19)} == {2}


def test_what_leaves_or_is_too_small_is_not_followed() -> None:
    film, places = walker(30, speed=10)
    found = followed(footage.greys(film), [], {10: (box(places[10]), box((0.5, 0.5, 0.501, 0.501)))})
    assert len(found[11]) == 1
    assert found[29] == (), "it walked out of the picture"
    assert followed(footage.greys(film), [], {}) == {}


def test_what_came_in_since_is_proposed_and_what_was_left_out_is_not() -> None:
    film, places = walker(10)
    post, late = box((0.8, 0.1, 0.9, 0.5)), box((0.6, 0.1, 0.7, 0.3), "boat")
    seen = [(box(place), post, *((late,) if number > 4 else ())) for number, place in enumerate(places)]
    found = proposed(footage.greys(film), seen, {0: (box(places[0]),)})
    assert {number: boxes for number, boxes in found.items() if number < 5} == {
        n: (box(places[n]),) for n in range(1, 5)
    }
    assert all(found[number] == (box(places[number]), late) for number in range(5, 10))
    assert proposed(footage.greys(film), [], {0: (box(places[0]),)}).keys() == set(range(1, 10))
