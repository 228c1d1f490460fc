"""A clip that may leave the box: every head blurred in every frame, encoded anew."""

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Any

import av
import cv2
import numpy as np

from tapal_contract.errors import TapalError
from tapal_detector.detector import Detector
from tapal_edge.privacy import blur_heads
from tapal_edge.sources.frame import Image

if TYPE_CHECKING:
    from tapal_detector.detections import Detections

BESIDE = 2
CODEC = "libx264"
WIDTH_AT_MOST = 640
BITS_AT_LEAST, BITS_AT_MOST = 20_000, 400_000  # a second
FULL_RATE, SPARE_RATE = 10, 5  # frames a second; the lesser for what is longer than LONG_S
LONG_S = 20.0
ROOM_BYTES = 64_000  # for what a film holds beside its frames
TICKS = 1000

Look = Callable[[Image], "Detections"]


def export(clip: Path, out: Path, detector: Detector) -> int:
    """Write a blurred copy of a clip; return its number of frames.

    Raises:
        TapalError: the clip cannot be read or the copy cannot be written.
    """
    try:
        with av.open(str(clip)) as source, av.open(str(out), "w", format="mp4") as target:
            video = source.streams.video[0]
            stream = target.add_stream(CODEC, rate=video.average_rate or 25)
            # H.264 halves the colours, so width and height must be even
            stream.width, stream.height, stream.pix_fmt = video.width // 2 * 2, video.height // 2 * 2, "yuv420p"
            images = (np.asarray(frame.to_ndarray(format="bgr24"), np.uint8) for frame in source.decode(video))
            frames = 0
            for image in blurred(images, detector.detect):
                frames += 1
                cut = np.ascontiguousarray(image[: stream.height, : stream.width])
                target.mux(stream.encode(av.VideoFrame.from_ndarray(cut, format="bgr24")))
            target.mux(stream.encode(None))
            return frames
    except (OSError, av.error.FFmpegError) as error:
        out.unlink(missing_ok=True)
        raise TapalError(f"clip {clip} cannot be exported to {out} ({error}); nothing was written") from error


@dataclass(frozen=True, slots=True)
class Span:
    """The part of a clip that matters, in seconds from its first frame."""

    first_s: float = 0.0
    last_s: float = float("inf")


WHOLE = Span()


def shrink(clip: Path, out: Path, look: Look, *, most_bytes: int, span: Span = WHOLE) -> int:
    """Write a blurred copy that a thin link bears: narrow, few frames a second, no larger than so many bytes.

    Returns:
        The number of its frames.

    Raises:
        TapalError: the clip cannot be read, or the copy cannot be written or is larger all the same.
    """
    try:
        with (
            av.open(str(clip)) as source,
            av.open(str(out), "w", format="mp4", options={"movflags": "+faststart"}) as target,
        ):
            frames = _shrink(source, target, look, most_bytes, span)
    except (OSError, ValueError, av.error.FFmpegError) as error:
        out.unlink(missing_ok=True)
        raise TapalError(f"clip {clip.name} cannot be copied ({error})") from error
    size = out.stat().st_size
    if frames == 0 or size > most_bytes:
        out.unlink()
        raise TapalError(f"the copy of clip {clip.name} has {frames} frames and {size} bytes, of {most_bytes} allowed")
    return frames


def _shrink(source: Any, target: Any, look: Look, most_bytes: int, span: Span) -> int:
    video = source.streams.video[0]
    whole = source.duration / av.time_base if source.duration else 60.0
    seconds = max(1.0, min(whole, span.last_s) - span.first_s)
    rate = FULL_RATE if seconds <= LONG_S else SPARE_RATE
    bits = min(BITS_AT_MOST, max(BITS_AT_LEAST, int(8 * (most_bytes - ROOM_BYTES) / (seconds + 1))))
    # the encoder may save up no more than a second's worth, so that the bound on the bits is one on the bytes
    options = {"preset": "veryfast", "maxrate": str(bits), "bufsize": str(bits)}
    stream = target.add_stream(CODEC, rate=rate, options=options)
    scale = min(1.0, WIDTH_AT_MOST / video.width)
    size = (int(video.width * scale) // 2 * 2, int(video.height * scale) // 2 * 2)
    stream.width, stream.height = size
    stream.pix_fmt, stream.bit_rate = "yuv420p", bits
    stream.codec_context.time_base = Fraction(1, TICKS)
    stream.codec_context.gop_size = 2 * rate
    stream.codec_context.thread_count = 1  # the others are for counting
    times: deque[int] = deque()
    frames = 0
    for image in blurred(_thinned(source.decode(video), rate, times, span), look):
        small = cv2.resize(image, size, interpolation=cv2.INTER_AREA)
        frame = av.VideoFrame.from_ndarray(np.asarray(small, np.uint8), format="bgr24")
        frame.pts, frame.time_base = times.popleft(), Fraction(1, TICKS)
        target.mux(stream.encode(frame))
        frames += 1
    target.mux(stream.encode(None))
    return frames


def _thinned(frames: Iterable[Any], rate: int, times: "deque[int]", span: Span) -> Iterator[Image]:
    """Yield so many frames a second of the span, noting the moment of each."""
    begun: float | None = None
    shown: float | None = None
    next_s = span.first_s
    for frame in frames:
        if frame.time is None:
            continue
        begun = frame.time if begun is None else begun
        moment = frame.time - begun
        if moment > span.last_s:
            return
        if moment < next_s - 1e-3:
            continue
        next_s = moment + 1 / rate
        shown = moment if shown is None else shown
        times.append(round((moment - shown) * TICKS))
        yield np.asarray(frame.to_ndarray(format="bgr24"), np.uint8)


def blurred(images: Iterable[Image], look: Look) -> Iterator[Image]:
    """Yield each image with the heads blurred that were found in it or in the frames beside it."""
    before: deque[Detections] = deque(maxlen=BESIDE)
    waiting: deque[tuple[Image, Detections]] = deque()

    def show() -> Image:
        looks = [*before, *(found for _, found in waiting)]
        image, found = waiting.popleft()
        before.append(found)
        return blur_heads(image, looks)

    for image in images:
        waiting.append((image, look(image)))
        if len(waiting) > BESIDE:
            yield show()
    while waiting:
        yield show()
