"""Where a box is and where it will be: a Kalman filter with constant velocity, in seconds.

Centre and size are four independent coordinates, each a value with a rate, so the filter needs no matrices. All noise
is in units of the box's own scale, so near and far, large and small frames behave alike.
"""

from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray

Vector = NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class MotionSettings:
    """How things move and how well boxes fit them, as shares of the box scale (the root of its area).

    Attributes:
        box_noise: standard deviation of a detected centre.
        size_noise: standard deviation of a detected width or height.
        first_speed: standard deviation of the unknown speed of something new, in scales a second.
        restlessness: how much speed changes, in scales a second after one second.
        growth: how much the rate of width and height changes, in scales a second after one second.
    """

    box_noise: float = 0.08
    size_noise: float = 0.12
    first_speed: float = 4.0
    restlessness: float = 0.3
    growth: float = 0.15


class Motion:
    """The filter of one track."""

    __slots__ = ("_cross", "_measure_noise", "_push", "_rate", "_rate_variance", "_settings", "_value", "_variance")

    def __init__(self, box: Vector, settings: MotionSettings) -> None:
        self._settings = settings
        self._value = _centre_and_size(box)
        self._rate = np.zeros(4)
        self._set_noise()
        first = settings.first_speed * self.scale
        self._variance = self._measure_noise.copy()
        self._cross = np.zeros(4)
        self._rate_variance = np.array([first, first, 0.0, 0.0]) ** 2

    @classmethod
    def of(cls, box: Vector, settings: MotionSettings) -> Self:
        """Start at a box, at rest."""
        return cls(np.asarray(box, np.float64), settings)

    @property
    def scale(self) -> float:
        """The root of the box's area, the unit of everything here."""
        return float(np.sqrt(max(self._value[2] * self._value[3], 1.0)))

    @property
    def box(self) -> Vector:
        """The estimate as x1 y1 x2 y2."""
        half = np.maximum(self._value[2:], 1.0) / 2
        return np.concatenate([self._value[:2] - half, self._value[:2] + half])

    @property
    def velocity(self) -> tuple[float, float]:
        """Pixels a second of the centre."""
        return float(self._rate[0]), float(self._rate[1])

    def predict(self, seconds: float) -> None:
        """Let time pass."""
        self._value = self._value + self._rate * seconds
        self._variance = (
            self._variance + 2 * seconds * self._cross + seconds**2 * self._rate_variance + self._push * seconds**3 / 3
        )
        self._cross = self._cross + seconds * self._rate_variance + self._push * seconds**2 / 2
        self._rate_variance = self._rate_variance + self._push * seconds

    def correct(self, box: Vector) -> None:
        """Take in a detected box."""
        innovation = _centre_and_size(box) - self._value
        total = self._variance + self._measure_noise
        gain, rate_gain = self._variance / total, self._cross / total
        self._value = self._value + gain * innovation
        self._rate = self._rate + rate_gain * innovation
        self._rate_variance = self._rate_variance - rate_gain * self._cross
        self._cross = (1 - gain) * self._cross
        self._variance = (1 - gain) * self._variance
        self._set_noise()

    def expected(self) -> tuple[Vector, Vector]:
        """Mean and variance of the centre and size that a detection would show."""
        return self._value, self._variance + self._measure_noise

    def _set_noise(self) -> None:
        chosen, scale = self._settings, self.scale
        place, size = chosen.box_noise * scale, chosen.size_noise * scale
        push, growth = chosen.restlessness * scale, chosen.growth * scale
        self._measure_noise = np.array([place, place, size, size]) ** 2
        self._push = np.array([push, push, growth, growth]) ** 2


def _centre_and_size(box: Vector) -> Vector:
    x1, y1, x2, y2 = box
    return np.array([(x1 + x2) / 2, (y1 + y2) / 2, x2 - x1, y2 - y1], np.float64)
