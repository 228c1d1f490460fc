"""Where a box is and where it will be: a Kalman filter with constant velocity, in seconds.

Centre and size are four independent coordinates, each a value with a rate, so the filter needs no matrices. All noise
is in units of the box's own scale, so near and far, large and small frames behave alike.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import sqrt

Numbers = Sequence[float]


@dataclass(frozen=True, slots=True, kw_only=True)
class MotionSettings:
    """How things move and how well boxes fit them, as shares of the box scale (the root of its area).

    Attributes:
        box_noise: standard deviation of a detected centre.
        size_noise: standard deviation of a detected width or height.
        first_speed: standard deviation of the unknown speed of something new, in scales a second.
        first_growth: standard deviation of the unknown rate at which something new grows, in scales a second.
        restlessness: how much speed changes, in scales a second after one second.
        growth: how much the rate of width and height changes, in scales a second after one second.
    """

    box_noise: float = 0.08
    size_noise: float = 0.12
    first_speed: float = 4.0
    restlessness: float = 0.3
    first_growth: float = 0.0
    growth: float = 0.15


class Motion:
    """The filter of one track, in plain numbers: arrays of four would cost more to call than to compute."""

    __slots__ = ("_cross", "_measure_noise", "_push", "_rate", "_rate_variance", "_settings", "_value", "_variance")

    def __init__(self, box: Numbers, settings: MotionSettings) -> None:
        self._settings = settings
        self._value = _centre_and_size(box)
        self._rate = [0.0] * 4
        self._set_noise()
        first, growth = (settings.first_speed * self.scale) ** 2, (settings.first_growth * self.scale) ** 2
        self._variance = self._measure_noise.copy()
        self._cross = [0.0] * 4
        self._rate_variance = [first, first, growth, growth]

    @property
    def scale(self) -> float:
        """The root of the box's area, the unit of everything here."""
        return sqrt(max(self._value[2] * self._value[3], 1.0))

    @property
    def box(self) -> tuple[float, float, float, float]:
        """The estimate as x1 y1 x2 y2."""
        x, y, width, height = self._value
        right, down = max(width, 1.0) / 2, max(height, 1.0) / 2
        return x - right, y - down, x + right, y + down

    def predict(self, seconds: float) -> None:
        """Let time pass."""
        for i in range(4):
            push, cross, rate_variance = self._push[i], self._cross[i], self._rate_variance[i]
            self._value[i] += self._rate[i] * seconds
            self._variance[i] += (2 * cross + (rate_variance + push * seconds / 3) * seconds) * seconds
            self._cross[i] = cross + (rate_variance + push * seconds / 2) * seconds
            self._rate_variance[i] = rate_variance + push * seconds

    def correct(self, box: Numbers) -> None:
        """Take in a detected box."""
        for i, seen in enumerate(_centre_and_size(box)):
            variance, cross = self._variance[i], self._cross[i]
            innovation, total = seen - self._value[i], variance + self._measure_noise[i]
            gain, rate_gain = variance / total, cross / total
            self._value[i] += gain * innovation
            self._rate[i] += rate_gain * innovation
            self._rate_variance[i] -= rate_gain * cross
            self._cross[i] = (1 - gain) * cross
            self._variance[i] = (1 - gain) * variance
        self._set_noise()

    def expected(self) -> tuple[list[float], list[float]]:
        """Mean and variance of the centre and size that a detection would show."""
        return self._value, [a + b for a, b in zip(self._variance, self._measure_noise, strict=True)]

    def walk(self, *, foot: bool) -> tuple[float, float, float, float]:
        """Bottom centre or centre of the box, and its speed a second."""
        x, y, _, height = self._value
        speed_x, speed_y, _, growth = self._rate
        return (x, y + height / 2, speed_x, speed_y + growth / 2) if foot else (x, y, speed_x, speed_y)

    @property
    def speed_variance(self) -> float:
        """How uncertain each of the two speeds of the centre is."""
        return self._rate_variance[0]

    def _set_noise(self) -> None:
        chosen, scale = self._settings, self.scale
        place, size = (chosen.box_noise * scale) ** 2, (chosen.size_noise * scale) ** 2
        push, growth = (chosen.restlessness * scale) ** 2, (chosen.growth * scale) ** 2
        self._measure_noise = [place, place, size, size]
        self._push = [push, push, growth, growth]


def _centre_and_size(box: Numbers) -> list[float]:
    x1, y1, x2, y2 = box
    return [(x1 + x2) / 2, (y1 + y2) / 2, x2 - x1, y2 - y1]
