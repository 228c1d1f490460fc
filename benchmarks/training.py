"""What training on one camera's frames gives there, and what it costs elsewhere: tables and plots of docs/training.md.

python -m benchmarks.training WORK [--shared ../shared] [--out FOLDER] [--size 320]

WORK is the folder of models/recipes/yard.sh, with yard.onnx, start.onnx, run/results.csv and desk/.
"""

import argparse
import csv
import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from xml.sax.saxutils import escape

import numpy as np

from benchmarks._seen import SHARED, at_least, seen
from tapal_contract.geometry import LineSpec
from tapal_datasets import yolofiles
from tapal_detector.catalogue import find
from tapal_detector.detections import Detections
from tapal_detector.detector import Detector
from tapal_detector.scene import Scene
from tapal_detector.seen import CrossingSeen
from tapal_detector.tracker import TrackerSettings
from tapal_models import metrics
from tapal_models.crossings import match, read_crossings
from tapal_models.evaluation import CONFIDENCE, OVERLAP, read_clip
from tapal_models.metrics import Judged

TAUGHT = 400
"""Frames of the yard that the further training saw; crossings are judged after them."""
COLOURS = ("#9a9a9a", "#c2571a", "#5fa8c8", "#0b6e99")
PERSON = ("person",)


@dataclass(frozen=True, slots=True)
class Row:
    """A figure of a model at a place."""

    place: str
    model: str
    precision: float
    recall: float
    right: int
    wrong: int
    missed: int

    @property
    def f1(self) -> float:
        """Harmonic mean of precision and recall."""
        return 2 * self.right / max(1, 2 * self.right + self.wrong + self.missed)


def crossings(model: Path, shared: Path, size: int) -> tuple[int, int, int]:
    """Right, wrong and missed crossings of both lines in the frames that nobody trained on."""
    fps, lines, truth = read_crossings(shared / "data/pets09-s2l1.crossings.json")
    found = at_least(seen(shared / "data/pets09-s2l1.avi", model, size), TrackerSettings().unsure, PERSON)
    counted = [one for one in _counted(lines, found, fps) if one.time_s >= TAUGHT / fps]
    total = np.zeros(3, np.int64)
    for line, happened in truth.items():
        later = [one for one in happened if one[0] >= TAUGHT / fps]
        score = match([(one.time_s, one.direction) for one in counted if one.line == line], later)
        total += (score.right, score.wrong, score.missed)
    return int(total[0]), int(total[1]), int(total[2])


def _counted(lines: Sequence[LineSpec], found: Sequence[Detections], fps: float) -> list[CrossingSeen]:
    scene = Scene(tuple(lines), [], (768, 576))
    events = [event for number, one in enumerate(found) for event in scene.update(one, number / fps)]
    return [event for event in [*events, *scene.finish()] if isinstance(event, CrossingSeen)]


def taught_boxes(model: Path, shared: Path, size: int) -> list[Judged]:
    """Boxes of the very frames that were taught: what was learned, not what it is worth."""
    clip = read_clip(shared / "data/pets09-s2l1.avi", shared / "data/pets09-s2l1-frames-1-400.gt.txt")
    found = at_least(seen(clip.video, model, size), CONFIDENCE, PERSON)[:TAUGHT]
    none = np.zeros((0, 4), np.float32)
    return [
        metrics.judge(clip.truth.get(n, none), one.boxes, one.confidences, overlap=OVERLAP, ignored=clip.ignored.get(n))
        for n, one in enumerate(found, start=1)
    ]


def desk_boxes(model: Path, work: Path, size: int) -> list[Judged]:
    """Boxes at the desk, against what the start sees at several sizes, mirrored too."""
    detector = Detector.load(model, size=size, labels=PERSON, confidence=CONFIDENCE)
    judged = []
    for path in sorted((work / "desk/images").glob("*.jpg")):
        picture, labels = yolofiles.read(path)
        people = [(one.x1, one.y1, one.x2, one.y2) for one in labels if one.number == 0]
        one = detector.detect(picture)
        truth = np.array(people, np.float32).reshape(-1, 4)
        judged.append(metrics.judge(truth, one.boxes, one.confidences, overlap=OVERLAP))
    return judged


def rows(work: Path, shared: Path, size: int) -> list[Row]:
    """Every figure, model by model at each place."""
    models = {"start": work / "start.onnx", "default@1": find("default")}
    models |= {"yard, half": work / "yard-half.onnx", "yard, whole": work / "yard.onnx"}
    made = []
    for name, model in models.items():
        right, wrong, missed = crossings(model, shared, size)
        share = right / max(1, right + wrong), right / max(1, right + missed)
        made.append(Row("yard, crossings after frame 400", name, *share, right, wrong, missed))
        for place, judged in (
            ("yard, boxes of the taught frames", taught_boxes(model, shared, size)),
            ("desk, boxes against the teacher", desk_boxes(model, work, size)),
        ):
            score = metrics.score(judged)
            made.append(Row(place, name, score.precision, score.recall, score.right, score.wrong, score.missed))
    return sorted(made, key=lambda row: row.place, reverse=True)


