from pathlib import Path

import cv2
import numpy as np
import pytest

from tapal_detector.catalogue import find
from tapal_detector.detections import Detections
from tapal_detector.detector import Detector
from tapal_edge.picture import Look, snapshot
from tapal_edge.privacy import SQUARES_AT_MOST, blur_heads, head_of


def noise(height: int = 200, width: int = 300) -> np.ndarray:
    return np.random.default_rng(1).integers(0, 256, (height, width, 3), np.uint8)


def details(image: np.ndarray, head: tuple[int, int, int, int]) -> int:
    left, top, right, low = head
    return len(np.unique(image[top:low, left:right].reshape(-1, 3), axis=0))


PERSON = Detections.of([[100, 50, 140, 170]], ["person"], [0.12])


def test_a_head_becomes_a_few_squares_and_the_rest_stays() -> None:
    image = noise()
    blurred = blur_heads(image, [PERSON])
    head = head_of((100, 50, 140, 170), 300, 200)
    assert head is not None
    assert details(image, head) > 1_000
    assert details(blurred, head) <= SQUARES_AT_MOST**2
    assert np.array_equal(blurred[head[3] :], image[head[3] :])


def test_the_given_image_is_left_as_it_was() -> None:
    image = noise()
    before = image.copy()
    blur_heads(image, [PERSON])
    assert np.array_equal(image, before)


def test_other_things_keep_their_looks() -> None:
    image = noise()
    assert np.array_equal(blur_heads(image, [Detections.of([[100, 50, 140, 170]], ["boat"])]), image)


@pytest.mark.parametrize(
    "box",
    [
        pytest.param((-20, -30, 15, 60), id="top-left"),
        pytest.param((290, 180, 320, 260), id="bottom-right"),
        pytest.param((10, 10, 11, 13), id="tiny"),
        pytest.param((0, 0, 300, 200), id="everything"),
        pytest.param((400, 400, 500, 500), id="outside"),
        pytest.param((50, 50, 50, 50), id="empty"),
    ],
)
def test_boxes_at_and_over_the_edge(box: tuple[float, float, float, float]) -> None:
    assert blur_heads(noise(), [Detections.of([box], ["person"])]).shape == (200, 300, 3)


def test_heads_that_overlap_do_not_sharpen_each_other() -> None:
    image = noise()
    pair = Detections.of([[100, 50, 140, 170], [120, 50, 160, 170]], ["person", "person"])
    blurred = blur_heads(image, [pair])
    assert details(blurred, (100, 50, 160, 86)) <= 2 * SQUARES_AT_MOST**2


def test_a_person_the_detector_missed_for_a_moment_is_covered_too() -> None:
    image = noise()
    looks = [Look(0, 0.0, image, PERSON), Look(1, 0.1, image, Detections.none()), Look(2, 0.2, image, PERSON)]
    shown = cv2.imdecode(np.frombuffer(snapshot(looks, 1, box=None, line=None, zone=None, blur=True), np.uint8), 1)
    left, top, right, low = head_of((100, 50, 140, 170), 300, 200) or (0, 0, 0, 0)
    assert shown[top:low, left:right].std() < 0.5 * image[top:low, left:right].std()


def test_a_large_frame_is_sent_smaller_with_its_boxes() -> None:
    look = Look.of(0, 0.0, noise(1080, 1920), Detections.of([[960, 540, 1920, 1080]], ["person"]))
    assert look.image.shape == (720, 1280, 3)
    assert look.detections.boxes[0].tolist() == [640, 360, 1280, 720]


@pytest.mark.shared
def test_no_head_of_a_real_crowd_is_left(shared: Path) -> None:
    """Every labelled person of three frames: the upper sixth of the box has lost its detail."""
    detector = Detector.load(find("default"), labels=["person"], confidence=0.1)
    rows = [line.split(",") for line in (shared / "data/pets09-s2l1-frames-1-400.gt.txt").read_text().splitlines()]
    video = cv2.VideoCapture(str(shared / "data/pets09-s2l1.avi"))
    frames = [video.read()[1] for _ in range(300)]
    covered = total = 0
    for number in (50, 150, 290):
        blurred = blur_heads(frames[number], [detector.detect(frames[number + step]) for step in (-1, 0, 1)])
        for row in rows:
            if int(row[0]) != number + 1:
                continue
            x, y, width, height = (float(value) for value in row[2:6])
            head = np.s_[int(max(0, y)) : int(y + height / 6), int(max(0, x + width / 4)) : int(x + 3 * width / 4)]
            total += 1
            covered += not np.array_equal(blurred[head], frames[number][head])
    assert total >= 15
    assert covered == total
