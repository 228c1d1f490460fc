"""The frames of a clip: all of them small and grey, to follow things in, and some as pictures to label."""

import io
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import av
import numpy as np
import numpy.typing as npt

__all__ = ["EVERY_S", "FRAMES_AT_MOST", "SHOTS_AT_MOST", "FilmError", "Grey", "Shot", "greys", "shots"]

Grey = npt.NDArray[np.float32]

EVERY_S = 0.5
"""How far apart frames are that are labelled; those between differ too little."""
SHOTS_AT_MOST = 40
FRAMES_AT_MOST = 900
PIXELS_AT_MOST = 4096 * 2304
GREY_WIDTH = 192
ALIKE = 14.0
"""Two frames are repeats where no cell of a grid of 64 by 36 is brighter or darker by this much (of 255)."""
GRID = (64, 36)
FINE = 3
"""The JPEG encoder's own scale, 1 to 31, the lower the finer."""


class FilmError(Exception):
    """A clip that cannot be read."""


@dataclass(frozen=True, slots=True)
class Shot:
    """A frame to label: its number in the clip (from 0), seconds from the clip's start, and the picture."""

    number: int
    at_s: float
    jpeg: bytes


def shots(film: bytes) -> list[Shot]:
    """Frames half a second apart, those left out that look like the one before.

    Raises:
        FilmError: it cannot be read.
    """
    found: list[Shot] = []
    before: Grey | None = None
    for number, frame in enumerate(_frames(film)):
        at_s = float(frame.time or 0.0)
        if found and at_s - found[-1].at_s < EVERY_S - 1e-3:
            continue
        cells = _grey(frame, *GRID)
        if before is not None and float(np.abs(cells - before).max()) < ALIKE:
            continue
        before = cells
        found.append(Shot(number, round(at_s, 3), _jpeg(frame)))
        if len(found) == SHOTS_AT_MOST:
            break
    if not found:
        raise FilmError("it holds no frame")
    return found


def greys(film: bytes) -> list[Grey]:
    """Every frame, 192 pixels wide.

    Raises:
        FilmError: it cannot be read.
    """
    return [_grey(frame, GREY_WIDTH, max(8, round(GREY_WIDTH * frame.height / frame.width))) for frame in _frames(film)]


def _frames(film: bytes) -> Iterator[Any]:
    try:
        with av.open(io.BytesIO(film), format="mp4") as source:
            if not source.streams.video:
                raise FilmError("it holds no video")
            for number, frame in enumerate(source.decode(source.streams.video[0])):
                if number == FRAMES_AT_MOST:
                    return
                if frame.width * frame.height > PIXELS_AT_MOST:
                    raise FilmError(f"its frames of {frame.width} by {frame.height} are too large")
                yield frame
    except (OSError, ValueError, av.error.FFmpegError) as error:
        raise FilmError(f"it cannot be read ({error})") from error


def _grey(frame: Any, width: int, height: int) -> Grey:
    small = frame.reformat(width=width, height=height, format="gray", interpolation="AREA")
    return np.asarray(small.to_ndarray(), np.float32)


def _jpeg(frame: Any) -> bytes:
    encoder: Any = av.CodecContext.create("mjpeg", "w")
    encoder.width, encoder.height, encoder.pix_fmt = frame.width, frame.height, "yuvj420p"
    encoder.time_base = Fraction(1, 25)
    encoder.qmin = encoder.qmax = FINE
    picture = frame.reformat(format="yuvj420p")
    picture.pts, picture.time_base = 0, Fraction(1, 25)
    return b"".join(bytes(packet) for given in (picture, None) for packet in encoder.encode(given))
