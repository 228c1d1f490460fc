"""Frames a second from picture to crossings, ours and ObjectCounter's, same weights, in one run and in turns.

python -m benchmarks.speed [--frames 795] [--turn 53] [--peers]

Every contender does a few frames, then the next one does, so a busy machine slows all alike. The first turn, in which
ObjectCounter loads its model and both warm up, is not timed. Decoding is left out for
us and is the least of what ObjectCounter does. The CPU time of a frame, all threads together, does not depend on who
else is busy as wall time does. ObjectCounter counts at one line in a pass, so it is timed at one and we at two.
"""

import argparse
import time
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from benchmarks._peers import Peer, python_of
from benchmarks._seen import SHARED, frames
from benchmarks.counting import SPARED, Recording, Score, job, pets, score
from tapal_detector.catalogue import find
from tapal_detector.detector import Detector
from tapal_detector.rest import Rest
from tapal_detector.scene import Scene
from tapal_detector.seen import CrossingSeen, Seen
from tapal_detector.session import default_threads
from tapal_detector.tracker import TrackerSettings

Images = list[NDArray[np.uint8]]
OURS: tuple[tuple[int, int, float | None], ...] = (
    *((size, 1, None) for size in (640, 480, 320)),
    *((size, *SPARED) for size in (640, 480, 320)),
    (640, 3, 7 / 6),
)
THEIRS = (
    (640, "its own defaults", {}),
    (480, "", {}),
    (320, "", {}),
    (320, "ByteTrack", {"tracker": "bytetrack.yaml"}),
)


class Contender(Protocol):
    """Something that counts."""

    name: str
    size: int

    def go(self, images: Images) -> tuple[float, float]:
        """Take so many more frames; wall and CPU seconds it took."""
        ...


@dataclass
class Ours:
    """Detector, tracker and lines as the edge runs them.

    Attributes:
        every: of so many frames one is analysed, as a camera's ``fps`` in edge.yaml says.
        rest_fps: as in edge.yaml.
    """

    model: Path
    recording: Recording
    size: int
    every: int
    rest_fps: float | None = None
    provider: str = "cpu"
    seen: list[Seen] = field(default_factory=list)
    number: int = 0
    looks: int = 0

    def __post_init__(self) -> None:
        self.name = "Tapal" + (" on OpenVINO" if self.provider == "openvino" else "")
        self.name += f", fps {self.recording.fps / self.every:g}" if self.every > 1 else ""
        self.name += f", rest_fps {self.rest_fps:g}" if self.rest_fps else ""
        self._rest = Rest(self.rest_fps) if self.rest_fps else None
        self._detector = Detector.load(
            self.model,
            size=self.size,
            labels=["person"],
            confidence=TrackerSettings().unsure,
            providers=[self.provider],
        )
        self._scene = Scene(self.recording.lines, [], self.recording.frame_size)

    def go(self, images: Images) -> tuple[float, float]:
        """Take so many more frames."""
        started, spent = time.perf_counter(), time.process_time()
        for image in images:
            time_s = self.number / self.recording.fps
            if self.number % self.every == 0 and not (self._rest and self._rest.passes_over(time_s)):
                self._look(image, time_s)
            self.number += 1
        return time.perf_counter() - started, time.process_time() - spent

    def _look(self, image: NDArray[np.uint8], time_s: float) -> None:
        self.looks += 1
        self.seen += self._scene.update(self._detector.detect(image), time_s)
        if self._rest:
            self._rest.looked(time_s, self._scene)

    def f1(self) -> float:
        """Of all lines, once every frame was taken."""
        crossings = [one for one in [*self.seen, *self._scene.finish()] if isinstance(one, CrossingSeen)]
        total, until = Score(0, 0, 0), self.number / self.recording.fps
        for line in self.recording.lines:
            mine = [(one.time_s, one.direction) for one in crossings if one.line == line.id]
            total += score(mine, [one for one in self.recording.truth[line.id] if one[0] < until])
        return total.f1


