"""Run models over labelled clips and say how good they are, with the very detector the edge uses."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt

from tapal_contract.errors import TapalError
from tapal_detector.detector import Detector
from tapal_models import coco, metrics
from tapal_models.coco import Graded
from tapal_models.metrics import Judged

Tick = Callable[[int, int], object]
Boxes = npt.NDArray[np.float32]
Image = npt.NDArray[np.uint8]

CONFIDENCE = 0.25
OVERLAP = 0.5
LEAST = 0.05
"""Detections are kept from here on, so that average precision sees the whole curve."""


@dataclass(frozen=True, slots=True)
class Clip:
    """A video with true boxes of one label in frames 1 to `frames`."""

    video: Path
    truth: dict[int, Boxes]
    label: str = "person"
    ignored: dict[int, Boxes] = field(default_factory=dict)


@dataclass
class Row:
    """One line of the table: a model at a size on a clip."""

    model: str
    size: int
    precision: float
    recall: float
    f1: float
    average_precision: float
    mean_average_precision: float
    differences: dict[str, dict[str, float]] = field(default_factory=dict)

    def as_dict(self) -> dict[str, Any]:
        """For JSON and cards, rounded as far as it means something."""
        return {key: round(value, 4) if isinstance(value, float) else value for key, value in asdict(self).items()}


def read_clip(video: Path, truth: Path, label: str = "person") -> Clip:
    """A video and the boxes of its MOT file; rows marked 0 are neither to be found nor wrong to find, as MOT says."""
    found: dict[int, list[list[float]]] = {}
    ignored: dict[int, list[list[float]]] = {}
    try:
        lines = truth.read_text(encoding="utf-8").splitlines()
    except OSError as error:
        raise TapalError(f"labels {str(truth)!r} cannot be read: give a MOT file (frame,id,x,y,w,h,...)") from error
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        try:
            frame, _, x, y, w, h, *rest = (float(value) for value in line.split(","))
        except ValueError as error:
            raise TapalError(
                f"{truth}, line {number}: {line!r} is not frame,id,x,y,w,h,...: correct the row"
            ) from error
        counts = not rest or rest[0] != 0
        (found if counts else ignored).setdefault(int(frame), []).append([x, y, x + w, y + h])
    if not found:
        raise TapalError(f"labels {str(truth)!r} hold no box: give a MOT file (frame,id,x,y,w,h,...)")
    return Clip(video, _arrays(found), label, _arrays(ignored))


def _arrays(boxes: dict[int, list[list[float]]]) -> dict[int, Boxes]:
    return {frame: np.array(rows, np.float32) for frame, rows in boxes.items()}


def judge_clip(model: Path, clip: Clip, *, size: int, every: int = 1, tick: Tick | None = None) -> list[Judged]:
    """Judge a model on every `every`-th frame up to the last labelled one."""
    return [judged for judged, _ in _looks(model, clip, size=size, every=every, tick=tick)]


def _looks(model: Path, clip: Clip, *, size: int, every: int, tick: Tick | None) -> Iterator[tuple[Judged, Graded]]:
    detector = Detector.load(model, size=size, labels=[clip.label], confidence=LEAST)
    last = max(clip.truth)
    nothing = np.zeros((0, 4), np.float32)
    for number, frame in frames_of(clip.video, last):
        if (number - 1) % every == 0:
            seen = detector.detect(frame)
            truth, ignored = clip.truth.get(number, nothing), clip.ignored.get(number)
            yield (
                metrics.judge(truth, seen.boxes, seen.confidences, overlap=OVERLAP, ignored=ignored),
                coco.grade(truth, seen.boxes, seen.confidences, ignored=ignored),
            )
            if tick:
                tick(number, last)


def table(
    models: Sequence[Path], clip: Clip, *, sizes: Sequence[int], every: int = 1, tick: Tick | None = None
) -> list[Row]:
    """Score models at sizes; where there are two, the first is the candidate and gets intervals against the second."""
    rows = []
    for size in sizes:
        judged = []
        for model in models:
            looks = [*_looks(model, clip, size=size, every=every, tick=tick)]
            frames = [one for one, _ in looks]
            total = metrics.score(frames, confidence=CONFIDENCE)
            ap, whole = metrics.average_precision(frames), coco.mean_average_precision([other for _, other in looks])
            rows.append(Row(model.stem, size, total.precision, total.recall, total.f1, ap, whole))
            judged.append(frames)
        if len(models) == 2:
            rows[-2].differences = {
                name: asdict(metrics.bootstrap(judged[0], judged[1], name, confidence=CONFIDENCE))
                for name in ("precision", "recall", "f1")
            }
    return rows


def kept(
    candidate: Path, champion: Path, video: Path, *, label: str, size: int, every: int = 5, sure: float = 0.4
) -> metrics.Score:
    """What the champion surely sees in a video, and whether the candidate sees it too (at its usual confidence)."""
    new = Detector.load(candidate, size=size, labels=[label], confidence=CONFIDENCE)
    old = Detector.load(champion, size=size, labels=[label], confidence=sure)
    frames = []
    for number, frame in frames_of(video, None):
        if (number - 1) % every == 0:
            truth = old.detect(frame)
            seen = new.detect(frame)
            frames.append(metrics.judge(truth.boxes, seen.boxes, seen.confidences, overlap=OVERLAP))
    return metrics.score(frames)


def frames_of(video: Path, last: int | None) -> Iterator[tuple[int, Image]]:
    """Frames of a video with their numbers from 1."""
    capture = cv2.VideoCapture(str(video))
    if not capture.isOpened():
        raise TapalError(f"video {str(video)!r} cannot be read: give the path of a video file that OpenCV can open")
    number = 0
    try:
        while last is None or number < last:
            good, frame = capture.read()
            if not good:
                break
            number += 1
            yield number, np.asarray(frame, np.uint8)
    finally:
        capture.release()
    if last is not None and number < last:
        raise TapalError(f"video {str(video)!r} has {number} frames but its labels go to {last}: they do not belong")
