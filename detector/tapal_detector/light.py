"""How light a picture is."""

from typing import Literal

import cv2
import numpy as np

from tapal_detector.letterbox import Frame

Light = Literal["dark", "dim", "bright"]
DARK, DIM = 50.0, 95.0
"""Mean grey values, of 255, below which a picture counts as dark or dim."""


def light_of(frame: Frame) -> Light:
    """Whether a BGR frame is dark, dim or bright, by its mean grey value."""
    grey = float(np.mean(cv2.cvtColor(frame, cv2.COLOR_BGR2GRAY)))
    return "dark" if grey < DARK else "dim" if grey < DIM else "bright"
