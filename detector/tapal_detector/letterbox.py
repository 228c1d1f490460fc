"""Fit a frame into the model's input without changing its proportions, exactly as Ultralytics does."""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from tapal_detector.detections import FloatArray

Frame = NDArray[np.uint8]
PADDING = 114


@dataclass(frozen=True, slots=True)
class Fit:
    """How a frame of one size lies in a model input of another; all sizes are (height, width) in pixels."""

    frame: tuple[int, int]
    scaled: tuple[int, int]
    canvas: tuple[int, int]
    top: int
    left: int

    @classmethod
    def of(cls, frame: tuple[int, int], size: tuple[int, int], stride: int | None = None) -> "Fit":
        """Centre the scaled frame in ``size``; with a stride, pad no further than to its next multiple."""
        gain = min(size[0] / frame[0], size[1] / frame[1])
        scaled = (max(round(frame[0] * gain), 1), max(round(frame[1] * gain), 1))
        pad_height, pad_width = size[0] - scaled[0], size[1] - scaled[1]
        if stride is not None:
            pad_height, pad_width = pad_height % stride, pad_width % stride
        # Half a pixel goes to the bottom and right: Ultralytics rounds pad/2 -+ 0.1.
        top, bottom = round(pad_height / 2 - 0.1), round(pad_height / 2 + 0.1)
        left, right = round(pad_width / 2 - 0.1), round(pad_width / 2 + 0.1)
        canvas = (scaled[0] + top + bottom, scaled[1] + left + right)
        return cls(frame, scaled, canvas, top, left)

    def apply(self, image: Frame) -> Frame:
        """Scale and pad a frame."""
        if self.canvas == self.scaled:
            return self._scale(image)
        canvas = np.full((*self.canvas, 3), PADDING, np.uint8)
        place = canvas[self.top : self.top + self.scaled[0], self.left : self.left + self.scaled[1]]
        if place.flags.c_contiguous and image.shape[:2] != self.scaled:  # bars above and below: no copy is needed
            cv2.resize(image, self.scaled[::-1], dst=place, interpolation=cv2.INTER_LINEAR)
        else:
            place[:] = self._scale(image)
        return canvas

    def _scale(self, image: Frame) -> Frame:
        if image.shape[:2] == self.scaled:
            return image
        return cv2.resize(image, self.scaled[::-1], interpolation=cv2.INTER_LINEAR).astype(np.uint8, copy=False)

    def undo(self, boxes: FloatArray) -> FloatArray:
        """Boxes of the model's input as boxes of the frame, cut at its edge."""
        height, width = self.frame
        gain_y, gain_x = self.scaled[0] / height, self.scaled[1] / width
        offset = np.array([self.left, self.top, self.left, self.top], np.float32)
        gains = np.array([gain_x, gain_y, gain_x, gain_y], np.float32)
        limits = np.array([width, height, width, height], np.float32)
        clipped: FloatArray = np.clip((boxes - offset) / gains, np.float32(0), limits).astype(np.float32, copy=False)
        return clipped


def to_input(canvases: list[Frame], dtype: type[np.float32] | type[np.float16]) -> NDArray[np.float32 | np.float16]:
    """Stack BGR canvases of one shape into an NCHW RGB batch of 0..1."""
    height, width = canvases[0].shape[:2]
    batch = np.empty((len(canvases), 3, height, width), dtype)
    for index, canvas in enumerate(canvases):
        # planes of their own are read twice as fast as every third byte
        for channel, plane in enumerate(reversed(cv2.split(canvas))):
            np.multiply(plane, np.float32(1 / 255), out=batch[index, channel], casting="unsafe")
    return batch
