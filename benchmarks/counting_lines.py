"""Crossings of lines that nobody chose: random ones over the labelled frames of a recording, and other scenes.

python -m benchmarks.counting_lines [--seed 1] [--sizes 320 480 640]

The truth of a random line is where the labelled foot points cut it. A line is clear when moving it 6 px or its ends
10 px changes nothing about who crosses it which way; of the others, many have people who graze an end.
"""

import argparse
import random
from collections import defaultdict
from collections.abc import Iterator, Sequence
from itertools import pairwise
from math import hypot
from pathlib import Path

import yaml

from benchmarks._seen import SHARED, at_least, seen
from benchmarks.counting import SPARED, Score, counted, score
from tapal_contract.geometry import LineSpec
from tapal_detector.catalogue import find
from tapal_detector.detections import Detections
from tapal_detector.tracker import Tracker, TrackerSettings

LABELLED_FRAMES, FPS, SIZE = 400, 7.0, (768, 576)
CLEAR_LINES, ANY_LINES = 60, 80
SHIFT_PX, STRETCH_PX, SHORTEST_PX = 6.0, 10.0, 100.0
FEWEST_CROSSINGS = 4
WAVER_S = 1.0
NOTHING = Score(0, 0, 0)
SAMPLE = Path(__file__).resolve().parents[1] / "datasets/sample"
DESK_PEOPLE, DESK_FPS, DESK_SIZE = 6, 10.0, (768, 432)

Point = tuple[float, float]
Segment = tuple[Point, Point]
Foot = tuple[int, float, float]
Crossing = tuple[int, float, str]


def feet() -> dict[int, list[Foot]]:
    """Frame (from 0) and foot point of every labelled person."""
    found: dict[int, list[Foot]] = defaultdict(list)
    for row in (SHARED / "data/pets09-s2l1-frames-1-400.gt.txt").read_text().split():
        frame, person, left, top, width, height = (float(value) for value in row.split(",")[:6])
        found[int(person)].append((int(frame) - 1, left + width / 2, top + height))
    return {person: sorted(path) for person, path in found.items()}


def happened(line: Segment, people: dict[int, list[Foot]]) -> list[Crossing]:
    """Who cut a line when (seconds) and which way; who turns back within a second has not crossed."""
    crossings: list[Crossing] = []
    for person, path in people.items():
        mine: list[Crossing] = []
        for (frame, *p), (later, *q) in pairwise(path):
            first, second = (_side(line, (x, y)) for x, y in (p, q))
            if (first >= 0) == (second >= 0):
                continue
            share = first / (first - second)
            if 0 <= _along(line, (p[0] + share * (q[0] - p[0]), p[1] + share * (q[1] - p[1]))) <= 1:
                moment = (frame + share * (later - frame)) / FPS
                if mine and moment - mine[-1][1] < WAVER_S:
                    mine.pop()
                else:
                    mine.append((person, moment, "inbound" if second >= 0 else "outbound"))
        crossings += mine
    return sorted(crossings, key=lambda one: one[1])


def is_clear(line: Segment, people: dict[int, list[Foot]]) -> bool:
    """Whether nothing changes when the line is moved, stretched or shortened a little."""
    (x, y), (u, v) = line
    length = hypot(u - x, v - y)
    along, across = ((u - x) / length, (v - y) / length), ((v - y) / length, (x - u) / length)
    truth = _who(happened(line, people))
    for step in (-SHIFT_PX, SHIFT_PX):
        dx, dy = step * across[0], step * across[1]
        if _who(happened(((x + dx, y + dy), (u + dx, v + dy)), people)) != truth:
            return False
    for step in (-STRETCH_PX, STRETCH_PX):
        dx, dy = step * along[0], step * along[1]
        if _who(happened(((x - dx, y - dy), (u + dx, v + dy)), people)) != truth:
            return False
    return True


def random_lines(dice: random.Random, people: dict[int, list[Foot]], count: int, *, clear: bool) -> list[Segment]:
    """Lines inside the frame that are long enough and that some people cross."""
    lines: list[Segment] = []
    while len(lines) < count:
        ends = [(dice.uniform(0.05, 0.95) * SIZE[0], dice.uniform(0.05, 0.95) * SIZE[1]) for _ in range(2)]
        line = (ends[0], ends[1])
        if hypot(ends[1][0] - ends[0][0], ends[1][1] - ends[0][1]) < SHORTEST_PX:
            continue
        if len(happened(line, people)) >= FEWEST_CROSSINGS and (not clear or is_clear(line, people)):
            lines.append(line)
    return lines


def score_random(lines: Sequence[Segment], people: dict[int, list[Foot]], found: list[Detections], every: int) -> Score:
    """All lines at once, over the labelled frames."""
    specs = [_spec(number, line) for number, line in enumerate(lines)]
    seen_here, _ = counted(specs, found[:LABELLED_FRAMES], SIZE, FPS, every=every)
    return sum((_judge(line, people, seen_here[spec.id]) for spec, line in zip(specs, lines, strict=True)), NOTHING)


