"""How far to go from the model in use towards the one trained from it, decided where the exam does not look.

Each share of the way (weights averaged, as WiSE-FT does) is calibrated and judged on held-out places beside the model
in use. The rule stands before anything is measured: a share that the gate's own guards find surely worse anywhere at
the held-out places is out; of the others, those are looked at that are lower in the fewest slices by more than the
margin; of these the greatest mean gain in F1 of boxes is taken, the smaller share where two are as good; and unless it
gains what the gate's margin is, none is.

How sure a share says it is, the held-out places decide by the confidence that gains most there; or nothing does, where
a confidence is given: drawn places once moved it so that a real yard was worse for it.
"""

import hashlib
import json
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from statistics import fmean
from typing import Any

import cv2
import numpy as np

from tapal_contract.errors import TapalError
from tapal_detector.detections import Detections
from tapal_detector.detector import Detector
from tapal_detector.light import Light, light_of
from tapal_detector.tracker import TrackerSettings
from tapal_models import calibration, evaluation, exporting, metrics, training
from tapal_models import exam as exams
from tapal_models import registry as registries
from tapal_models.evaluation import CONFIDENCE, LEAST, OVERLAP, Boxes
from tapal_models.exam import ALL_SCENES, Exam, ExamEmpty, Looked, Slice
from tapal_models.metrics import Judged
from tapal_models.registry import MARGIN

ALIKE = 0.001
"""Mean gains that differ by no more are as good as one another."""
SHARES = (0.1, 0.2, 0.3, 0.5, 0.7, 1.0)
Say = Callable[[str], object]


@dataclass(frozen=True, slots=True)
class Seen:
    """A frame, and what a model sees in it."""

    shape: tuple[int, ...]
    light: Light
    truth: Boxes
    ignored: Boxes
    found: Detections

    def shifted(self, by: float) -> "Seen":
        """As a model sees it whose scores were shifted."""
        sure = self.found.confidences.astype(np.float64).clip(1e-6, 1 - 1e-6)
        moved = (1 / (1 + np.exp(-(np.log(sure / (1 - sure)) + by)))).astype(np.float32)
        kept = moved >= LEAST
        labels = tuple(label for label, keep in zip(self.found.labels, kept, strict=True) if keep)
        found = Detections(self.found.boxes[kept], moved[kept], labels)
        return Seen(self.shape, self.light, self.truth, self.ignored, found)

    def judged(self) -> Judged:
        """Its boxes against the true ones."""
        found = self.found
        return metrics.judge(self.truth, found.boxes, found.confidences, overlap=OVERLAP, ignored=self.ignored)


Views = dict[tuple[str, int], list[Seen]]
"""What a model sees at a place at a size; places are videos by their names in the exam, and folders of pictures."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """One share: the confidence that becomes the usual one, its mean gain, and where it is worse than the champion."""

    share: float
    confidence: float
    shift: float
    gain: float
    worse: list[str]
    surely: list[str] = field(default_factory=list)
    rows: list[Slice] = field(default_factory=list)


def best(candidates: Sequence[Candidate]) -> Candidate | None:
    """The one that the rule takes, or none.

    Dozens of slices are judged, some of a few boxes, so that hardly any share, not even one as good as the champion, is
    lower in none by its mean: where all are, the one that is lower in the fewest is taken. Surely worse is always out.
    """
    able = [one for one in candidates if not one.surely and one.gain >= MARGIN]
    if not able:
        return None
    fewest = min(len(one.worse) for one in able)
    able = [one for one in able if len(one.worse) == fewest]
    top = max(one.gain for one in able)
    return min((one for one in able if one.gain >= top - ALIKE), key=lambda one: one.share)


def surely(rows: Sequence[Slice]) -> list[str]:
    """The slices in which the gate's guards find a share worse beyond what chance does."""
    return registries.worse([row for row in rows if row.high is None or row.high < 0])


def operating_point(
    own: Sequence[Sequence[Judged]],
    champion: Sequence[Sequence[Judged]],
    grid: Sequence[float] = calibration.GRID,
) -> tuple[float, float]:
    """The confidence of the grid with the greatest mean gain in F1 over places and sizes, and that gain.

    Only what loses no more than the gate's margin anywhere is looked at, where there is such a confidence.
    """
    aims = [metrics.score(frames, confidence=CONFIDENCE).f1 for frames in champion]
    gains = {}
    for confidence in grid:
        scores = [metrics.score(frames, confidence=confidence).f1 for frames in own]
        gains[confidence] = [score - aim for score, aim in zip(scores, aims, strict=True)]
    able = {c: row for c, row in gains.items() if min(row) >= -MARGIN} or gains
    taken = max(able, key=lambda c: (round(fmean(able[c]), 4), -abs(c - CONFIDENCE)))
    return taken, fmean(able[taken])


