"""Frames out of a video, as images that labels can lie beside."""

from pathlib import Path

import cv2
import numpy as np

from tapal_contract.errors import TapalError
from tapal_datasets import yolofiles


def extract(video: Path, out: Path, *, every: int, first: int = 0, last: int | None = None) -> int:
    """Write every `every`-th frame from `first` to `last` into `out`; return how many."""
    capture = cv2.VideoCapture(str(video))
    if not capture.isOpened():
        raise TapalError(f"video {str(video)!r} cannot be read: give the path of a video file that OpenCV can open")
    number = written = 0
    try:
        while last is None or number <= last:
            good, frame = capture.read()
            if not good:
                break
            if number >= first and (number - first) % every == 0:
                yolofiles.write(out, f"{video.stem}-{number:05d}", np.asarray(frame, np.uint8), [])
                written += 1
            number += 1
    finally:
        capture.release()
    if not written:
        raise TapalError(
            f"video {str(video)!r} has {number} frames, none from {first} on: choose an earlier first frame"
        )
    return written
