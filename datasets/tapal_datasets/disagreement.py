"""Where two models, or two looks of one, see different things in a picture of the review: there most is learned."""

from collections.abc import Sequence
from typing import Any, Protocol

import cv2
import numpy as np

from tapal_contract.errors import TapalError
from tapal_contract.serverapi import pages
from tapal_datasets.review import Api, Tick, picture_of
from tapal_datasets.yolofiles import Image
from tapal_detector.detections import Detections
from tapal_detector.overlap import iou_matrix

OVERLAP = 0.5
SMALLER = 0.7
AT_ONCE = 500
HARDLY = 0.1
"""Models are asked for what they are this sure of: a score near the usual threshold is no disagreement."""
FAR = 0.5


class Model(Protocol):
    """A loaded model that also tells what it is hardly sure of."""

    def detect(self, frame: Image) -> Detections:
        """Boxes in one BGR picture."""


class Posts(Api, Protocol):
    """The server's API as far as an order of the review needs it."""

    def post(self, path: str, body: dict[str, Any]) -> Any:
        """The answer to JSON that is posted."""


def disagreement(one: Detections, other: Detections) -> float:
    """The largest difference over what either sees: the score of what only one sees, else that of the two scores.

    Boxes of one label that overlap by half are the same thing, each used once, the surest first.
    """
    free = np.ones(len(other), np.bool_)
    overlaps = iou_matrix(one.boxes, other.boxes)
    apart = 0.0
    for mine in np.argsort(-one.confidences, kind="stable"):
        same = np.array([label == one.labels[mine] for label in other.labels], np.bool_) & free
        shares = np.where(same, overlaps[mine], 0.0)
        theirs = int(shares.argmax()) if len(shares) else -1
        score = float(one.confidences[mine])
        if theirs >= 0 and shares[theirs] >= OVERLAP:
            free[theirs] = False
            score = abs(score - float(other.confidences[theirs]))
        apart = max(apart, score)
    return max(apart, float(other.confidences[free].max(initial=0.0)))


def looks(model: Model, against: Model | None, picture: Image) -> list[Detections]:
    """What both models see; of a single one what it sees as it is, mirrored, and smaller."""
    first = model.detect(picture)
    if against is not None:
        return [first, against.detect(picture)]
    height, width = picture.shape[:2]
    mirrored = model.detect(np.ascontiguousarray(picture[:, ::-1]))
    boxes = mirrored.boxes[:, [2, 1, 0, 3]] * np.array([-1, 1, -1, 1], np.float32)
    turned = Detections(boxes + np.array([width, 0, width, 0], np.float32), mirrored.confidences, mirrored.labels)
    size = max(1, round(width * SMALLER)), max(1, round(height * SMALLER))
    shrunk = np.full_like(picture, 114)  # of the same size as the picture, or the model would see it enlarged again
    shrunk[: size[1], : size[0]] = cv2.resize(picture, size, interpolation=cv2.INTER_AREA)
    small = model.detect(shrunk)
    scale = np.array([width / size[0], height / size[1]] * 2, np.float32)
    return [first, turned, Detections(small.boxes * scale, small.confidences, small.labels)]


def rank(
    api: Posts, model: Model, against: Model | None, *, between: str, tick: Tick | None = None
) -> dict[str, float]:
    """Look at every open picture of the review and tell the server how far the looks disagree, by picture.

    Raises:
        TapalError: the server does not answer, or there is nothing to look at.
    """
    waiting = [str(one["id"]) for one in pages(api, "/review", state="open", order="newest") if one["has_picture"]]
    if not waiting:
        raise TapalError("no picture waits in the review: there is nothing to put in order")
    scores: dict[str, float] = {}
    for number, name in enumerate(waiting, start=1):
        first, *others = looks(model, against, picture_of(api, f"/review/{name}/picture", name))
        scores[name] = round(max(disagreement(first, other) for other in others), 4)
        if tick:
            tick(number, len(waiting))
    for part in _parts(list(scores.items()), AT_ONCE):
        told = [{"id": name, "disagreement": score} for name, score in part]
        api.post("/review/disagreement", {"between": between, "scores": told})
    return scores


def _parts(rows: Sequence[tuple[str, float]], size: int) -> list[Sequence[tuple[str, float]]]:
    return [rows[start : start + size] for start in range(0, len(rows), size)]
