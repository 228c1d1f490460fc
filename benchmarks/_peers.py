"""Other counters on the same video, model and lines, each run by a Python that has it installed.

The peers need packages that Tapal does not (torch among them), so they run as a process of their own:
`$PEERS_ULTRALYTICS` and `$PEERS_SUPERVISION` name the Pythons, default this one. Run as a script, this module is that
process. Its standard input is a JSON job on the first line, then a number of frames on each line; it answers each with
what was counted in so many more frames of the video: (line, frame, direction) triples, wall and CPU seconds.
"""

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from functools import partial
from importlib.metadata import version
from pathlib import Path
from typing import Any, Self

Job = dict[str, Any]
Counted = dict[str, Any]
Triple = tuple[str, int, str]
ALL_FRAMES = 10**9
HISTORY = 30


class Peer:
    """A peer at work on a job, some frames at a time."""

    def __init__(self, python: str, peer: str, job: Job) -> None:
        self._process = subprocess.Popen(
            [python, str(Path(__file__)), peer], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        self._say(json.dumps(job))

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._process.terminate()
        self._process.wait()

    def go(self, frames: int) -> Counted:
        """Count in so many more frames."""
        self._say(str(frames))
        assert self._process.stdout is not None, "it was opened with a pipe"
        for line in self._process.stdout:
            if line.startswith('{"crossings"'):
                answer: Counted = json.loads(line)
                return answer
        raise RuntimeError("the peer ended without an answer; its own output says why")

    def _say(self, line: str) -> None:
        assert self._process.stdin is not None, "it was opened with a pipe"
        self._process.stdin.write(line + "\n")
        self._process.stdin.flush()


def python_of(package: str) -> str | None:
    """The Python that has a package; None when there is none."""
    python = os.environ.get(f"PEERS_{package.upper()}", sys.executable)
    missing = subprocess.run([python, "-c", f"import {package}"], check=False, capture_output=True).returncode
    return None if missing else python


def ask(peer: str, package: str, job: Job) -> Counted | None:
    """Let a peer count the whole job; None when the package is not installed."""
    python = python_of(package)
    if python is None:
        return None
    with Peer(python, peer, job) as working:
        return working.go(ALL_FRAMES)


def object_counter(job: Job) -> Iterator[list[Triple]]:
    """`ultralytics.solutions.ObjectCounter`, as its documentation uses it; it has one line, so each line takes a pass.

    What it calls in is inbound here, whatever way the line points. It follows the centre of a box; with ``foot`` in the
    job it is made to follow the bottom centre, which the truth is about.
    """
    import cv2  # noqa: PLC0415  # only in the process of a peer
    import numpy as np  # noqa: PLC0415  # as above
    from ultralytics import solutions  # noqa: PLC0415  # as above

    for line in job["lines"]:
        counter = solutions.ObjectCounter(
            show=False,
            region=line["pixels"],
            model=job["model"],
            imgsz=job["size"],
            classes=[0],
            verbose=False,
            **({"tracker": job["tracker"]} if "tracker" in job else {}),
        )
        if job.get("foot"):
            counter.store_tracking_history = partial(_remember_foot, counter)
        capture = cv2.VideoCapture(job["video"])
        before, number = (0, 0), 0
        while True:
            read, frame = capture.read()
            if not read:
                break
            counter.process(np.ascontiguousarray(frame))
            now = (counter.in_count, counter.out_count)
            inbound, outbound = (line["id"], number, "inbound"), (line["id"], number, "outbound")
            yield [inbound] * (now[0] - before[0]) + [outbound] * (now[1] - before[1])
            before, number = now, number + 1


def object_counter_at_the_foot(job: Job) -> Iterator[list[Triple]]:
    """ObjectCounter made to follow the bottom centre of boxes."""
    yield from object_counter({**job, "foot": True})


def _remember_foot(counter: Any, track: int, box: Any) -> None:
    """Append where somebody stands to the history of their track, as ObjectCounter does with the centre."""
    x1, _, x2, y2 = (float(value) for value in box)
    counter.track_line = counter.track_history[track]
    counter.track_line.append(((x1 + x2) / 2, y2))
    if len(counter.track_line) > HISTORY:
        counter.track_line.pop(0)


def line_zone(job: Job) -> Iterator[list[Triple]]:
    """LineZone of supervision after its ByteTrack, on the very detections that Tapal uses (0.25 and more).

    supervision has no ByteTrack of its own from 0.31 on.
    """
    import numpy as np  # noqa: PLC0415  # as above
    import supervision as sv  # noqa: PLC0415  # as above

    tracker = sv.ByteTrack(frame_rate=round(job["fps"]))
    corner = (sv.Position.BOTTOM_CENTER,)
    zones = {
        line["id"]: sv.LineZone(*(sv.Point(*point) for point in line["pixels"]), triggering_anchors=corner)
        for line in job["lines"]
    }
    for number, rows in enumerate(job["detections"]):
        table = np.array(rows, np.float32).reshape(-1, 5)
        found = sv.Detections(xyxy=table[:, :4], confidence=table[:, 4], class_id=np.zeros(len(table), int))
        tracked = tracker.update_with_detections(found)
        triples: list[Triple] = []
        for name, zone in zones.items():
            into, out = zone.trigger(tracked)
            triples += [(name, number, "inbound")] * int(into.sum()) + [(name, number, "outbound")] * int(out.sum())
        yield triples


PEERS: dict[str, tuple[str, Callable[[Job], Iterator[list[Triple]]]]] = {
    "object_counter": ("ultralytics", object_counter),
    "object_counter_at_the_foot": ("ultralytics", object_counter_at_the_foot),
    "line_zone": ("supervision", line_zone),
}


def serve(peer: str) -> None:
    """Be the peer's process."""
    package, count = PEERS[peer]
    steps = count(json.loads(sys.stdin.readline()))
    for wanted in sys.stdin:
        started, spent = time.perf_counter(), time.process_time()
        triples, frames = [], 0
        while frames < int(wanted) and (step := next(steps, None)) is not None:
            triples += step
            frames += 1
        answer = {
            "crossings": triples,
            "frames": frames,
            "seconds": time.perf_counter() - started,
            "cpu": time.process_time() - spent,
            "version": version(package),
        }
        print(json.dumps(answer), flush=True)


if __name__ == "__main__":
    serve(sys.argv[1])
