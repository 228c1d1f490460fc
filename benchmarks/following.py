"""How well labelled boxes are followed through a clip of the review, against what is truly there.

python -m benchmarks.following [--video V --truth GT.txt] [--size 320]

The film is made as a node makes it (small, heads blurred). Every fifth of the frames that are labelled, 2.5 s apart,
gets its true boxes, as from a person; asked is where they are in the other four. A box is right that overlaps a free
true one by half. Three ways: followed with what the edge saw, followed by looks alone, and carried by motion.
"""

import argparse
import json
import tempfile
from pathlib import Path

import numpy as np

from tapal_detector.catalogue import find
from tapal_detector.detections import Detections
from tapal_detector.detector import Detector
from tapal_edge.clip_export import shrink
from tapal_edge.films import _told
from tapal_edge.sources.frame import Image
from tapal_models import metrics
from tapal_models.evaluation import Boxes, read_clip
from tapal_server.models import footage
from tapal_server.models.following import followed, proposed
from tapal_server.models.propagating import Keyframe, ReviewBox, carried

SAMPLE = Path("datasets/sample")
EVERY = 5
Shares = tuple[ReviewBox, ...]


def main() -> None:
    """Make the film, follow, and print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--video", type=Path, default=SAMPLE / "pier.mp4")
    parser.add_argument("--truth", type=Path, default=SAMPLE / "pier.gt.txt")
    parser.add_argument("--size", type=int, default=320, help="of the model that blurs and sees")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    truth = read_clip(options.video, options.truth).truth
    detector = Detector.load(find("default"), size=options.size)
    seen: list[Shares] = []
    sizes: list[tuple[int, int]] = []

    def look(image: Image) -> Detections:
        found = detector.detect(image)
        sizes.append((image.shape[1], image.shape[0]))
        seen.append(tuple(_box(one.label, one[2:], (1, 1)) for one in _told(found, image)))
        return found

    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder) / "film.mp4"
        shrink(options.video, copy, look, most_bytes=2_000_000)
        film = copy.read_bytes()
    shots, greys = footage.shots(film), footage.greys(film)
    rate = _rate(options.video)
    true = {shot.number: _truth(truth, round(shot.at_s * rate) + 1, sizes[0]) for shot in shots}
    true = {number: boxes for number, boxes in true.items() if boxes is not None}
    known = {number: boxes for place, (number, boxes) in enumerate(true.items()) if place % EVERY == 0}
    times = {shot.number: shot.at_s for shot in shots}
    keyframes = [Keyframe(times[number], boxes) for number, boxes in known.items()]
    asked = [number for number in true if number not in known]
    ways = {
        "followed, and what the edge saw besides": proposed(greys, seen, known),
        "followed, with what the edge saw": followed(greys, seen, known),
        "followed by looks alone": followed(greys, [], known),
        "carried by motion, onto what the edge saw": {n: carried(keyframes, times[n], seen[n]) for n in asked},
    }
    rows = [_row(name, [(true[number], found.get(number, ())) for number in asked]) for name, found in ways.items()]
    rows.append(_row("what the edge saw", [(true[number], seen[number]) for number in asked]))
    if options.json:
        print(json.dumps(rows))
        return
    print(f"{len(known)} frames labelled, {len(asked)} asked, of {len(greys)}\n")
    print("| way | precision | recall | F1 |\n|---|---:|---:|---:|")
    for row in rows:
        print(f"| {row['way']} | {row['precision']:.3f} | {row['recall']:.3f} | {row['f1']:.3f} |")


def _rate(video: Path) -> float:
    import cv2  # noqa: PLC0415 - for one number

    return float(cv2.VideoCapture(str(video)).get(cv2.CAP_PROP_FPS))


def _truth(truth: dict[int, Boxes], number: int, size: tuple[int, int]) -> Shares | None:
    """People of a frame; None behind the last that has labels."""
    if number > max(truth):
        return None
    return tuple(_box("person", box, size) for box in truth.get(number, ()))


def _box(label: str, sides: "Boxes | tuple[float, ...]", size: tuple[int, int]) -> ReviewBox:
    x1, y1, x2, y2 = (min(max(float(side) / size[place % 2], 0.0), 1.0) for place, side in enumerate(sides))
    return ReviewBox(label=label, x1=x1, y1=y1, x2=x2, y2=y2)


def _row(way: str, frames: "list[tuple[Shares, Shares]]") -> dict[str, object]:
    judged = [
        metrics.judge(_array(true), _array(found), np.ones(len(_people(found)), np.float32)) for true, found in frames
    ]
    total = metrics.score(judged)
    return {"way": way, "precision": total.precision, "recall": total.recall, "f1": total.f1}


def _people(boxes: Shares) -> list[ReviewBox]:
    return [one for one in boxes if one.label == "person"]


def _array(boxes: Shares) -> Boxes:
    return np.array([(one.x1, one.y1, one.x2, one.y2) for one in _people(boxes)], np.float32).reshape(-1, 4)


if __name__ == "__main__":
    main()
