"""Reads one source from its beginning: demuxes, decodes, and makes a picture only of the frames that are wanted."""

import contextlib
import logging
import os
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import partial
from itertools import count
from pathlib import Path
from typing import Any, Literal, Protocol, cast

import av
import cv2
import numpy as np

from tapal_contract.errors import TapalError
from tapal_edge.config import Camera
from tapal_edge.safe import Safe
from tapal_edge.sources.decoder import Decoder, Need
from tapal_edge.sources.decoding import IN_SOFTWARE, open_decoding
from tapal_edge.sources.encoding import Encoder, holds
from tapal_edge.sources.frame import Frame, Image, Luma, luma_of
from tapal_edge.sources.trouble import SourceError, kind_of, reason_of

log = logging.getLogger(__name__)

Kind = Literal["stream", "file", "images", "device"]
IMAGE_SUFFIXES = {".jpg", ".jpeg", ".png", ".bmp", ".webp", ".tif", ".tiff"}
OPEN_TIMEOUT_S = 15.0
READ_TIMEOUT_S = 20.0
RTSP_OPTIONS = {"max_delay": "500000", "analyzeduration": "1000000", "fpsprobesize": "0"}  # else opening takes seconds
BROKEN_PACKETS_AT_MOST = 250
DEFAULT_RATE = 25.0


@dataclass(frozen=True, slots=True)
class Shot:
    """A decoded frame that becomes a picture when asked; ``media_s`` counts from the first frame.

    One with a ``luma`` may be asked at any later time, others only before the next one is taken. One that was decoded
    only afterwards was taken ``behind_s`` before the newest.
    """

    index: int
    media_s: float
    picture: Callable[[], Image]
    cut: bool = False
    luma: Luma | None = None
    behind_s: float = 0.0


def frame_of(shot: Shot, camera: Camera, time_s: float, utc_s: float, *, cut: bool = False) -> Frame:
    """Make the frame to analyse of a shot.

    Where the model is spared frames it is made a picture only when it is looked at. Otherwise it is so now, in the
    reader's thread, while the model is busy with the frame before.
    """
    later = (camera.motion_gate or camera.rest_fps is not None) and shot.luma is not None
    picture = shot.picture if later else shot.picture()
    return Frame(shot.index, time_s, utc_s, picture, cut=cut, luma=shot.luma, late=shot.behind_s > 0)


class Reader(Protocol):
    """An opened source."""

    rate: float
    decoding: str

    def shots(self) -> Iterator[Shot]:
        """Yield every frame to the end of the source."""
        ...

    def close(self) -> None:
        """Let go of the source."""
        ...


def kind_of_source(source: str | int) -> Kind:
    """Tell streams, files, folders of images and devices apart."""
    if isinstance(source, int) or str(source).startswith("/dev/video"):
        return "device"
    if "://" in source:
        return "stream"
    return "images" if Path(source).is_dir() else "file"


def open_reader(
    camera: Camera,
    on_packet: Callable[[Any], None] | None = None,
    need: Need | None = None,
    *,
    safe: Safe | None = None,
) -> Reader:
    """Open the source of a camera.

    Args:
        camera: its settings.
        on_packet: is given each video packet before it is decoded, for clips; where a clip could not hold those, or
            there are none, packets of the pictures encoded anew.
        need: which frames need not be decoded, or not well.
        safe: has the passwords the address asks for.

    Raises:
        SourceError: it cannot be opened or holds no video.
    """
    kind = kind_of_source(camera.source)
    if kind == "device":
        return DeviceReader(camera, on_packet)
    if kind == "images":
        return ImageReader(camera)
    if kind == "file" and camera.loop:
        return LoopReader(camera, on_packet, need)
    address = _address(camera, safe)
    return VideoReader(camera, live=kind == "stream", on_packet=on_packet, need=need, address=address)


def _address(camera: Camera, safe: Safe | None) -> str:
    """The source with its password, which nothing but the library that opens it is given."""
    source = str(camera.source)
    if safe is None:
        return source
    try:
        return safe.filled(source)
    except TapalError as error:
        raise SourceError(camera.id, source, "password", str(error)) from error


