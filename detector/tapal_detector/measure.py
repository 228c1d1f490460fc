"""Which way of running a model is fastest on this machine and still sees the same.

The first way, float32 on the CPU, is the reference. Each other way is measured in turns with it on the same real
frames, so that a busy machine slows both alike, and is only chosen when it is clearly faster and agrees.
"""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from tapal_contract.errors import TapalError
from tapal_detector.detections import Detections
from tapal_detector.detector import Detector
from tapal_detector.letterbox import Frame
from tapal_detector.overlap import iou_matrix

Load = Callable[["Way"], Detector]
AGREE_IOU = 0.7
LEAST_AGREEMENT = 0.97
WORTH = 0.95  # a way that saves less than a twentieth is within what measuring twice would change


@dataclass(frozen=True, slots=True, kw_only=True)
class Way:
    """One way of running a model."""

    model: Path
    provider: str = "cpu"
    size: int | None = None
    threads: int | None = None

    @property
    def name(self) -> str:
        """As a technician reads it: model, provider, size."""
        return f"{self.model.stem}/{self.provider}" + (f"/{self.size}" if self.size else "")


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """What came of a way.

    Attributes:
        frame_ms: median milliseconds for a frame, None when it could not run.
        agreement: F1 of its boxes against the reference's, same label and IoU of 0.7 or more.
        accepted: it ran, agreed, and was clearly faster than the reference (or is the reference).
        reason: one sentence that says why.
    """

    way: Way
    frame_ms: float | None
    agreement: float
    accepted: bool
    reason: str


def load(way: Way) -> Detector:
    """Open a way."""
    return Detector.load(way.model, size=way.size, providers=[way.provider], threads=way.threads)


def measure(reference: Way, others: Sequence[Way], frames: Sequence[Frame], *, load: Load = load) -> list[Measured]:
    """Measure every way on the frames; the reference comes first in the answer.

    Raises:
        TapalError: no frames, or the reference itself cannot run.
    """
    if not frames:
        raise TapalError("no frames to measure with; give a video or camera that can be read")
    base = load(reference)
    truth = [base.detect(frame) for frame in frames]
    results, base_times = [], []
    for way in others:
        try:
            detector = load(way)
        except TapalError as error:
            results.append(Measured(way=way, frame_ms=None, agreement=0.0, accepted=False, reason=str(error)))
            continue
        found, own, compared = _in_turns(detector, base, frames)
        base_times += compared
        agreement = agree(truth, found)
        results.append(_verdict(way, own, compared, agreement))
    if not base_times:
        base_times = [_timed(base, frame)[1] for frame in frames]
    own_ms = float(np.median(base_times)) * 1000
    return [Measured(way=reference, frame_ms=own_ms, agreement=1.0, accepted=True, reason="reference"), *results]


def choose(measured: Sequence[Measured]) -> Measured:
    """The fastest accepted way."""
    return min((one for one in measured if one.accepted), key=lambda one: one.frame_ms or float("inf"))


def cameras(frame_ms: float, *, fps: float = 5.0, reserve: float = 0.2) -> int:
    """How many cameras a machine carries at a rate, keeping a share of its time in reserve."""
    return int((1 - reserve) * 1000 / (frame_ms * fps))


def agree(truth: Sequence[Detections], found: Sequence[Detections]) -> float:
    """F1 of boxes over frames; 1 when neither saw anything."""
    right = total = 0
    for one, other in zip(truth, found, strict=True):
        same = np.array([[a == b for b in other.labels] for a in one.labels], np.bool_).reshape(len(one), len(other))
        overlap = np.where(same, iou_matrix(one.boxes, other.boxes), 0)
        total += len(one) + len(other)
        for _ in range(min(len(one), len(other))):
            row, column = np.unravel_index(int(overlap.argmax()), overlap.shape)
            if overlap[row, column] < AGREE_IOU:
                break
            right += 1
            overlap[row, :] = overlap[:, column] = 0
    return 2 * right / total if total else 1.0


def _in_turns(
    detector: Detector, base: Detector, frames: Sequence[Frame]
) -> tuple[list[Detections], list[float], list[float]]:
    found, own, compared = [], [], []
    for frame in frames:
        compared.append(_timed(base, frame)[1])
        seen, seconds = _timed(detector, frame)
        found.append(seen)
        own.append(seconds)
    return found, own, compared


def _timed(detector: Detector, frame: Frame) -> tuple[Detections, float]:
    started = time.perf_counter()
    found = detector.detect(frame)
    return found, time.perf_counter() - started


def _verdict(way: Way, own: Sequence[float], compared: Sequence[float], agreement: float) -> Measured:
    frame_ms, base_ms = float(np.median(own)) * 1000, float(np.median(compared)) * 1000
    ratio = frame_ms / base_ms
    if agreement < LEAST_AGREEMENT:
        reason = f"differs: agreement {agreement:.3f} is below {LEAST_AGREEMENT}"
    elif ratio > WORTH:
        reason = f"not clearly faster: {ratio:.2f} times the reference's time"
    else:
        reason = f"{1 / ratio:.2f} times as fast as the reference"
    accepted = agreement >= LEAST_AGREEMENT and ratio <= WORTH
    return Measured(way=way, frame_ms=frame_ms, agreement=agreement, accepted=accepted, reason=reason)