@dataclass
class Theirs:
    """ObjectCounter in its own process."""

    peer: Peer
    name: str
    size: int

    def go(self, images: Images) -> tuple[float, float]:
        """Take as many more frames."""
        done = self.peer.go(len(images))
        assert done["frames"] == len(images), "both read the same video"
        return done["seconds"], done["cpu"]


@dataclass
class Race:
    """What each contender took, turn by turn."""

    contenders: list[Contender]
    wall: dict[int, float] = field(default_factory=dict)
    cpu: dict[int, float] = field(default_factory=dict)
    frames: int = 0

    def warm_up(self, images: Images) -> None:
        """Let everybody load, warm up and take the first frames, and time nothing."""
        for one in self.contenders:
            one.go(images)

    def turn(self, images: Images) -> None:
        """Let everybody take the same frames, beginning with another one each time."""
        places = list(range(len(self.contenders)))
        first = self.frames // max(1, len(images)) % len(places)
        for place in (*places[first:], *places[:first]):
            wall, cpu = self.contenders[place].go(images)
            self.wall[place] = self.wall.get(place, 0.0) + wall
            self.cpu[place] = self.cpu.get(place, 0.0) + cpu
        self.frames += len(images)

    def table(self) -> Iterator[str]:
        """A row for each, with its rate over that of each ObjectCounter in wall and in CPU time."""
        rivals = [place for place, one in enumerate(self.contenders) if isinstance(one, Theirs)]
        names = [f"{self.contenders[place].name} {self.contenders[place].size}" for place in rivals]
        columns = [
            "counter",
            "px",
            "F1",
            "analysed",
            "frames a second",
            "CPU ms a frame",
            *(f"over {name}" for name in names),
        ]
        yield "| " + " | ".join(columns) + " |"
        yield "|" + "---|" * len(columns)
        for place, one in enumerate(self.contenders):
            f1 = f"{one.f1():.3f}" if isinstance(one, Ours) else "see above"
            share = f"{one.looks / one.number:.0%}" if isinstance(one, Ours) else "100%"
            cells = [one.name, str(one.size), f1, share, f"{self.frames / self.wall[place]:.1f}"]
            cells.append(f"{1000 * self.cpu[place] / self.frames:.1f}")
            for rival in rivals:
                wall, cpu = self.wall[rival] / self.wall[place], self.cpu[rival] / self.cpu[place]
                cells.append(f"{wall:.2f} ({cpu:.2f} by CPU)")
            yield "| " + " | ".join(cells) + " |"


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--frames", type=int, default=795)
    parser.add_argument("--turn", type=int, default=53, help="frames that each does before it is the next one's turn")
    parser.add_argument("--peers", action="store_true", help="also time ObjectCounter where it is installed (slow)")
    parser.add_argument("--openvino", action="store_true", help="also time our pipeline on OpenVINO")
    chosen = parser.parse_args()
    if not (SHARED / "data").is_dir():
        print("no recordings at ../shared/data: nothing measured")
        return
    model, recording = find("default"), pets()
    contenders: list[Contender] = [Ours(model, recording, *how) for how in OURS]
    if chosen.openvino:
        contenders.append(Ours(model, recording, 320, 1, provider="openvino"))
    with ExitStack() as stack:
        python = python_of("ultralytics") if chosen.peers else None
        if chosen.peers and python is None:
            print("ObjectCounter: not installed")
        for size, name, options in THEIRS if python else ():
            task = {**job(recording, model, size), **options, "lines": job(recording, model, size)["lines"][:1]}
            label = "ObjectCounter" + (f", {name}" if name else "")
            peer = stack.enter_context(Peer(python or "", "object_counter", task | {"detections": []}))
            contenders.append(Theirs(peer, label, size))
        race, images = Race(contenders), islice(frames(recording.video), chosen.frames)
        race.warm_up(list(islice(images, chosen.turn)))
        while turn := list(islice(images, chosen.turn)):
            race.turn(turn)
        for row in race.table():
            print(row)
    print(f"\n{race.frames} frames, {default_threads()} cores for everybody")


if __name__ == "__main__":
    main()
