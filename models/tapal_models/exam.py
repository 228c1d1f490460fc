"""What a candidate must pass: labelled clips and scenes with true crossings, slice by slice beside the champion."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from time import process_time
from typing import Any

import numpy as np
from pydantic import BaseModel, ConfigDict, Field

from tapal_contract.errors import TapalError
from tapal_contract.yamlfile import load
from tapal_detector.detections import Detections
from tapal_detector.detector import Detector
from tapal_detector.light import Light, light_of
from tapal_detector.overlap import iou_matrix
from tapal_detector.scene import Scene
from tapal_detector.seen import CrossingSeen
from tapal_detector.tracker import TrackerSettings
from tapal_models import coco, evaluation, metrics
from tapal_models.coco import Graded
from tapal_models.crossings import Marks, by_stretch, marked, one_after_the_other, read_crossings, stretches_of, total
from tapal_models.evaluation import CONFIDENCE, LEAST, OVERLAP, Boxes, Clip
from tapal_models.metrics import Judged

Tick = Callable[[int, int], object]
SMALL, LARGE = 32.0, 96.0
"""COCO's bounds: the root of a box's area in pixels of the frame."""
RESAMPLED = 1000
STILL_SEEN, LEFT_CLEAR = "still seen", "frames left clear"
ALL_SCENES = "all scenes: crossings"


class _Strict(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class ExamClip(_Strict):
    """A clip with true boxes."""

    video: str
    truth: str
    label: str = "person"
    camera: str = "camera"
    every: int = Field(default=1, ge=1)


class ExamScene(_Strict):
    """A clip with lines and the crossings that truly happened there."""

    video: str
    crossings: str
    label: str = "person"
    first: int = Field(default=0, ge=0, description="frame from which crossings count; before it the model may learn")


class ExamKept(_Strict):
    """A clip without labels, of what the training may lack: what the champion surely sees there must stay seen."""

    video: str
    label: str
    size: int = 640
    every: int = Field(default=10, ge=1)


class ExamEmpty(_Strict):
    """A clip in which nothing of a label is: all that is seen there is wrong."""

    video: str
    label: str = "person"
    every: int = Field(default=5, ge=1)


class Exam(_Strict):
    """The whole exam; files are looked for beside its own."""

    sizes: list[int] = [320, 480]
    clips: list[ExamClip] = []
    scenes: list[ExamScene] = []
    kept: list[ExamKept] = []
    empty: list[ExamEmpty] = []


@dataclass
class Slice:
    """A guarded figure of candidate and champion; the difference has a 95 % interval where frames can be resampled.

    `whole`: it is of all that was looked at, not of a part with few boxes, and so may be judged by its mean, too.
    """

    name: str
    size: int
    candidate: float
    champion: float
    low: float | None = None
    high: float | None = None
    detail: dict[str, Any] = field(default_factory=dict)
    whole: bool = False

    @property
    def difference(self) -> float:
        """How much better the candidate is."""
        return self.candidate - self.champion

    def as_dict(self) -> dict[str, Any]:
        """For JSON and cards."""
        rounded = {k: round(v, 4) if isinstance(v, float) else v for k, v in asdict(self).items()}
        return {**rounded, "difference": round(self.difference, 4)}


def read(path: Path) -> Exam:
    """Read an exam.

    Raises:
        TapalError: it is broken, or asks nothing.
    """
    exam = load(path, Exam)
    if not exam.clips and not exam.scenes:
        raise TapalError(f"exam {str(path)!r} has neither clips nor scenes: nothing would be proven")
    return exam


def sit(exam: Exam, folder: Path, candidate: Path, champion: Path, *, tick: Tick | None = None) -> list[Slice]:
    """Judge both on everything, the same frames in the same order."""
    rows: list[Slice] = []
    steps = len(exam.sizes) * (len(exam.clips) + len(exam.scenes) + len(exam.empty)) + len(exam.kept)
    for size in exam.sizes:
        for clip in exam.clips:
            rows += _clip(clip, folder, candidate, champion, size)
            if tick:
                tick(1, steps)
        marks = []
        for scene in exam.scenes:
            marks.append((Path(scene.video).stem, *_scene(scene, folder, candidate, champion, size)))
            if tick:
                tick(1, steps)
        rows += crossings(size, marks)
        for empty in exam.empty:
            rows.append(_empty(empty, folder, candidate, champion, size))
            if tick:
                tick(1, steps)
    for kept in exam.kept:
        rows.append(still_seen(kept, folder, candidate, champion))
        if tick:
            tick(1, steps)
    return rows


def still_seen(item: ExamKept, folder: Path, candidate: Path, champion: Path) -> Slice:
    """The share of what the champion surely sees that the candidate sees, too."""
    clip = (candidate, champion, folder / item.video)
    found = evaluation.kept(*clip, label=item.label, size=item.size, every=item.every)
    detail = {"measure": "recall", "seen": [found.right, found.right + found.missed]}
    return Slice(f"{Path(item.video).stem}: {item.label}, {STILL_SEEN}", item.size, found.recall, 1.0, detail=detail)


def _empty(item: ExamEmpty, folder: Path, candidate: Path, champion: Path, size: int) -> Slice:
    models = [
        Detector.load(one, size=size, labels=[item.label], confidence=CONFIDENCE) for one in (candidate, champion)
    ]
    frames = evaluation.frames_of(folder / item.video, None)
    found = [
        [len(model.detect(frame)) for model in models] for number, frame in frames if (number - 1) % item.every == 0
    ]
    return left_clear(item, size, [own for own, _ in found], [other for _, other in found])


def left_clear(item: ExamEmpty, size: int, candidate: Sequence[int], champion: Sequence[int]) -> Slice:
    """The share of frames in which nothing is seen, of both, from how many boxes they see in each frame."""
    if not candidate:
        raise TapalError(f"video {item.video!r} has no frames: give another")
    shares = [float(np.mean([count == 0 for count in counts])) for counts in (candidate, champion)]
    detail = {"measure": "clear", "frames": len(candidate), "boxes": [sum(candidate), sum(champion)]}
    return Slice(f"{Path(item.video).stem}: no {item.label}, {LEFT_CLEAR}", size, shares[0], shares[1], detail=detail)


@dataclass(frozen=True, slots=True)
class Looked:
    """A frame as both saw it: boxes and confidences, from `evaluation.LEAST` on."""

    light: Light
    truth: Boxes
    ignored: Boxes
    found: tuple[tuple[Boxes, Boxes], tuple[Boxes, Boxes]]
    seconds: tuple[float, float]


def _clip(item: ExamClip, folder: Path, candidate: Path, champion: Path, size: int) -> list[Slice]:
    clip = evaluation.read_clip(folder / item.video, folder / item.truth, item.label)
    frames = _look(clip, (candidate, champion), size, item.every)
    timed = speed(f"{item.camera}: speed, frames a processor second", size, [frame.seconds for frame in frames])
    return [*slices(f"{item.camera}: {item.label}", size, frames), timed]


def slices(name: str, size: int, frames: Sequence[Looked], *, graded: bool = True) -> list[Slice]:
    """Boxes over all frames, by light, and by size; graded at COCO's ten overlaps, too, which takes its time."""
    kinds = {"all": [_both(frame, graded=graded) for frame in frames]}
    for light in dict.fromkeys(frame.light for frame in frames):
        kinds[f"light {light}"] = [_both(frame, graded=graded) for frame in frames if frame.light == light]
    for kind, low, high in (("small", 0.0, SMALL), ("medium", SMALL, LARGE), ("large", LARGE, float("inf"))):
        kinds[f"size {kind}"] = [_both(frame, low, high, graded=graded) for frame in frames]
    rows = []
    for kind, pairs in kinds.items():
        if sum(one.judged.truths for one, _ in pairs):
            rows.append(_compared(f"{name}, {kind}", size, pairs))
            rows[-1].whole = kind == "all"
    return rows