def select(
    trained: Path,
    champion: Path,
    exam_file: Path,
    pictures: Sequence[Path],
    out: Path,
    *,
    shares: Sequence[float] = SHARES,
    label: str = "person",
    confidence: float | None = None,
    say: Say,
) -> dict[str, Any]:
    """Write the weights that the rule takes to `out` (.pt), if it takes any; tell what was measured.

    With a `confidence` that one becomes the usual one for every share, in place of the one that gains most.

    Raises:
        TapalError: weights, exam or pictures cannot be read, or a share is none.
    """
    wrong = [one for one in shares if not 0 < one <= 1]
    if wrong or not shares:
        raise TapalError(f"shares {wrong or 'none'} are not above 0 and up to 1: give --share 0.3, more than once")
    exam = exams.read(exam_file)
    base: Views = {}
    candidates = []
    with tempfile.TemporaryDirectory() as place:
        used, onnx = Path(place) / "champion.onnx", Path(place) / "share.onnx"
        for share in (0.0, *sorted(set(shares))):
            say(f"{share:.0%} of the way")
            exporting.export_onnx(training.average(champion, trained, share), onnx if share else used)
            views = _views(onnx if share else used, exam, exam_file.parent, pictures, label)
            if not share:
                base = views
                continue
            kept = [exams.still_seen(item, exam_file.parent, onnx, used) for item in exam.kept]
            both = (views, base)
            one = _candidate(share, both, exam, exam_file.parent, label=label, kept=kept, confidence=confidence)
            candidates.append(one)
    taken = best(candidates)
    if taken:
        model = training.average(champion, trained, taken.share)
        calibration.shift(model, label, taken.shift)
        exporting.save_checkpoint(model, out)
    return {
        "chosen": taken.share if taken else None,
        "places": sorted({place for place, _ in base if place not in {item.video for item in exam.empty}}),
        "sizes": exam.sizes,
        "exam_sha256": hashlib.sha256(exam_file.read_bytes()).hexdigest(),
        "candidates": [_told(one) for one in candidates],
    }


def _told(one: Candidate) -> dict[str, Any]:
    """For JSON, rounded as far as it means something."""
    figures = {key: round(getattr(one, key), 4) for key in ("share", "confidence", "shift", "gain")}
    return {**figures, "worse": one.worse, "surely": one.surely, "rows": [row.as_dict() for row in one.rows]}


def _candidate(
    share: float,
    both: tuple[Views, Views],
    exam: Exam,
    folder: Path,
    *,
    label: str,
    kept: Sequence[Slice] = (),
    confidence: float | None = None,
) -> Candidate:
    views, base = both
    places = [place for place in views if any(len(seen.truth) for seen in views[place])]
    judged = [[[seen.judged() for seen in model[place]] for place in places] for model in (views, base)]
    taken, gain = operating_point(judged[0], judged[1], (confidence,) if confidence else calibration.GRID)
    by = calibration.logit(CONFIDENCE) - calibration.logit(taken)
    moved = {place: [seen.shifted(by) for seen in frames] for place, frames in views.items()}
    rows = [*kept]
    for name, size in places:
        pairs = zip(moved[name, size], base[name, size], strict=True)
        frames = [_looked(own, other) for own, other in pairs]
        rows += exams.slices(f"{Path(name).stem}: {label}", size, frames, graded=False)
    for size in exam.sizes:
        marks = []
        for scene in exam.scenes:
            own, others = (exams.crossed(_tracked(model[scene.video, size]), folder, scene) for model in (moved, base))
            marks.append((Path(scene.video).stem, own, others))
        rows += exams.crossings(size, marks)
    rows += [_clear(item, moved[item.video, size], base[item.video, size], size) for item, size in _empties(exam)]
    return Candidate(share, taken, by, gain, registries.worse(rows), surely(rows), rows)


def _empties(exam: Exam) -> list[tuple[ExamEmpty, int]]:
    return [(item, size) for item in exam.empty for size in exam.sizes]


def _clear(item: ExamEmpty, own: Sequence[Seen], others: Sequence[Seen], size: int) -> Slice:
    counts = [[int((one.found.confidences >= CONFIDENCE).sum()) for one in frames] for frames in (own, others)]
    return exams.left_clear(item, size, counts[0], counts[1])


def _looked(own: Seen, other: Seen) -> Looked:
    pair = [(one.found.boxes, one.found.confidences) for one in (own, other)]
    return Looked(own.light, own.truth, own.ignored, (pair[0], pair[1]), (0.0, 0.0))