def table(found: Sequence[Row]) -> str:
    """The figures as Markdown."""
    head = [
        "| place | model | precision | recall | F1 | right | wrong | missed |",
        "|---|---|---:|---:|---:|---:|---:|---:|",
    ]
    return "\n".join(
        head
        + [
            f"| {one.place} | {one.model} | {one.precision:.3f} | {one.recall:.3f} | {one.f1:.3f} "
            f"| {one.right} | {one.wrong} | {one.missed} |"
            for one in found
        ]
    )


def bars(found: Sequence[Row], out: Path) -> None:
    """Precision and recall of each model at each place, from .5 on."""
    left, width, parts, y = 230, 360, [], 40
    for place in dict.fromkeys(one.place for one in found):
        parts.append(f'<text x="10" y="{y}" font-weight="bold">{escape(place)}</text>')
        y += 8
        for what in ("precision", "recall"):
            for colour, one in zip(COLOURS, [row for row in found if row.place == place], strict=True):
                value = getattr(one, what)
                long = width * max(0.0, value - 0.5) * 2
                parts += [
                    f'<text x="{left - 8}" y="{y + 13}" text-anchor="end">{what}, {escape(one.model)}</text>',
                    f'<rect x="{left}" y="{y + 2}" width="{long:.1f}" height="13" fill="{colour}"/>',
                    f'<text x="{left + long + 5:.1f}" y="{y + 13}">{value:.3f}</text>',
                ]
                y += 18
        y += 26
    _write(out, "Precision and recall; bars begin at .5", left + width + 60, y, parts)


def curve(results: Path, out: Path) -> None:
    """How the held-out pictures of the taught frames were found, pass by pass."""
    with results.open(encoding="utf-8") as file:
        passes = list(csv.DictReader(file))
    side, free = 260, 0.0
    parts: list[str] = []
    names = ("metrics/precision(B)", "metrics/recall(B)", "metrics/mAP50-95(B)")
    for colour, name in zip(COLOURS, names, strict=False):
        values = [float(one[name]) for one in passes]
        step = 420 / max(1, len(values) - 1)
        points = " ".join(f"{50 + n * step:.1f},{40 + side * (1 - value):.1f}" for n, value in enumerate(values))
        label = name.removeprefix("metrics/").removesuffix("(B)")
        free = max(free + 15, 44 + side * (1 - values[-1]))
        parts += [
            f'<polyline points="{points}" fill="none" stroke="{colour}" stroke-width="2"/>',
            f'<text x="478" y="{free:.1f}" fill="{colour}">{label} {values[-1]:.3f}</text>',
        ]
    parts += [
        f'<rect x="50" y="40" width="420" height="{side}" fill="none" stroke="#cccccc"/>',
        f'<text x="50" y="{side + 58}">pass 1</text>',
        f'<text x="470" y="{side + 58}" text-anchor="end">pass {len(passes)}</text>',
        '<text x="44" y="48" text-anchor="end">1</text>',
        f'<text x="44" y="{side + 40}" text-anchor="end">0</text>',
    ]
    _write(out, "Held-out pictures of the taught frames, pass by pass", 640, side + 72, parts)


def _write(out: Path, title: str, width: int, height: int, parts: Sequence[str]) -> None:
    font = 'font-family="sans-serif" font-size="12"'
    head = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" {font}>',
        f'<rect width="{width}" height="{height}" fill="#ffffff"/>',
        f'<text x="10" y="18" font-size="14">{escape(title)}</text>',
    ]
    out.write_text("\n".join([*head, *parts, "</svg>"]) + "\n", encoding="utf-8")


def main() -> None:
    """Print the table; write it, its figures and the plots."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.training", description=__doc__)
    parser.add_argument("work", type=Path, nargs="?", default=Path("runs/yard"))
    parser.add_argument("--shared", type=Path, default=SHARED)
    parser.add_argument("--out", type=Path, default=None, help="default: WORK/figures")
    parser.add_argument("--size", type=int, default=320)
    options = parser.parse_args()
    if not (options.work / "yard.onnx").is_file():
        print(f"{options.work} holds no trained model; make one with models/recipes/yard.sh {options.shared}")
        return
    out: Path = options.out or options.work / "figures"
    out.mkdir(parents=True, exist_ok=True)
    found = rows(options.work, options.shared, options.size)
    print(table(found))
    figures = [{name: getattr(one, name) for name in (*Row.__slots__, "f1")} for one in found]
    (out / "figures.json").write_text(json.dumps(figures, indent=1) + "\n", encoding="utf-8")
    bars(found, out / "gain.svg")
    curve(options.work / "run/results.csv", out / "passes.svg")


if __name__ == "__main__":
    main()
