"""Other counters on the same video, model and lines, each run by a Python that has it installed.

The peers need packages that Tapal does not (torch among them), so they run as a process of their own:
`$PEERS_ULTRALYTICS` and `$PEERS_SUPERVISION` name the Pythons, default this one. Run as a script, this module is that
process: it reads a JSON job from stdin and writes (line, frame, direction) triples to stdout.
"""

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path
from typing import Any

Job = dict[str, Any]
Counted = dict[str, Any]


def ask(peer: str, package: str, job: Job) -> Counted | None:
    """Let a peer count; None when the package is not installed."""
    python = os.environ.get(f"PEERS_{package.upper()}", sys.executable)
    if subprocess.run([python, "-c", f"import {package}"], check=False, capture_output=True).returncode:
        return None
    done = subprocess.run(
        [python, str(Path(__file__)), peer], input=json.dumps(job), text=True, capture_output=True, check=False
    )
    if done.returncode:
        raise RuntimeError(f"{peer} failed: {done.stderr[-2000:]}")
    answer: Counted = json.loads(done.stdout.splitlines()[-1])
    return answer


def object_counter(job: Job) -> Counted:
    """`ultralytics.solutions.ObjectCounter`, one for each line, as its documentation uses it."""
    import cv2  # noqa: PLC0415  # only in the process of a peer
    import numpy as np  # noqa: PLC0415  # as above
    from ultralytics import solutions  # noqa: PLC0415  # as above

    triples, seconds, frames = [], 0.0, 0
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
        capture = cv2.VideoCapture(job["video"])
        before, number = (0, 0), 0
        while True:
            read, frame = capture.read()
            if not read or number >= job.get("frames", 10**9):
                break
            started = time.perf_counter()
            counter.process(np.ascontiguousarray(frame))
            seconds += time.perf_counter() - started
            frames += 1
            now = (counter.in_count, counter.out_count)
            triples += [[line["id"], number, "inbound"]] * (now[0] - before[0])
            triples += [[line["id"], number, "outbound"]] * (now[1] - before[1])
            before, number = now, number + 1
    return {"crossings": triples, "seconds": seconds, "frames": frames, "version": version("ultralytics")}


def line_zone(job: Job) -> Counted:
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
    triples = []
    for number, rows in enumerate(job["detections"]):
        table = np.array(rows, np.float32).reshape(-1, 5)
        found = sv.Detections(xyxy=table[:, :4], confidence=table[:, 4], class_id=np.zeros(len(table), int))
        tracked = tracker.update_with_detections(found)
        for name, zone in zones.items():
            into, out = zone.trigger(tracked)
            triples += [[name, number, "inbound"]] * int(into.sum()) + [[name, number, "outbound"]] * int(out.sum())
    return {"crossings": triples, "version": version("supervision")}


PEERS: dict[str, Callable[[Job], Counted]] = {"object_counter": object_counter, "line_zone": line_zone}

if __name__ == "__main__":
    print(json.dumps(PEERS[sys.argv[1]](json.loads(sys.stdin.read()))))
