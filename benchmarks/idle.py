"""What a camera costs while nothing happens before it, decoding included: CPU seconds for each second of the stream.

python -m benchmarks.idle [--rates 5 25] [--keys 1 2 10] [--seconds 120] [--size 320] [--bit-rate 1000000]

A still 1080p scene with sensor noise is encoded as H.264, and read by the edge's own reader, gate, analyst and model.
Key frames further apart than the edge waits for (`DOZE_AT_MOST_S`) make it decode every frame.
"""

import argparse
import tempfile
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import av
import cv2
import numpy as np
from numpy.typing import NDArray

from tapal_contract.ids import new_id
from tapal_detector.catalogue import find
from tapal_detector.detector import Detector
from tapal_detector.tracker import TrackerSettings
from tapal_edge.analyst import Analyst, Seat
from tapal_edge.config import Camera
from tapal_edge.messages import Author
from tapal_edge.recorder import Recorder
from tapal_edge.sources.frame import Frame
from tapal_edge.sources.inbox import Inbox
from tapal_edge.sources.recorded import Recording
from tapal_edge.view import View

WIDTH, HEIGHT = 1920, 1080
SENSOR_NOISE = 2.0
SETTLE_S = 40.0  # until the gate knows the scene, and the sizes of packets are known


@dataclass(frozen=True, slots=True)
class Cost:
    """CPU seconds a stream second, in all and of reading and decoding alone, and the share of frames analysed."""

    all: float
    decoding: float
    analysed: float


class Watched(Inbox):
    """Notes the CPU time spent since the gate has settled, as frames come in: their reader runs ahead of the model."""

    view: View
    settled: float | None = None
    until = 0.0

    def put(self, frame: Frame) -> bool:
        """Start the watch with the first frame after the settling time."""
        self.until = frame.time_s
        if self.settled is None and frame.time_s >= SETTLE_S:
            self.settled = time.process_time()
            self.view.frames = self.view.idle = 0
        return super().put(frame)


def scene() -> NDArray[np.uint8]:
    """A scene with soft and hard structure, the same every time."""
    dice = np.random.default_rng(1)
    soft = sum(
        cv2.resize(dice.normal(0, weight, (9 * scale, 16 * scale)).astype(np.float32), (WIDTH, HEIGHT), interpolation=3)
        for scale, weight in ((1, 35), (4, 20), (20, 12))
    )
    return np.clip(np.asarray(soft)[..., None] + np.array([110, 120, 125]), 0, 255).astype(np.uint8)


def encode(path: Path, rate: int, seconds: float, bit_rate: int, key_s: float = 2.0) -> None:
    """Write the scene with fresh noise in every frame, as a camera's encoder would: no B frames, a key each 2 s."""
    dice, still = np.random.default_rng(2), scene().astype(np.int16)
    noise = [dice.normal(0, SENSOR_NOISE, (HEIGHT, WIDTH, 1)).astype(np.int16) for _ in range(7)]
    with av.open(str(path), "w") as file:
        stream = file.add_stream("libx264", rate=rate)
        stream.width, stream.height, stream.pix_fmt, stream.bit_rate = WIDTH, HEIGHT, "yuv420p", bit_rate
        stream.gop_size = round(key_s * rate)
        stream.options = {"preset": "veryfast", "tune": "zerolatency", "bf": "0"}
        for number in range(round(rate * seconds)):
            shifted = np.roll(noise[number % len(noise)], 37 * number, axis=1)
            image = np.clip(still + shifted, 0, 255).astype(np.uint8)
            file.mux(stream.encode(av.VideoFrame.from_ndarray(image, format="bgr24")))
        file.mux(stream.encode())


def decoding(path: Path) -> float:
    """CPU seconds a stream second of reading and decoding every frame, and nothing else."""
    with av.open(str(path)) as file:
        stream = file.streams.video[0]
        stream.thread_type = "SLICE"
        started, frames = time.process_time(), 0
        for _ in file.decode(stream):
            frames += 1
        return (time.process_time() - started) / (frames / float(stream.average_rate or 1))


def measure(path: Path, *, fps: float, size: int) -> Cost:
    """Run the edge on the file and count what it costs once settled."""
    line = {"id": "gate", "from": [0.5, 0.2], "to": [0.5, 0.8]}
    camera = Camera.model_validate(
        {"id": "jetty", "source": str(path), "motion_gate": True, "lines": [line], "fps": fps}
    )
    view = View(camera, Author("node", "site", camera.id, new_id(), "model@1"), Recorder(None))
    bell, done = threading.Condition(), threading.Event()
    inbox = Watched(bell, newest_only=False)
    inbox.view = view
    detector = Detector.load(find("default"), size=size, confidence=TrackerSettings().unsure, threads=1)
    analyst = Analyst(detector, [Seat(camera.id, inbox, view)], bell, on_done=done.set)
    reading = Recording(camera, inbox, start_s=0.0, watch=view)
    analyst.start()
    reading.start()
    done.wait()
    ended = time.process_time()
    reading.stop()
    analyst.stop()
    assert inbox.settled is not None, "the stream is longer than the settling time"
    seconds = inbox.until - SETTLE_S
    return Cost((ended - inbox.settled) / seconds, decoding(path), view.frames / (seconds * fps))


def rows(
    rates: list[int], keys: list[float], seconds: float, size: int, bit_rate: int
) -> Iterator[tuple[int, float, Cost]]:
    """Measure each rate of the camera, with key frames at each distance."""
    with tempfile.TemporaryDirectory() as folder:
        for rate in rates:
            for key_s in keys:
                path = Path(folder) / f"still-{rate}-{key_s}.mp4"
                encode(path, rate, seconds, bit_rate, key_s)
                yield rate, key_s, measure(path, fps=rate, size=size)


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rates", type=int, nargs="+", default=[5], help="frames a second that the camera sends")
    parser.add_argument("--keys", type=float, nargs="+", default=[1.0, 2.0, 10.0], help="seconds between key frames")
    parser.add_argument("--seconds", type=float, default=120)
    parser.add_argument(
        "--size", type=int, default=320, help="input of the model, which looks now and then all the same"
    )
    parser.add_argument("--bit-rate", type=int, default=1_000_000, help="bits a second of the stream")
    chosen = parser.parse_args()
    print("| camera sends | key frames | of one core | decoding all of it | frames shown to the model |")
    print("|---|---|---|---|---|")
    for rate, key_s, cost in rows(chosen.rates, chosen.keys, chosen.seconds, chosen.size, chosen.bit_rate):
        stream = f"{rate} fps 1080p, {chosen.bit_rate / 1e6:g} Mbit/s"
        print(
            f"| {stream} | each {key_s:g} s | {cost.all:.2%} | {cost.decoding:.2%} | {cost.analysed:.1%} |", flush=True
        )


if __name__ == "__main__":
    main()
