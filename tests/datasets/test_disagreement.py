"""Pictures that two models see differently come first."""

from collections.abc import Sequence
from typing import Any

import cv2
import numpy as np
import pytest

from tapal_contract.errors import TapalError
from tapal_datasets.disagreement import disagreement, looks, rank
from tapal_datasets.yolofiles import Image
from tapal_detector.detections import Detections

HERE, THERE = (10, 10, 30, 60), (60, 10, 80, 60)


def seen(*things: tuple[Sequence[float], str, float]) -> Detections:
    return Detections.of([box for box, _, _ in things], [label for _, label, _ in things], [c for _, _, c in things])


@pytest.mark.parametrize(
    ("one", "other", "apart"),
    [
        pytest.param(seen(), seen(), 0.0, id="nothing-either-way"),
        pytest.param(seen((HERE, "person", 0.9)), seen((HERE, "person", 0.8)), 0.1, id="the-same"),
        pytest.param(seen((HERE, "person", 0.9)), seen(), 0.9, id="only-one-sees-it"),
        pytest.param(seen(), seen((HERE, "person", 0.7)), 0.7, id="only-the-other"),
        pytest.param(seen((HERE, "person", 0.9)), seen((THERE, "person", 0.6)), 0.9, id="elsewhere"),
        pytest.param(seen((HERE, "person", 0.5)), seen((HERE, "boat", 0.8)), 0.8, id="another-label"),
        pytest.param(
            seen((HERE, "person", 0.9), (HERE, "person", 0.4)), seen((HERE, "person", 0.9)), 0.4, id="twice-by-one"
        ),
        pytest.param(seen((HERE, "person", 0.2)), seen(), 0.2, id="hardly-seen-anyway"),
    ],
)
def test_how_far_two_looks_are_apart(one: Detections, other: Detections, apart: float) -> None:
    assert disagreement(one, other) == pytest.approx(apart)
    assert disagreement(other, one) == pytest.approx(apart)


class Bright:
    """A model that takes what is bright for a person, unless it is smaller than it can see."""

    def __init__(self, least: int) -> None:
        self.least = least

    def detect(self, frame: Image) -> Detections:
        bright = np.asarray(frame.mean(axis=2) > 200, np.uint8)
        _, _, found, _ = cv2.connectedComponentsWithStats(bright)
        boxes = [(x, y, x + w, y + h) for x, y, w, h, _ in found[1:] if h >= self.least]
        return seen(*((box, "person", 0.8) for box in boxes))


def picture(*heights: int) -> Image:
    image = np.zeros((120, 160, 3), np.uint8)
    for number, height in enumerate(heights):
        image[20 : 20 + height, 20 + 40 * number : 35 + 40 * number] = 255
    return image


def test_one_model_is_shown_the_picture_mirrored_and_smaller() -> None:
    model = Bright(20)
    first, *others = looks(model, None, picture(60, 50))
    assert len(others) == 2
    assert [disagreement(first, other) for other in others] == pytest.approx([0.0, 0.0]), "the boxes are turned back"
    first, *others = looks(model, None, picture(60, 22))
    assert max(disagreement(first, other) for other in others) == pytest.approx(0.8), "smaller, the second is lost"


class Queue:
    """The review of a server: pictures, and what it was told of them."""

    def __init__(self, **pictures: Image) -> None:
        self.pictures, self.told = pictures, list[dict[str, Any]]()

    def json(self, path: str, **query: object) -> Any:
        assert (path, query["state"]) == ("/review", "open")
        return {"items": [{"id": name, "has_picture": name != "report"} for name in self.pictures], "pages": 1}

    def raw(self, path: str) -> bytes:
        return cv2.imencode(".png", self.pictures[path.split("/")[2]])[1].tobytes()

    def post(self, path: str, body: dict[str, Any]) -> Any:
        assert path == "/review/disagreement"
        self.told.append(body)


def test_the_server_is_told_of_every_open_picture() -> None:
    queue = Queue(small=picture(20), large=picture(80), report=picture())
    rank(queue, Bright(10), Bright(40), between="a and b")
    (told,) = queue.told
    assert told["between"] == "a and b"
    scores = {one["id"]: one["disagreement"] for one in told["scores"]}
    assert scores == {"small": pytest.approx(0.8), "large": 0.0}
    with pytest.raises(TapalError, match="no picture waits"):
        rank(Queue(report=picture()), Bright(10), None, between="a")
