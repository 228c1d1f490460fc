"""What the edge costs beside the model itself; every figure is a ratio of two things measured in turns in one run.

python -m benchmarks.edge [--size 480] [--frames 150]

The comparison with ObjectCounter is benchmarks.speed, an idle camera with decoding benchmarks.idle.
"""

import argparse
import hashlib
import statistics
import time
from itertools import islice
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from benchmarks._seen import SHARED, frames
from benchmarks.counting import Recording, pets
from tapal_detector.catalogue import find
from tapal_detector.decode import Thresholds
from tapal_detector.detections import FloatArray
from tapal_detector.detector import Detector, open_session
from tapal_detector.export import ExportInfo
from tapal_detector.motion import MotionGate
from tapal_detector.scene import Scene
from tapal_detector.session import Batch, Session
from tapal_detector.tracker import TrackerSettings

ROUNDS = 3
Images = list[NDArray[np.uint8]]


class Timed:
    """A session that adds up the time the model itself takes."""

    def __init__(self, inner: Session) -> None:
        self._inner = inner
        self.provider, self.dtype = inner.provider, inner.dtype
        self.input_shape, self.metadata = inner.input_shape, inner.metadata
        self.seconds = 0.0

    def run(self, batch: Batch) -> FloatArray:
        """Run the model and the watch."""
        started = time.perf_counter()
        output = self._inner.run(batch)
        self.seconds += time.perf_counter() - started
        return output


def timed_detector(model: Path, size: int) -> tuple[Detector, Timed]:
    """The detector as the edge runs it, with a watch around the model."""
    session = Timed(open_session(model, ["cpu"], None))
    info = ExportInfo.read(model, session.metadata, hashlib.sha256(model.read_bytes()).hexdigest())
    classes = info.classes_of(model, ("person",))
    thresholds = Thresholds(confidence=TrackerSettings().unsure, classes=classes)
    return Detector(model, session, info, (size, size), thresholds), session


def overhead(model: Path, size: int, recording: Recording, images: Images) -> tuple[float, float]:
    """Share of time spent around the model (letterbox to crossings), and frames a second of everything but decoding."""
    detector, watch = timed_detector(model, size)
    shares, rates = [], []
    for _ in range(ROUNDS):
        scene = Scene(recording.lines, [], recording.frame_size)
        watch.seconds, started = 0.0, time.perf_counter()
        for number, image in enumerate(images):
            scene.update(detector.detect(image), number / recording.fps)
        total = time.perf_counter() - started
        shares.append(total / watch.seconds - 1)
        rates.append(len(images) / total)
    return statistics.median(shares), statistics.median(rates)


def idle_share(fps: float = 5.0, seconds: int = 40) -> tuple[float, float]:
    """Share of one core that the motion gate takes for a still 1080p camera, and the share of frames it lets pass."""
    dice = np.random.default_rng(1)
    still = dice.integers(40, 200, (1080, 1920, 3), dtype=np.uint8)
    noisy = [np.clip(still + dice.normal(0, 2, still.shape), 0, 255).astype(np.uint8) for _ in range(3)]
    gate, passed = MotionGate(), 0
    count = int(seconds * fps)
    started = time.process_time()
    for number in range(count):
        passed += gate.update(noisy[number % 3], number / fps)
    return (time.process_time() - started) / seconds, passed / count


def main() -> None:
    """Print the ratios."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--size", type=int, nargs="+", default=[320, 480])
    parser.add_argument("--frames", type=int, default=150)
    chosen = parser.parse_args()
    gate, passed = idle_share()
    print(f"idle 1080p camera at 5 fps: motion gate {gate:.2%} of a core, {passed:.1%} of frames let pass")
    if not (SHARED / "data").is_dir():
        print("no recordings at ../shared/data: the rest is not measured")
        return
    model, recording = find("default"), pets()
    images = list(islice(frames(recording.video), chosen.frames))
    for size in chosen.size:
        share, rate = overhead(model, size, recording, images)
        print(f"{size} px: {share:.1%} over bare inference, {rate:.1f} frames a second without decoding", flush=True)


if __name__ == "__main__":
    main()