def score_rested(
    lines: Sequence[Segment], people: dict[int, list[Foot]], found: list[Detections]
) -> tuple[Score, float]:
    """Each line by itself, as there is rest only far from a camera's own lines, and the share of frames analysed."""
    every, rest_fps = SPARED
    total, shares = NOTHING, 0.0
    for number, line in enumerate(lines):
        spec = _spec(number, line)
        seen_here, share = counted([spec], found[:LABELLED_FRAMES], SIZE, FPS, every=every, rest_fps=rest_fps)
        total, shares = total + _judge(line, people, seen_here[spec.id]), shares + share
    return total, shares / len(lines)


def _judge(line: Segment, people: dict[int, list[Foot]], seen_here: list[tuple[float, str]]) -> Score:
    return score(seen_here, [(moment, way) for _, moment, way in happened(line, people)])


def _spec(number: int, line: Segment) -> LineSpec:
    return LineSpec.model_validate({"id": f"line-{number}", "from": _share(line[0]), "to": _share(line[1])})


def sample_feed(model: Path, size: int) -> Score:
    """The feed that Tapal ships."""
    card = yaml.safe_load((SAMPLE / "pier.yaml").read_text())
    lines = [LineSpec.model_validate(line) for line in card["lines"]]
    found = _people(SAMPLE / "pier.mp4", model, size)
    answer, _ = counted(lines, found, (int(card["size"][0]), int(card["size"][1])), card["fps"])
    truth = [(float(one["time_s"]), str(one["direction"])) for one in card["crossings"]]
    return score(answer[lines[0].id], truth)


def long_tracks(model: Path, size: int) -> int:
    """How many things were followed for three seconds or more in one-by-one.mp4, where six people come to a desk."""
    tracker, lasted = Tracker(frame_size=DESK_SIZE), {}
    for number, one in enumerate(_people(SHARED / "data/one-by-one.mp4", model, size)):
        for track in tracker.update(one, number / DESK_FPS):
            lasted[track.id] = track.last.time_s - track.born_s
    return sum(seconds >= 3 for seconds in lasted.values())


def rows(seed: int, sizes: Sequence[int], model: Path) -> Iterator[tuple[str, list[str]]]:
    """Name and a cell for each size."""
    dice, people = random.Random(seed), feet()
    clear = random_lines(dice, people, CLEAR_LINES, clear=True)
    unclear = random_lines(dice, people, ANY_LINES, clear=False)
    found = [_people(SHARED / "data/pets09-s2l1.avi", model, size) for size in sizes]
    for name, lines, every in (
        (f"{CLEAR_LINES} clear lines, 7 fps", clear, 1),
        (f"{CLEAR_LINES} clear lines, 3.5 fps", clear, 2),
        (f"{ANY_LINES} lines of any kind, 7 fps", unclear, 1),
    ):
        scores = [score_random(lines, people, one, every) for one in found]
        yield f"{name}, {scores[0].right + scores[0].missed} crossings", [f"{one.f1:.3f}" for one in scores]
    for name, lines in ((f"{CLEAR_LINES} clear lines", clear), (f"{ANY_LINES} lines of any kind", unclear)):
        rested = [score_rested(lines, people, one) for one in found]
        cells = [f"{one.f1:.3f} ({share:.0%} of frames)" for one, share in rested]
        yield f"{name}, 3.5 fps, rest_fps {SPARED[1]}", cells
    feed = [sample_feed(model, size) for size in sizes]
    yield f"sample feed, {feed[0].right + feed[0].missed} crossings", [f"{one.f1:.3f}" for one in feed]
    yield f"one-by-one.mp4: tracks of {DESK_PEOPLE} people", [str(long_tracks(model, size)) for size in sizes]


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--sizes", type=int, nargs="+", default=[320, 480, 640])
    chosen = parser.parse_args()
    if not (SHARED / "data").is_dir():
        print("no recordings at ../shared/data: nothing measured")
        return
    print("| | " + " | ".join(f"{size} px" for size in chosen.sizes) + " |")
    print("|---|" + "---|" * len(chosen.sizes))
    for name, cells in rows(chosen.seed, chosen.sizes, find("default")):
        print(f"| {name} | " + " | ".join(cells) + " |", flush=True)


def _people(video: Path, model: Path, size: int) -> list[Detections]:
    return at_least(seen(video, model, size), TrackerSettings().unsure, ("person",))


def _who(crossings: Sequence[Crossing]) -> list[tuple[int, str]]:
    return [(person, way) for person, _, way in sorted(crossings)]


def _share(point: Point) -> list[float]:
    return [point[0] / SIZE[0], point[1] / SIZE[1]]


def _side(line: Segment, point: Point) -> float:
    (x, y), (u, v) = line
    return ((u - x) * (point[1] - y) - (v - y) * (point[0] - x)) / hypot(u - x, v - y)


def _along(line: Segment, point: Point) -> float:
    (x, y), (u, v) = line
    return ((u - x) * (point[0] - x) + (v - y) * (point[1] - y)) / ((u - x) ** 2 + (v - y) ** 2)


if __name__ == "__main__":
    main()
