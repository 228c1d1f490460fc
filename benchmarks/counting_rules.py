"""What three rules of ObjectCounter cost, each put on Tapal's own tracks: which point, which direction, how often.

python -m benchmarks.counting_rules [--sizes 320 480 640]

It follows the centre of a box where the truth is about feet on the ground, takes the direction of a steep line from
left and right alone, and counts a track once in its life. Detections and tracks are the same in every row.
"""

import argparse
from collections import defaultdict
from collections.abc import Iterator, Sequence
from itertools import pairwise, product

from benchmarks._seen import SHARED, at_least, seen
from benchmarks.counting import Recording, Score, pets, score
from tapal_contract.geometry import LineSpec
from tapal_detector.catalogue import find
from tapal_detector.track import BoxPixels
from tapal_detector.tracker import Tracker

Point = tuple[float, float]
Path = list[tuple[float, BoxPixels]]
Crossing = tuple[float, str]
ONE, OTHER = "inbound", "outbound"


def paths(recording: Recording, size: int) -> list[Path]:
    """Moment and box of everybody who was followed."""
    tracker, followed = Tracker(frame_size=recording.frame_size), defaultdict[int, Path](list)
    found = at_least(seen(recording.video, find("default"), size), 0.25, ("person",))
    for number, one in enumerate(found):
        for track in tracker.update(one, number / recording.fps):
            followed[track.id] += [(each.time_s, each.box) for each in track.fresh]
    return list(followed.values())


def crossings(
    line: LineSpec, recording: Recording, people: Sequence[Path], *, centre: bool, by_side: bool, once: bool
) -> list[Crossing]:
    """Who cuts the line when and which way, by one set of rules."""
    width, height = recording.frame_size
    start, end = ((x * width, y * height) for x, y in (line.from_, line.to))
    steep = abs(start[0] - end[0]) < abs(start[1] - end[1])
    found: list[Crossing] = []
    for path in people:
        mine: list[Crossing] = []
        for (_, before), (moment, after) in pairwise(path):
            p, q = _point(before, centre=centre), _point(after, centre=centre)
            if _side(start, end, p) * _side(start, end, q) > 0 or _side(p, q, start) * _side(p, q, end) > 0:
                continue
            ahead = q[0] > p[0] if steep else q[1] > p[1]
            mine.append((moment, ONE if (_side(start, end, q) > 0 if by_side else ahead) else OTHER))
        found += mine[:1] if once else mine
    return found


def best(recording: Recording, people: Sequence[Path], **rules: bool) -> Iterator[Score]:
    """The score at each line, its two directions read in the way that fits better, as for a peer."""
    for line in recording.lines:
        mine = crossings(line, recording, people, **rules)
        turned = [(moment, OTHER if way == ONE else ONE) for moment, way in mine]
        yield max((score(each, recording.truth[line.id]) for each in (mine, turned)), key=lambda one: one.f1)


def _point(box: BoxPixels, *, centre: bool) -> Point:
    x1, y1, x2, y2 = box
    return (x1 + x2) / 2, (y1 + y2) / 2 if centre else y2


def _side(a: Point, b: Point, p: Point) -> float:
    return (b[0] - a[0]) * (p[1] - a[1]) - (b[1] - a[1]) * (p[0] - a[0])


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sizes", type=int, nargs="+", default=[320, 480, 640])
    chosen = parser.parse_args()
    if not (SHARED / "data").is_dir():
        print("no recordings at ../shared/data: nothing measured")
        return
    recording = pets()
    print(
        "| px | point | direction | a track counts | " + " | ".join(f"F1 {line.id}" for line in recording.lines) + " |"
    )
    print("|---|---|---|---|" + "---|" * len(recording.lines))
    for size in chosen.sizes:
        people = paths(recording, size)
        for centre, by_side, once in product((False, True), (True, False), (False, True)):
            point, way = "centre" if centre else "foot", "side" if by_side else "left or right"
            scores = best(recording, people, centre=centre, by_side=by_side, once=once)
            cells = " | ".join(f"{one.f1:.3f}" for one in scores)
            print(f"| {size} | {point} | {way} | {'once' if once else 'each time'} | {cells} |", flush=True)


if __name__ == "__main__":
    main()
