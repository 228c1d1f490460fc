"""One frame, and the two clocks it is stamped with."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

Image = NDArray[np.uint8]
WHITE_OVER_BLACK = 219  # where black is 16
EIGHT_BIT_LUMA = {"yuv420p", "yuvj420p", "yuv422p", "yuvj422p", "yuv444p", "yuvj444p", "nv12", "nv21"}
FULL_RANGE = 2  # as FFmpeg numbers it


@dataclass(frozen=True, slots=True)
class Luma:
    """The brightness of a decoded frame as the codec has it, which costs nothing to look at.

    Attributes:
        plane: height x width.
        black: the value of black: 16 in most video, 0 in some.
    """

    plane: Image
    black: int = 0

    def grey(self, size: tuple[int, int]) -> Image:
        """A small copy, width x height, from 0 for black to 255 for white."""
        seen = self.plane
        while (
            seen.shape[1] % 2 == seen.shape[0] % 2 == 0
            and seen.shape[1] >= 2 * size[0]
            and seen.shape[0] >= 2 * size[1]
        ):
            # halving is several times cheaper than one step to an odd share, and smooths alike
            half = (seen.shape[1] // 2, seen.shape[0] // 2)
            seen = cv2.resize(seen, half, interpolation=cv2.INTER_AREA).astype(np.uint8, copy=False)
        small = cv2.resize(seen, size, interpolation=cv2.INTER_AREA).astype(np.uint8, copy=False)
        if not self.black:
            return small
        above = np.minimum(np.maximum(small, self.black) - self.black, WHITE_OVER_BLACK)
        stretched: Image = (above * (255 / WHITE_OVER_BLACK)).astype(np.uint8)
        return stretched


def luma_of(frame: Any) -> Luma | None:
    """The brightness of a frame that FFmpeg decoded; None where it is not to be had as it is."""
    if frame.rotation or frame.format.name not in EIGHT_BIT_LUMA:
        return None
    plane = frame.planes[0]
    rows = np.frombuffer(plane, np.uint8).reshape(-1, plane.line_size)
    full = frame.format.name.startswith("yuvj") or frame.color_range == FULL_RANGE
    return Luma(rows[: frame.height, : frame.width], 0 if full else 16)


@dataclass(slots=True)
class Frame:
    """A picture to analyse.

    Attributes:
        index: number of the frame in its source, from 0; frames that are not analysed count too.
        time_s: seconds on a clock that never steps: of the file for files, monotonic for cameras.
        utc_s: the same moment in UTC seconds since 1970.
        picture: height x width x 3, blue green red, or what makes it when somebody looks: colours cost more than
            decoding, and most frames of an idle camera need none.
        cut: the picture does not continue the one before: a file began again, or the size changed.
        luma: the frame's brightness, where it can be had without making the picture.
        late: it was decoded only when a later one gave reason to, and must not be lost to that one.
    """

    index: int
    time_s: float
    utc_s: float
    picture: Image | Callable[[], Image]
    cut: bool = False
    luma: Luma | None = None
    late: bool = False

    @property
    def image(self) -> Image:
        """Height x width x 3, blue green red; made at the first look and kept."""
        if not isinstance(self.picture, np.ndarray):
            self.picture = self.picture()
        return self.picture

    @property
    def size(self) -> tuple[int, int]:
        """Width and height in pixels."""
        seen = self.image if self.luma is None else self.luma.plane
        return seen.shape[1], seen.shape[0]