class VideoReader:
    """A file or a stream, through FFmpeg's libraries."""

    def __init__(
        self,
        camera: Camera,
        *,
        live: bool,
        on_packet: Callable[[Any], None] | None = None,
        need: Need | None = None,
        address: str | None = None,
    ) -> None:
        self._camera = camera
        self._on_packet = on_packet
        source = address or str(camera.source)
        options = RTSP_OPTIONS | {"rtsp_transport": camera.transport} if source.startswith("rtsp") else {}
        timeout = (OPEN_TIMEOUT_S, READ_TIMEOUT_S) if live else None
        try:
            self._container, self.decoding = open_decoding(source, camera.hwaccel, options=options, timeout=timeout)
        except (OSError, ValueError, av.error.FFmpegError) as error:
            raise self._error(error) from None
        if camera.hwaccel != "none":
            log.info("camera %s: decoded %s", camera.id, self.decoding)
        if not self._container.streams.video:
            self._container.close()
            raise SourceError(camera.id, camera.source, "corrupt", "holds no video")
        self.stream = self._container.streams.video[0]
        # Threads that decode frames ahead gain nothing where frames come at a camera's pace, and cost some.
        self.stream.thread_type = "SLICE" if live or camera.motion_gate else "AUTO"
        self.rate = float(self.stream.average_rate or self.stream.guessed_rate or DEFAULT_RATE)
        thrifty = camera.motion_gate and self.decoding.startswith(IN_SOFTWARE)
        self.decoder = Decoder(self.stream, need or Need(), thrifty=thrifty)
        self._encoder = None
        if on_packet is not None and not holds(self.stream.codec_context.name):
            log.info("camera %s: clips are encoded, they cannot hold %s", camera.id, self.stream.codec_context.name)
            self._encoder, self._on_packet = Encoder(camera.fps, on_packet), None

    def shots(self) -> Iterator[Shot]:
        """Yield every frame; broken packets are passed over until there are too many in a row."""
        number, broken = -1, 0
        first: float | None = None
        try:
            for packet in self._container.demux(self.stream):
                if self._on_packet is not None and packet.dts is not None:
                    self._on_packet(packet)
                newest = self._moment(packet, first)
                try:
                    for frame in self.decoder.decode(packet, newest):
                        broken = 0
                        number += 1
                        seconds = number / self.rate if frame.time is None else float(frame.time)
                        first = seconds if first is None else first
                        if self.decoder.passed_over:  # frames that were not decoded count too
                            number = max(number, round((seconds - first) * self.rate))
                        media_s = max(0.0, seconds - first)
                        if self._encoder is not None and self._encoder.due(media_s):
                            self._encoder.frame(frame, media_s)
                        behind_s = 0.0 if newest is None or not self.decoder.caught_up else newest - media_s
                        yield _shot(number, media_s, frame, max(0.0, behind_s))
                except av.error.InvalidDataError as error:
                    broken += 1
                    if broken > BROKEN_PACKETS_AT_MOST:
                        raise self._error(error) from None
        except (OSError, av.error.FFmpegError) as error:
            raise self._error(error) from None

    @staticmethod
    def _moment(packet: Any, first: float | None) -> float | None:
        """Seconds from the first frame; None when not known."""
        return None if first is None or packet.pts is None else float(packet.pts * packet.time_base) - first

    def close(self) -> None:
        """Let go of the file or connection."""
        self._container.close()

    def _error(self, error: Exception) -> SourceError:
        # Raised `from None`: FFmpeg's own error names the address with its password, and a traceback would print it.
        return SourceError(self._camera.id, self._camera.source, kind_of(error), reason_of(error))


def _shot(index: int, media_s: float, frame: Any, behind_s: float) -> Shot:
    turns = round((frame.rotation or 0) / 90) % 4

    def picture() -> Image:
        image: Image = frame.to_ndarray(format="bgr24")
        return np.ascontiguousarray(np.rot90(image, turns)) if turns else image

    return Shot(index, media_s, picture, luma=luma_of(frame), behind_s=behind_s)


def _same(image: Image) -> Image:
    return image


