"""Whether a camera still sees what it was set up to see: dark, covered, defocused or moved, against a reference view.

The reference is learned from the first looks and follows slow change (day and season) only while all is well. It keeps
gradients, not pictures: they ignore brightness, average moving people away, and show nobody. Every judgement must hold
for a while before it is told, so that a ship passing by or a lamp switched on raises nothing.
"""

import zipfile
from collections import deque
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

import cv2
import numpy as np
from numpy.typing import NDArray

from tapal_edge.sources.frame import Image, Luma

Condition = Literal["fine", "dark", "covered", "defocused", "moved"]
Floats = NDArray[np.float32]

WIDTH, HEIGHT, BLOCK = 320, 192, 32
LEARNING_LOOKS = 8
FEWEST_BLOCKS = 6


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """Where a condition begins, and how many seconds it must hold.

    Attributes:
        dark_level: the brightest 2 % of the picture are below this, of 255.
        flat_energy: mean squared gradient below which a block has no texture.
        still_share: share of a block's energy that stands still; below it, things move there all the time.
        lost_energy: share of its reference's squared gradient below which a block has lost its texture.
        covered_share: share of the textured blocks that lost their texture.
        blurred_ratio: fine detail that is left of the reference's.
        matching: correlation of gradients above which a block still shows the same.
        moved_share: share of textured blocks that still match, below which the camera has been turned.
        every_s: seconds between looks.
    """

    dark_level: float = 42.0
    flat_energy: float = 12.0
    still_share: float = 0.5
    lost_energy: float = 0.04
    covered_share: float = 0.75
    blurred_ratio: float = 0.2
    matching: float = 0.35
    moved_share: float = 0.25
    every_s: float = 2.0
    hold_s: dict[Condition, float] = field(
        default_factory=lambda: {"fine": 10.0, "dark": 20.0, "covered": 20.0, "defocused": 60.0, "moved": 40.0}
    )


@dataclass(frozen=True, slots=True)
class Verdict:
    """A condition that has held long enough to be told."""

    condition: Condition
    detail: str


@dataclass(frozen=True, slots=True)
class _Look:
    """What is measured in one frame."""

    bright: float
    gx: Floats
    gy: Floats
    energy: Floats
    fine: Floats


@dataclass
class Reference:
    """The learned view: mean gradients, the energy and the fine detail each block has on average."""

    gx: Floats
    gy: Floats
    energy: Floats
    fine: Floats
    looks: int = 1

    def learn(self, look: _Look, weight: float) -> None:
        """Take in another look of the same view."""
        self.gx += weight * (look.gx - self.gx)
        self.gy += weight * (look.gy - self.gy)
        self.energy += weight * (look.energy - self.energy)
        self.fine += weight * (look.fine - self.fine)
        self.looks += 1

    def save(self, path: Path) -> None:
        """Keep the reference over restarts, so that a camera turned while the node was off is noticed."""
        path.parent.mkdir(parents=True, exist_ok=True)
        partial = path.with_suffix(".partial.npz")
        np.savez_compressed(partial, gx=self.gx, gy=self.gy, energy=self.energy, fine=self.fine, looks=self.looks)
        partial.replace(path)

    @classmethod
    def load(cls, path: Path) -> "Reference | None":
        """Read a kept reference; None where there is none that fits."""
        try:
            with path.open("rb") as file, np.load(file) as kept:
                reference = cls(kept["gx"], kept["gy"], kept["energy"], kept["fine"], int(kept["looks"]))
        except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile):
            return None
        return reference if reference.gx.shape == (HEIGHT, WIDTH) else None


