"""One frame, and the two clocks it is stamped with."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Image = NDArray[np.uint8]


@dataclass(frozen=True, slots=True)
class Frame:
    """A picture to analyse.

    Attributes:
        index: number of the frame in its source, from 0; frames that are not analysed count too.
        time_s: seconds on a clock that never steps: of the file for files, monotonic for cameras.
        utc_s: the same moment in UTC seconds since 1970.
        image: height x width x 3, blue green red.
        cut: the picture does not continue the one before: a file began again, or the size changed.
    """

    index: int
    time_s: float
    utc_s: float
    image: Image
    cut: bool = False

    @property
    def size(self) -> tuple[int, int]:
        """Width and height in pixels."""
        return self.image.shape[1], self.image.shape[0]
