"""Crossings counted against crossings that happened: precision, recall and F1 per line, and what peers reach.

python -m benchmarks.counting [--sizes 320 480 640] [--model NAME|FILE] [--peers]
"""

import argparse
import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks._peers import Counted, Job, ask
from benchmarks._seen import SHARED, at_least, seen
from tapal_contract.geometry import LineSpec
from tapal_detector.catalogue import find
from tapal_detector.detections import Detections
from tapal_detector.rest import Rest
from tapal_detector.scene import Scene
from tapal_detector.seen import CrossingSeen
from tapal_detector.tracker import TrackerSettings
from tapal_models.crossings import match

SPARED = 2, 1.75  # one frame of two is offered, and while nobody can be at a line so many a second are analysed
PEERS = (
    ("supervision LineZone + ByteTrack", "line_zone", "supervision"),
    ("ultralytics ObjectCounter", "object_counter", "ultralytics"),
    ("ultralytics ObjectCounter, made to follow the foot", "object_counter_at_the_foot", "ultralytics"),
)


@dataclass(frozen=True, slots=True)
class Recording:
    """A video with lines and the crossings that truly happened there: (seconds, direction) per line."""

    video: Path
    fps: float
    frame_size: tuple[int, int]
    lines: tuple[LineSpec, ...]
    truth: dict[str, list[tuple[float, str]]]


@dataclass(frozen=True, slots=True)
class Score:
    """Crossings found, made up and missed."""

    right: int
    extra: int
    missed: int

    @property
    def precision(self) -> float:
        """Share of the counted ones that happened."""
        return self.right / max(1, self.right + self.extra)

    @property
    def recall(self) -> float:
        """Share of those that happened that were counted."""
        return self.right / max(1, self.right + self.missed)

    @property
    def f1(self) -> float:
        """Harmonic mean of precision and recall."""
        return 2 * self.right / max(1, 2 * self.right + self.extra + self.missed)

    def __add__(self, other: "Score") -> "Score":
        return Score(self.right + other.right, self.extra + other.extra, self.missed + other.missed)


def score(counted: Sequence[tuple[float, str]], happened: Sequence[tuple[float, str]]) -> Score:
    """Match each counted crossing with the nearest unused true one, by the rule of a model's exam."""
    found = match(counted, happened)
    return Score(found.right, found.wrong, found.missed)


def pets() -> Recording:
    """The two lines of PETS 2009 S2.L1."""
    data = json.loads((SHARED / "data/pets09-s2l1.crossings.json").read_text())
    lines = tuple(
        LineSpec.model_validate({"id": one["line"], "from": one["from"], "to": one["to"]}) for one in data["lines"]
    )
    truth = {
        one["line"]: [(item["frame"] / data["fps"], item["direction"]) for item in one["crossings"]]
        for one in data["lines"]
    }
    return Recording(SHARED / "data/pets09-s2l1.avi", data["fps"], (768, 576), lines, truth)


def tapal(
    recording: Recording, model: Path, size: int, every: int = 1, rest_fps: float | None = None
) -> tuple[dict[str, list[tuple[float, str]]], float]:
    """What Tapal counts, per line, and the share of frames it analyses for it."""
    found = at_least(seen(recording.video, model, size), TrackerSettings().unsure, ("person",))
    return counted(recording.lines, found, recording.frame_size, recording.fps, every=every, rest_fps=rest_fps)


def counted(
    lines: Sequence[LineSpec],
    found: Sequence[Detections],
    frame_size: tuple[int, int],
    fps: float,
    *,
    every: int = 1,
    rest_fps: float | None = None,
) -> tuple[dict[str, list[tuple[float, str]]], float]:
    """What Tapal counts at each line from given detections, and the share of frames it analyses for it.

    Args:
        lines: where it counts.
        found: the detections of every frame.
        frame_size: width and height in pixels.
        fps: frames a second of the recording.
        every: offer it one frame of so many, as ``fps`` in edge.yaml does.
        rest_fps: as in edge.yaml.
    """
    scene, looks, events = Scene(lines, [], frame_size), 0, []
    rest = Rest(rest_fps) if rest_fps else None
    for number in range(0, len(found), every):
        if rest is not None and rest.passes_over(number / fps):
            continue
        events += scene.update(found[number], number / fps)
        looks += 1
        if rest is not None:
            rest.looked(number / fps, scene)
    crossings = [event for event in [*events, *scene.finish()] if isinstance(event, CrossingSeen)]
    return (
        {line.id: [(event.time_s, event.direction) for event in crossings if event.line == line.id] for line in lines},
        looks / len(found),
    )


def job(recording: Recording, model: Path, size: int) -> Job:
    """What a peer needs to know."""
    width, height = recording.frame_size
    found = at_least(seen(recording.video, model, size), 0.25, ("person",))
    return {
        "video": str(recording.video),
        "model": str(model),
        "size": size,
        "fps": recording.fps,
        "lines": [
            {"id": line.id, "pixels": [[round(x * width), round(y * height)] for x, y in (line.from_, line.to)]}
            for line in recording.lines
        ],
        "detections": [
            [[*map(float, box), float(sure)] for box, sure in zip(one.boxes, one.confidences, strict=True)]
            for one in found
        ],
    }


def of_peer(recording: Recording, answer: Counted) -> dict[str, list[tuple[float, str]]]:
    """A peer's crossings per line; its two names for directions are read in the way that fits each line better."""
    flip = {"inbound": "outbound", "outbound": "inbound"}
    best = {}
    for line in recording.lines:
        mine = [(frame / recording.fps, way) for name, frame, way in answer["crossings"] if name == line.id]
        other = [(moment, flip[way]) for moment, way in mine]
        best[line.id] = max((mine, other), key=lambda one: score(one, recording.truth[line.id]).right)
    return best


def report(name: str, size: int, recording: Recording, counted: dict[str, list[tuple[float, str]]]) -> Score:
    """Print a row for each line and one for all."""
    scores = {line.id: score(counted[line.id], recording.truth[line.id]) for line in recording.lines}
    total = sum(scores.values(), Score(0, 0, 0))
    for line, one in {**scores, "all": total}.items():
        print(
            f"| {name} | {size} | {line} | {one.right} | {one.extra} | {one.missed} "
            f"| {one.precision:.3f} | {one.recall:.3f} | {one.f1:.3f} |",
            flush=True,
        )
    return total


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sizes", type=int, nargs="+", default=[320, 480, 640])
    parser.add_argument("--model", default="default")
    parser.add_argument("--peers", action="store_true", help="also run the peers that are installed (slow)")
    chosen = parser.parse_args()
    if not (SHARED / "data").is_dir():
        print("no recordings at ../shared/data: nothing measured")
        return
    model, recording = find(chosen.model), pets()
    print("| counter | px | line | right | extra | missed | precision | recall | F1 |")
    print("|---|---|---|---|---|---|---|---|---|")
    for size in chosen.sizes:
        report("Tapal", size, recording, tapal(recording, model, size)[0])
        spared, share = tapal(recording, model, size, *SPARED)
        report(f"Tapal, fps 3.5, rest_fps {SPARED[1]} ({share:.0%} of frames)", size, recording, spared)
        if chosen.peers:
            task = job(recording, model, size)
            for name, peer, package in PEERS:
                answer = ask(peer, package, task)
                if answer is None:
                    print(f"| {name} | {size} | not installed | | | | | | |")
                else:
                    report(name, size, recording, of_peer(recording, answer))


if __name__ == "__main__":
    main()
