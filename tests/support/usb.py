"""A USB camera as OpenCV gives it."""

import cv2
import numpy as np


class Plugged:
    """It gives some frames, each darker than the one before, and is then pulled out; a torn one gives none whole.

    OpenCV raises when it lets go of a device that is gone.
    """

    def __init__(self, frames: int, *, torn: bool = False, shape: tuple[int, int] = (48, 64), fps: float = 0.0) -> None:
        self.left, self.torn, self.shape, self.held = frames, torn, shape, True
        self.settings: dict[int, float] = {cv2.CAP_PROP_FPS: fps}

    def isOpened(self) -> bool:  # noqa: N802 - OpenCV's name
        return self.held

    def set(self, what: int, value: float) -> bool:
        self.settings[what] = value
        return True

    def get(self, what: int) -> float:
        return self.settings[what]

    def grab(self) -> bool:
        self.left -= 1
        return self.left >= 0

    def retrieve(self) -> tuple[bool, np.ndarray | None]:
        return (False, None) if self.torn else (True, np.full((*self.shape, 3), self.left, np.uint8))

    def release(self) -> None:
        self.held = False
        raise cv2.error("the device is gone")