class ImageReader:
    """A folder of images in the order of their names."""

    def __init__(self, camera: Camera) -> None:
        self._camera = camera
        self.rate, self.decoding = camera.fps, IN_SOFTWARE
        folder = Path(str(camera.source))
        self._files = sorted(file for file in folder.iterdir() if file.suffix.lower() in IMAGE_SUFFIXES)
        if not self._files:
            raise SourceError(camera.id, camera.source, "missing", "the folder holds no images")

    def shots(self) -> Iterator[Shot]:
        """Yield every image."""
        for index, file in enumerate(self._files):
            image = cv2.imread(str(file), cv2.IMREAD_COLOR)
            if image is None:
                raise SourceError(self._camera.id, str(file), "corrupt", "is not an image")
            yield Shot(index, index / self.rate, partial(_same, cast("Image", image)))

    def close(self) -> None:
        """Nothing is held open."""


class LoopReader:
    """A file played over and over at its own pace, as if it were a camera."""

    def __init__(
        self, camera: Camera, on_packet: Callable[[Any], None] | None = None, need: Need | None = None
    ) -> None:
        self._camera = camera
        self._on_packet = on_packet
        # Its moments go on from round to round, the file's do not.
        self._need = Need(need.watch) if need else None
        self._reader = VideoReader(camera, live=False, on_packet=on_packet, need=self._need)
        self._closed = threading.Event()
        self.rate, self.decoding = self._reader.rate, self._reader.decoding

    def shots(self) -> Iterator[Shot]:
        """Yield each frame when it is due; the first one of each round is a cut."""
        index, begun, round_s = 0, time.monotonic(), 0.0
        while not self._closed.is_set():
            last = round_s
            for shot in self._reader.shots():
                last = round_s + shot.media_s
                if self._closed.wait(max(0.0, begun + last - time.monotonic())):
                    return
                yield replace(shot, index=index, media_s=last, cut=shot.index == 0 and index > 0, behind_s=0.0)
                index += 1
            round_s = last + 1 / self.rate
            self._reader.close()
            self._reader = VideoReader(self._camera, live=False, on_packet=self._on_packet, need=self._need)

    def close(self) -> None:
        """Stop playing."""
        self._closed.set()
        self._reader.close()


def _require_device(camera: Camera) -> None:
    """Tell a device that is missing from one that may not be used: V4L2's own answer is the same for both."""
    device = Path(f"/dev/video{camera.source}" if isinstance(camera.source, int) else camera.source)
    if not device.exists():
        there = ", ".join(sorted(str(path) for path in device.parent.glob("video*"))) or "none at all"
        raise SourceError(camera.id, str(device), "missing", f"there is no such video device; there are: {there}")
    if not os.access(device, os.R_OK | os.W_OK):
        reason = f"this user may not use it; add the user to the group that owns {device} (video)"
        raise SourceError(camera.id, str(device), "denied", reason)


class DeviceReader:
    """A camera on this machine, through V4L2."""

    def __init__(self, camera: Camera, on_packet: Callable[[Any], None] | None = None) -> None:
        self._camera = camera
        self._encoder = Encoder(camera.fps, on_packet) if on_packet is not None else None
        source = camera.source
        _require_device(camera)
        self._capture = cv2.VideoCapture(source, cv2.CAP_V4L2)
        if not self._capture.isOpened():
            raise SourceError(camera.id, source, "unreachable", "is no camera that gives video, or it is in use")
        self._capture.set(cv2.CAP_PROP_BUFFERSIZE, 1)
        self.rate, self.decoding = self._capture.get(cv2.CAP_PROP_FPS) or DEFAULT_RATE, IN_SOFTWARE

    def shots(self) -> Iterator[Shot]:
        """Yield frames until the device is gone."""
        for index in count():
            grabbed = self._capture.grab()
            if not grabbed:
                raise SourceError(self._camera.id, self._camera.source, "stalled", "the device gives no more frames")
            media_s = index / self.rate
            if self._encoder is not None and self._encoder.due(media_s):
                image = self._retrieve()
                self._encoder.take(image, media_s)
                yield Shot(index, media_s, partial(_same, image))
            else:
                yield Shot(index, media_s, self._retrieve)

    def _retrieve(self) -> Image:
        good, image = self._capture.retrieve()
        if not good:
            raise SourceError(self._camera.id, self._camera.source, "corrupt", "a frame could not be decoded")
        return cast("Image", image)

    def close(self) -> None:
        """Let go of the device."""
        with contextlib.suppress(cv2.error):  # a device that was pulled out cannot be released
            self._capture.release()
