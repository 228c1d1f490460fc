"""Spare the model the frames in which nothing moves.

The frame is reduced to a coarse grid of brightness and compared with a slowly learned background. A change of the light
changes all cells by one factor, which is taken out first. The gate errs on the side of looking: it opens at the first
frames, while something is being followed, and every so often just to audit itself.
"""

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

Reason = Literal["learning", "motion", "following", "audit", "idle"]
_STRIDE = 4
_DARK = 12.0


@dataclass(frozen=True, slots=True, kw_only=True)
class MotionGateSettings:
    """When the gate opens.

    Attributes:
        cell_px: side of a grid cell in pixels of the frame.
        noise: a cell has changed when it differs this many times its usual noise,
        least: and by this share of its brightness.
        cells: so many changed cells are motion.
        learn_s: everything is looked at in the first seconds and after a jump of the light.
        adapt_s: the background follows what stays within about this time.
        hold_s: the gate stays open this long after motion.
        audit_s: it opens for one frame after being closed this long,
        audit_longest_s: and after half as long again each time the model saw nothing new, up to this.
    """

    cell_px: int = 24
    noise: float = 5.0
    least: float = 0.06
    cells: int = 2
    learn_s: float = 3.0
    adapt_s: float = 20.0
    hold_s: float = 2.0
    audit_s: float = 10.0
    audit_longest_s: float = 30.0


@dataclass(frozen=True, slots=True)
class _Known:
    """What a still scene looks like: brightness of the cells, and how much it wavers."""

    background: NDArray[np.float32]
    noise: NDArray[np.float32]


class MotionGate:
    """One camera's gate."""

    def __init__(self, settings: MotionGateSettings | None = None) -> None:
        self.settings = settings or MotionGateSettings()
        self.reason: Reason = "learning"
        self.audits = 0
        self.misses = 0
        self._known: _Known | None = None  # changed as a whole: shows_motion may be asked from another thread
        self._time_s = 0.0
        self._learn_until_s = 0.0
        self._open_until_s = 0.0
        self._looked_s = 0.0
        self._sensitivity = 1.0
        self._audit_s = self.settings.audit_s

    def update(self, frame: NDArray[np.uint8], time_s: float, *, following: bool = False, black: int = 0) -> bool:
        """Whether this frame is worth the model's time.

        Args:
            frame: height x width x 3, blue green red; or height x width of brightness alone.
            time_s: its moment.
            following: keeps the gate open while a track moves.
            black: the value of black in the frame, 16 in the brightness of most video.
        """
        now = self._seen(frame, black)
        self.reason = self._judge(now, time_s, following=following)
        if self.reason == "idle":
            return False
        self._looked_s = time_s
        return True

    def shows_motion(self, frame: NDArray[np.uint8], *, black: int = 0) -> bool:
        """Whether something moves in a frame, without taking it in; may be asked from any thread."""
        now, known = self._seen(frame, black), self._known
        if known is None or known.background.shape != now.shape:
            return True
        moving = self._compare(now, known)[1]
        return int(moving.sum()) >= self.settings.cells

    def audited(self, *, found_something_new: bool) -> None:
        """Tell what the model saw in a frame that the gate only looked at to audit itself.

        Something new that had not moved enough to open the gate makes it more sensitive from now on.
        """
        self.audits += 1
        self._audit_s = min(1.5 * self._audit_s, self.settings.audit_longest_s)
        if found_something_new:
            self._audit_s = self.settings.audit_s
            self.misses += 1
            self._sensitivity = max(0.3, self._sensitivity * 0.7)

    def _judge(self, now: NDArray[np.float32], time_s: float, *, following: bool) -> Reason:
        chosen = self.settings
        elapsed, self._time_s = max(0.0, time_s - self._time_s), time_s
        known = self._known
        if known is None or known.background.shape != now.shape:
            self._begin(now, time_s)
            return "learning"
        light, moving = self._compare(now, known)
        share = float(moving.mean())
        if share > 0.5:
            self._begin(now, time_s)
            return "learning"
        self._known = self._learn(now, known, light, moving, elapsed)
        if time_s < self._learn_until_s:
            return "learning"
        if int(moving.sum()) >= chosen.cells:
            self._open_until_s = time_s + chosen.hold_s
            self._audit_s = chosen.audit_s
        if time_s < self._open_until_s:
            return "motion"
        if following:
            return "following"
        return "audit" if time_s - self._looked_s >= self._audit_s else "idle"

    def _seen(self, frame: NDArray[np.uint8], black: int) -> NDArray[np.float32]:
        seen: NDArray[np.float32] = np.maximum(grid(frame, self.settings.cell_px) - np.float32(black), np.float32(0))
        return seen

    def _compare(self, now: NDArray[np.float32], known: _Known) -> tuple[float, NDArray[np.bool_]]:
        """By how much the light changed, and the cells that changed besides."""
        chosen = self.settings
        light = float(np.median((now + _DARK) / (known.background + _DARK)))
        changed = np.abs((now + _DARK) / light - (known.background + _DARK))
        limit = np.maximum(chosen.noise * known.noise, chosen.least * (known.background + _DARK)) * self._sensitivity
        return light, changed > limit

    def _begin(self, now: NDArray[np.float32], time_s: float) -> None:
        """A first frame, or another picture altogether: learn from here."""
        self._known = _Known(now.copy(), np.full_like(now, 2.0))
        self._learn_until_s = time_s + self.settings.learn_s

    def _learn(
        self, now: NDArray[np.float32], known: _Known, light: float, moving: NDArray[np.bool_], elapsed: float
    ) -> _Known:
        rate = np.float32(1 - np.exp(-elapsed / self.settings.adapt_s))
        error = np.abs((now + _DARK) / light - (known.background + _DARK)).astype(np.float32)
        background = known.background + rate * (now - known.background)
        calm = np.where(moving, 0, rate)
        return _Known(background, (known.noise + calm * (1.25 * error - known.noise)).astype(np.float32))


def grid(frame: NDArray[np.uint8], cell_px: int) -> NDArray[np.float32]:
    """Mean brightness (of colours the green, every fourth pixel) in square cells; what fills no cell is left out."""
    cell = max(1, cell_px // _STRIDE)
    thin = frame[::_STRIDE, ::_STRIDE]
    green = thin[:, :, 1] if thin.ndim == 3 else thin
    rows, columns = green.shape[0] // cell, green.shape[1] // cell
    whole = np.ascontiguousarray(green[: rows * cell, : columns * cell])
    # Adding whole slices is several times cheaper than summing over short axes.
    across = np.zeros((rows * cell, columns), np.uint32)
    for step in range(cell):
        across += whole[:, step::cell]
    sums = np.zeros((rows, columns), np.uint32)
    for step in range(cell):
        sums += across[step::cell]
    means: NDArray[np.float32] = sums.astype(np.float32) / np.float32(cell * cell)
    return means