def speed(name: str, size: int, seconds: Sequence[tuple[float, float]]) -> Slice:
    """Both models' frames a second of processor time, each in the median.

    The interval is that of the paired differences' median: what else the machine does slows neighbouring looks alike,
    so two timings of one frame say more together than either among its own.
    """
    own, others = 1 / np.array(seconds, np.float64).T
    drawn = np.random.default_rng(0).integers(len(own), size=(RESAMPLED, len(own)))
    champion = float(np.median(others))
    low, high = champion * (np.percentile(np.median((own / others)[drawn], axis=1), [2.5, 97.5]) - 1)
    return Slice(name, size, float(np.median(own)), champion, float(low), float(high))


def _look(clip: Clip, models: tuple[Path, Path], size: int, every: int) -> list[Looked]:
    detectors = [Detector.load(model, size=size, labels=[clip.label], confidence=LEAST) for model in models]
    nothing = np.zeros((0, 4), np.float32)
    frames: list[Looked] = []
    for number, frame in evaluation.frames_of(clip.video, max(clip.truth)):
        if (number - 1) % every:
            continue
        found, seconds = {}, {}
        for place in (0, 1) if len(frames) % 2 else (1, 0):  # by turns, so that neither always finds a warm cache
            started = process_time()  # of all its threads, so that other work on the machine counts little
            seen = detectors[place].detect(frame)
            seconds[place] = process_time() - started
            found[place] = (seen.boxes, seen.confidences)
        truth, ignored = clip.truth.get(number, nothing), clip.ignored.get(number, nothing)
        frames.append(Looked(light_of(frame), truth, ignored, (found[0], found[1]), (seconds[0], seconds[1])))
    return frames


@dataclass(frozen=True, slots=True)
class _Work:
    """What a model made of a frame, at the usual overlap and at COCO's ten."""

    judged: Judged
    graded: Graded | None


