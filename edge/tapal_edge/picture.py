"""The picture of an event: heads blurred, the line as an arrow, the box of whoever crossed."""

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np

from tapal_contract.geometry import LineSpec, ZoneSpec
from tapal_detector.detections import Detections
from tapal_edge.privacy import blur_heads
from tapal_edge.sources.frame import Image

WIDTH_AT_MOST = 1280
JPEG_QUALITY = 80
LINE_COLOUR = (0, 200, 255)
BOX_COLOUR = (80, 220, 80)
UNDER_COLOUR = (20, 20, 20)

Share = tuple[float, float]
BoxShare = tuple[float, float, float, float]


@dataclass(frozen=True, slots=True)
class Look:
    """One analysed frame, kept for a moment in case it becomes evidence; ``detections`` fit this ``image``."""

    index: int
    time_s: float
    image: Image
    detections: Detections

    @classmethod
    def of(cls, index: int, time_s: float, image: Image, detections: Detections) -> "Look":
        """Keep a frame no wider than a picture is sent."""
        width = image.shape[1]
        if width <= WIDTH_AT_MOST:
            return cls(index, time_s, image, detections)
        scale = WIDTH_AT_MOST / width
        small = cv2.resize(image, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
        boxes = (detections.boxes * scale).astype(np.float32)
        smaller = Detections(boxes, detections.confidences, detections.labels)
        return cls(index, time_s, np.asarray(small, np.uint8), smaller)


def snapshot(
    looks: Sequence[Look], at: int, *, box: BoxShare | None, line: LineSpec | None, zone: ZoneSpec | None, blur: bool
) -> bytes:
    """Return the JPEG of one of the looks.

    Args:
        looks: recent frames; those beside the chosen one help to find heads.
        at: index into ``looks`` of the frame to show; -1 for the newest.
        box: whom it is about.
        line: the line that was crossed.
        zone: the zone or berth it is about.
        blur: whether heads are blurred.
    """
    at %= len(looks)
    chosen = looks[at]
    beside = [look.detections for look in looks[max(0, at - 2) : at + 3]]
    image = blur_heads(chosen.image, beside) if blur else chosen.image.copy()
    shape = image.shape
    if zone is not None:
        corners = np.array([_pixel(corner, shape) for corner in zone.polygon], np.int32)
        for colour, width in _strokes(LINE_COLOUR):
            cv2.polylines(image, [corners], isClosed=True, color=colour, thickness=width, lineType=cv2.LINE_AA)
    if line is not None:
        for colour, width in _strokes(LINE_COLOUR):
            start, end = _pixel(line.from_, shape), _pixel(line.to, shape)
            cv2.arrowedLine(image, start, end, colour, width, cv2.LINE_AA, tipLength=0.06)
    if box is not None:
        for colour, width in _strokes(BOX_COLOUR):
            cv2.rectangle(image, _pixel(box[:2], shape), _pixel(box[2:], shape), colour, width)
    return to_jpeg(image)


def to_jpeg(image: Image) -> bytes:
    """Encode an image that may leave the box."""
    good, data = cv2.imencode(".jpg", image, [cv2.IMWRITE_JPEG_QUALITY, JPEG_QUALITY])
    assert good, "an 8-bit image can always be encoded"
    return data.tobytes()


def _strokes(colour: tuple[int, int, int]) -> tuple[tuple[tuple[int, int, int], int], ...]:
    """A dark stroke below a bright one is seen on any ground."""
    return (UNDER_COLOUR, 5), (colour, 2)


def _pixel(point: Share, shape: tuple[int, ...]) -> tuple[int, int]:
    return round(point[0] * (shape[1] - 1)), round(point[1] * (shape[0] - 1))