class Examiner:
    """Judges the view of one camera; give it frames in order of time."""

    def __init__(self, limits: Limits | None = None, reference: Reference | None = None) -> None:
        self.limits = limits or Limits()
        self.reference = reference
        self.told: Condition = "fine"
        self._next_s = float("-inf")
        self._recent: deque[tuple[float, Condition, str]] = deque()

    @property
    def learned(self) -> bool:
        """Whether the reference is good enough to judge by."""
        return self.reference is not None and self.reference.looks >= LEARNING_LOOKS

    def is_due(self, time_s: float) -> bool:
        """Whether it is time to look at a frame; a frame that is not looked at need not be made a picture."""
        return time_s >= self._next_s

    def look(self, image: Image | Luma, time_s: float) -> Verdict | None:
        """Look at a frame, if it is time to; return a condition that has become certain."""
        if not self.is_due(time_s):
            return None
        self._next_s = time_s + self.limits.every_s
        seen = _measure(image)
        condition, detail = self.judge(seen)
        if condition == "fine":
            self._learn(seen)
        self._recent.append((time_s, condition, detail))
        return self._settle(time_s)

    def learn_anew(self) -> None:
        """Forget the reference: the next looks are how the view should be. What was told is taken back as usual."""
        self.reference = None
        self._recent.clear()
        self._next_s = float("-inf")

    def judge(self, look: _Look) -> tuple[Condition, str]:
        """Judge a single look."""
        limits = self.limits
        if look.bright < limits.dark_level:
            return "dark", f"brightest part of the picture is {look.bright:.0f} of 255"
        if not (look.energy > limits.flat_energy).any():
            return "covered", "no texture anywhere in the picture"
        return ("fine", "") if self.reference is None or not self.learned else self._compare(look, self.reference)

    def _compare(self, look: _Look, reference: Reference) -> tuple[Condition, str]:
        limits = self.limits
        still = _blocks(reference.gx**2 + reference.gy**2)
        expected = (still > limits.flat_energy) & (still > limits.still_share * reference.energy)
        if expected.sum() < FEWEST_BLOCKS:
            return "fine", ""  # too little to hold on to: a view of open water, or learned at night
        lost = _share(look.energy < limits.lost_energy * still, expected)
        if lost > limits.covered_share:
            return "covered", f"{lost:.0%} of the picture lost its texture"
        match = _correlation(look, reference)
        matching = _share(match > limits.matching, expected)
        detail_left = float(np.median(look.fine[expected] / np.maximum(reference.fine[expected], 1e-6)))
        if matching < limits.moved_share:
            return "moved", _how_moved(look, reference, matching)
        if detail_left < limits.blurred_ratio:
            return "defocused", f"{detail_left:.0%} of the fine detail is left"
        return "fine", ""

    def _learn(self, look: _Look) -> None:
        if self.reference is None:
            self.reference = Reference(look.gx.copy(), look.gy.copy(), look.energy.copy(), look.fine.copy())
            return
        self.reference.learn(look, max(0.01, 1 / (self.reference.looks + 1)))

    def _settle(self, now: float) -> Verdict | None:
        """Tell a condition once most looks of its holding time agree."""
        longest = max(self.limits.hold_s.values())
        while self._recent and self._recent[0][0] < now - longest - self.limits.every_s:
            self._recent.popleft()
        candidate, detail = self._recent[-1][1], self._recent[-1][2]
        if candidate == self.told:
            return None
        since = now - self.limits.hold_s[candidate]
        if self._recent[0][0] > since:
            return None
        within = [condition for at, condition, _ in self._recent if at >= since]
        if within.count(candidate) < 0.8 * len(within):
            return None
        self.told = candidate
        return Verdict(candidate, detail)


def _measure(image: Image | Luma) -> _Look:
    size = (2 * WIDTH, 2 * HEIGHT)
    if isinstance(image, Luma):
        small = image.grey(size)
    else:
        resized = cv2.resize(image, size, interpolation=cv2.INTER_AREA)
        small = cv2.cvtColor(resized, cv2.COLOR_BGR2GRAY).astype(np.uint8, copy=False)
    bright = _brightness_below(small, 0.98)
    soft = cv2.resize(small, (WIDTH, HEIGHT), interpolation=cv2.INTER_AREA).astype(np.float32)
    gx = cv2.Sobel(soft, cv2.CV_32F, 1, 0, scale=0.25).astype(np.float32)
    gy = cv2.Sobel(soft, cv2.CV_32F, 0, 1, scale=0.25).astype(np.float32)
    energy = _blocks(gx**2 + gy**2)
    edges = cv2.Laplacian(small.astype(np.float32), cv2.CV_32F)
    # detail in proportion to the block's own contrast, so that dusk is not taken for blur
    sharp = np.asarray(cv2.resize(edges**2, (WIDTH, HEIGHT), interpolation=cv2.INTER_AREA), np.float32)
    return _Look(bright, gx, gy, energy, np.asarray(_blocks(sharp) / (energy + 4.0), np.float32))


def _brightness_below(grey: Image, share: float) -> float:
    """The brightness that such a share of the pixels does not exceed."""
    counts = np.asarray(cv2.calcHist([grey], [0], None, [256], [0.0, 256.0])).ravel()
    return float(np.searchsorted(np.cumsum(counts), share * grey.size))


def _share(holds: NDArray[np.bool_], among: NDArray[np.bool_]) -> float:
    return float((holds & among).sum() / max(1, among.sum()))


def _blocks(values: Floats) -> Floats:
    """Mean of each block of the picture."""
    rows, columns = HEIGHT // BLOCK, WIDTH // BLOCK
    return np.asarray(values.reshape(rows, BLOCK, columns, BLOCK).mean(axis=(1, 3)), np.float32)


def _correlation(look: _Look, reference: Reference) -> Floats:
    """How far the gradients of each block point the same way as in the reference, -1..1."""
    product = _blocks(look.gx * reference.gx + look.gy * reference.gy)
    own = _blocks(look.gx**2 + look.gy**2)
    its = _blocks(reference.gx**2 + reference.gy**2)
    return np.asarray(product / np.sqrt(np.maximum(own * its, 1e-6)), np.float32)


def _how_moved(look: _Look, reference: Reference, matching: float) -> str:
    window = cv2.createHanningWindow((WIDTH, HEIGHT), cv2.CV_32F)
    (right, down), response = cv2.phaseCorrelate(
        np.hypot(reference.gx, reference.gy), np.hypot(look.gx, look.gy), window
    )
    text = f"{matching:.0%} of the picture is where it was"
    if response > 0.1 and np.hypot(right, down) >= 2:
        text += f"; it shifted by about {abs(right) / WIDTH:.0%} across and {abs(down) / HEIGHT:.0%} up or down"
    return text