def _tracked(frames: Sequence[Seen]) -> list[tuple[tuple[int, ...], Detections]]:
    """As the edge's tracker gets them, which is not told of the least sure."""
    least, out = TrackerSettings().unsure, []
    for seen in frames:
        kept = seen.found.confidences >= least
        labels = tuple(label for label, keep in zip(seen.found.labels, kept, strict=True) if keep)
        out.append((seen.shape, Detections(seen.found.boxes[kept], seen.found.confidences[kept], labels)))
    return out


def _views(onnx: Path, exam: Exam, folder: Path, pictures: Sequence[Path], label: str) -> Views:
    """Every frame of the exam's videos and every picture, at every size."""
    truths = {item.video: item.truth for item in exam.clips}
    videos = dict.fromkeys([*truths, *(item.video for item in exam.scenes)])
    views: Views = {}
    for size in exam.sizes:
        detector = Detector.load(onnx, size=size, labels=[label], confidence=LEAST)
        for video in videos:
            truth = folder / truths[video] if video in truths else None
            views[video, size] = _film(detector, folder / video, truth, label)
        for item in exam.empty:
            views[item.video, size] = _film(detector, folder / item.video, None, label, every=item.every)
        for one in pictures:
            views[one.name, size] = _pictures(detector, one, label)
    return views


def _film(detector: Detector, video: Path, truth: Path | None, label: str, *, every: int = 1) -> list[Seen]:
    nothing = np.zeros((0, 4), np.float32)
    clip = evaluation.read_clip(video, truth, label) if truth else evaluation.Clip(video, {}, label)
    return [
        Seen(
            frame.shape,
            light_of(frame),
            clip.truth.get(number, nothing),
            clip.ignored.get(number, nothing),
            detector.detect(frame),
        )
        for number, frame in evaluation.frames_of(video, None)
        if (number - 1) % every == 0
    ]


def _pictures(detector: Detector, folder: Path, label: str) -> list[Seen]:
    nothing = np.zeros((0, 4), np.float32)
    seen = []
    for path in sorted((folder / "images").glob("*.jpg")):
        image = cv2.imread(str(path))
        if image is None:
            raise TapalError(f"image {str(path)!r} cannot be read: remove it or write it again")
        frame = np.asarray(image, np.uint8)
        truth = calibration.read_boxes(folder / "labels" / f"{path.stem}.txt", label, frame.shape)
        seen.append(Seen(frame.shape, light_of(frame), truth, nothing, detector.detect(frame)))
    if not seen:
        raise TapalError(f"no images/*.jpg in {str(folder)!r}: give a folder of held-out pictures")
    return seen


def write(found: dict[str, Any], record: Path) -> None:
    """Keep what was measured, for the card and for whoever asks why."""
    record.write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")


def read(record: Path) -> dict[str, Any]:
    """What was measured and taken, in brief.

    Raises:
        TapalError: it cannot be read, or is no such record.
    """
    try:
        return brief(json.loads(record.read_text(encoding="utf-8")))
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise TapalError(f"{str(record)!r} is no record of tapal model select ({error}): give its OUT.json") from error


def brief(found: dict[str, Any]) -> dict[str, Any]:
    """Without the slices, of which there are dozens for each share; their crossings are added up."""
    kept = {key: found[key] for key in ("chosen", "places", "sizes", "exam_sha256")}
    kept["candidates"] = []
    for one in found["candidates"]:
        scenes = [row["detail"] for row in one["rows"] if row.get("name") != ALL_SCENES]
        pairs = [detail["counted"] for detail in scenes if "counted" in detail]
        crossings = [[sum(pair[who][kind] for pair in pairs) for kind in range(3)] for who in (0, 1)]
        figures = {key: one[key] for key in ("share", "confidence", "shift", "gain", "worse")}
        kept["candidates"].append({**figures, "crossings": crossings})
    return kept


def told(found: dict[str, Any]) -> str:
    """For a card: the table, and what it is about."""
    sizes = " and ".join(str(size) for size in found["sizes"])
    return (
        f"{markdown(found)}\n\nShares of the way from the champion's weights to the trained ones, judged beside the "
        f"champion at {sizes} px at held-out places ({', '.join(found['places'])}), none of which is in the exam; in "
        "brackets the champion's crossings. Worse is what the gate's guards call so."
    )


def markdown(found: dict[str, Any]) -> str:
    """The candidates, in brief, as a table, and which is taken."""
    lines = [
        "| share | confidence set to .25 | mean gain in F1 of boxes | crossings right, wrong, missed | slices worse |",
        "|---:|---:|---:|---|---|",
    ]
    for one in found["candidates"]:
        own, other = (", ".join(str(count) for count in counts) for counts in one["crossings"])
        mark = " (taken)" if one["share"] == found["chosen"] else ""
        worse = len(one["worse"]) or "none"
        lines.append(
            f"| {one['share']:g}{mark} | {one['confidence']:.2f} | {one['gain']:+.4f} | {own} ({other}) | {worse} |"
        )
    return "\n".join(lines)
