"""A clip that may leave the box: every head blurred in every frame, encoded anew."""

from collections import deque
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import av
import numpy as np

from tapal_contract.errors import TapalError
from tapal_detector.detector import Detector
from tapal_edge.privacy import blur_heads
from tapal_edge.sources.frame import Image

if TYPE_CHECKING:
    from tapal_detector.detections import Detections

BESIDE = 2
CODEC = "libx264"


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
            for image in blurred(images, detector):
                frames += 1
                cut = np.ascontiguousarray(image[: stream.height, : stream.width])
                target.mux(stream.encode(av.VideoFrame.from_ndarray(cut, format="bgr24")))
            target.mux(stream.encode(None))
            return frames
    except (OSError, av.error.FFmpegError) as error:
        out.unlink(missing_ok=True)
        raise TapalError(f"clip {clip} cannot be exported to {out} ({error}); nothing was written") from error


def blurred(images: Iterable[Image], detector: Detector) -> Iterator[Image]:
    """Yield each image with the heads blurred that were found in it or in the frames beside it."""
    before: deque[Detections] = deque(maxlen=BESIDE)
    waiting: deque[tuple[Image, Detections]] = deque()

    def show() -> Image:
        looks = [*before, *(found for _, found in waiting)]
        image, found = waiting.popleft()
        before.append(found)
        return blur_heads(image, looks)

    for image in images:
        waiting.append((image, detector.detect(image)))
        if len(waiting) > BESIDE:
            yield show()
    while waiting:
        yield show()
