"""Packets for clips of cameras that send none which a clip can hold: their pictures, encoded as often as analysed."""

import io
from collections.abc import Callable
from fractions import Fraction
from functools import cache
from typing import Any

import av

from tapal_edge.sources.frame import Image

__all__ = ["Encoder", "holds"]

CODEC = "libx264"
OPTIONS = {"preset": "ultrafast", "tune": "zerolatency", "crf": "26"}  # no frame waits for a later one
TICKS = 1000


@cache
def holds(codec: str) -> bool:
    """Whether a clip (MP4) can hold a camera's packets of this codec as they are."""
    return codec in av.open(io.BytesIO(), "w", format="mp4").supported_codecs


class Encoder:
    """Encodes pictures of one camera to H.264 with a key frame a second; not shared between threads."""

    def __init__(self, rate: float, on_packet: Callable[[Any], None]) -> None:
        """Prepare.

        Args:
            rate: pictures a second at most; more are passed over.
            on_packet: is given each packet, with its stream.
        """
        self._rate = rate
        self._on_packet = on_packet
        self._sink: Any = None
        self._stream: Any = None
        self._next_s = 0.0

    def due(self, moment_s: float) -> bool:
        """Whether a picture of this moment (seconds from the first) is wanted."""
        return moment_s >= self._next_s

    def take(self, image: Image, moment_s: float) -> None:
        """Encode a picture (height, width, 3; BGR, 8 bits) that is due."""
        self.frame(av.VideoFrame.from_ndarray(image, format="bgr24"), moment_s)

    def frame(self, frame: Any, moment_s: float) -> None:
        """Encode a decoded frame that is due; the frame itself is left as it is."""
        self._next_s = moment_s + 0.9 / self._rate  # a camera's frames are never quite even
        width, height = frame.width // 2 * 2, frame.height // 2 * 2
        if self._stream is None or (self._stream.width, self._stream.height) != (width, height):
            self._open(width, height)
        copy = frame.reformat(width=width, height=height, format="yuv420p")
        copy.pts, copy.time_base = round(moment_s * TICKS), Fraction(1, TICKS)
        for packet in self._stream.encode(copy):
            self._on_packet(packet)

    def _open(self, width: int, height: int) -> None:
        self._sink = av.open(io.BytesIO(), "w", format="null")
        self._stream = self._sink.add_stream(CODEC, rate=Fraction(self._rate).limit_denominator(1000), options=OPTIONS)
        self._stream.width, self._stream.height, self._stream.pix_fmt = width, height, "yuv420p"
        self._stream.codec_context.time_base = Fraction(1, TICKS)
        self._stream.codec_context.gop_size = max(1, round(self._rate))
        self._stream.codec_context.flags |= av.codec.context.Flags.global_header  # where a clip's file wants it
        self._sink.start_encoding()  # so that the stream knows what it sends, as a camera's does