def _both(frame: Looked, low: float = 0.0, high: float = float("inf"), *, graded: bool) -> tuple[_Work, _Work]:
    """Both models' work on a frame; true boxes of other sizes count neither way, and so do finds of other sizes."""
    inside = _between(frame.truth, low, high)
    truth, others = frame.truth[inside], frame.truth[~inside]
    ignored = np.concatenate([frame.ignored, others])
    out = []
    for boxes, confidences in frame.found:
        fits = _between(boxes, low, high)
        kept = fits
        if len(truth) and len(boxes):
            kept = kept | (iou_matrix(boxes, truth).max(axis=1) >= OVERLAP)
        judged = metrics.judge(truth, boxes[kept], confidences[kept], overlap=OVERLAP, ignored=ignored)
        work = _Work(judged, None)
        if graded:
            whole = coco.grade(truth, boxes, confidences, ignored=frame.ignored, others=others, outside=~fits)
            work = _Work(judged, whole)
        out.append(work)
    return out[0], out[1]


def _between(boxes: Boxes, low: float, high: float) -> Any:
    side = np.sqrt(np.maximum((boxes[:, 2] - boxes[:, 0]) * (boxes[:, 3] - boxes[:, 1]), 0))
    return (side >= low) & (side < high)


def _compared(name: str, size: int, pairs: Sequence[tuple[_Work, _Work]]) -> Slice:
    new, old = [one.judged for one, _ in pairs], [other.judged for _, other in pairs]
    whole = [[work.graded for work in works if work.graded] for works in zip(*pairs, strict=True)]
    own, others = metrics.score(new, confidence=CONFIDENCE), metrics.score(old, confidence=CONFIDENCE)
    gain = metrics.bootstrap(new, old, "f1", confidence=CONFIDENCE)
    detail = {
        "measure": "F1",
        "ap50": [round(metrics.average_precision(new), 4), round(metrics.average_precision(old), 4)],
        "map50_95": [round(coco.mean_average_precision(frames), 4) for frames in whole if frames],
        "precision": [round(own.precision, 4), round(others.precision, 4)],
        "recall": [round(own.recall, 4), round(others.recall, 4)],
    }
    return Slice(name, size, own.f1, others.f1, gain.low, gain.high, detail)


def _scene(item: ExamScene, folder: Path, candidate: Path, champion: Path, size: int) -> tuple[Marks, Marks]:
    marks = []
    for model in (candidate, champion):
        detector = Detector.load(model, size=size, labels=[item.label], confidence=TrackerSettings().unsure)
        seen = ((frame.shape, detector.detect(frame)) for _, frame in evaluation.frames_of(folder / item.video, None))
        marks.append(crossed(seen, folder, item))
    return marks[0], marks[1]


def crossings(size: int, scenes: Sequence[tuple[str, Marks, Marks]]) -> list[Slice]:
    """Crossings of candidate and champion, compared in each scene, by its name, and over all of them.

    One crossing of one scene is much of its F1, so only the last row, over all, is judged by its mean.
    """
    rows = [counted(f"{name}: crossings", size, own, others) for name, own, others in scenes]
    if len(scenes) > 1:
        own, others = one_after_the_other([both for _, *both in scenes])
        rows.append(counted(ALL_SCENES, size, own, others))
    if rows:
        rows[-1].whole = True
    return rows


def counted(name: str, size: int, candidate: Marks, champion: Marks) -> Slice:
    """Crossings of both, compared."""
    marks = (candidate, champion)
    scores = [total(one) for one in marks]
    stretches = stretches_of(marks)
    gain = metrics.paired(by_stretch(marks[0], stretches), by_stretch(marks[1], stretches), "f1")
    detail = {"measure": "F1", "counted": [[score.right, score.wrong, score.missed] for score in scores]}
    return Slice(name, size, scores[0].f1, scores[1].f1, gain.low, gain.high, detail)


def crossed(seen: Iterable[tuple[tuple[int, ...], Detections]], folder: Path, item: ExamScene) -> Marks:
    """Follow what was seen in each frame (its shape, its detections), and mark the crossings that come of it."""
    fps, lines, truth = read_crossings(folder / item.crossings)
    begin = item.first / fps
    scene, events = None, []
    for number, (shape, found) in enumerate(seen):
        if scene is None:
            scene = Scene(lines, [], (shape[1], shape[0]))
        events += scene.update(found, number / fps)
    if scene is None:
        raise TapalError(f"video {str(folder / item.video)!r} has no frames: give another")
    events += scene.finish()
    marks: Marks = []
    for line, happened in truth.items():
        of_line = [e for e in events if isinstance(e, CrossingSeen) and e.line == line]
        marks += marked(
            [(e.time_s, e.direction) for e in of_line if e.time_s >= begin],
            [one for one in happened if one[0] >= begin],
        )
    return marks
