"""Write a video: H.264 where the ffmpeg command is installed, else MPEG-4 by OpenCV."""

import shutil
import subprocess
from pathlib import Path
from types import TracebackType
from typing import Self

import cv2
import numpy as np
import numpy.typing as npt

from tapal_contract.errors import TapalError

QUALITY = "25"
"""x264's constant rate factor: about 40 KB a second for the sample."""


class VideoWriter:
    """A video file that frames (BGR) are written to; the same frames and encoder give the same bytes."""

    def __init__(self, path: Path, size: tuple[int, int], fps: float) -> None:
        self.path = path
        self._size = size
        self._process: subprocess.Popen[bytes] | None = None
        self._opencv: cv2.VideoWriter | None = None
        ffmpeg = shutil.which("ffmpeg")
        if ffmpeg:
            self._process = subprocess.Popen(self._command(ffmpeg, fps), stdin=subprocess.PIPE)  # noqa: S603 - fixed
            return
        self._opencv = cv2.VideoWriter(str(path), cv2.VideoWriter.fourcc(*"mp4v"), fps, size)
        if not self._opencv.isOpened():
            raise TapalError(f"video {str(path)!r} cannot be written: install ffmpeg, or check the folder's rights")

    def _command(self, ffmpeg: str, fps: float) -> list[str]:
        width, height = self._size
        return [
            *(ffmpeg, "-loglevel", "error", "-y"),
            *("-f", "rawvideo", "-pix_fmt", "bgr24", "-s", f"{width}x{height}", "-r", str(fps), "-i", "-"),
            *("-c:v", "libx264", "-preset", "slow", "-crf", QUALITY, "-g", "50", "-pix_fmt", "yuv420p"),
            *("-threads", "1", "-fflags", "+bitexact", "-flags:v", "+bitexact", "-movflags", "+faststart"),
            str(self.path),
        ]

    def write(self, frame: npt.NDArray[np.uint8]) -> None:
        """Add one frame."""
        if self._process:
            assert self._process.stdin
            self._process.stdin.write(frame.tobytes())
        elif self._opencv:
            self._opencv.write(frame)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._opencv:
            self._opencv.release()
        if self._process:
            assert self._process.stdin
            self._process.stdin.close()
            if self._process.wait() and kind is None:
                raise TapalError(f"ffmpeg could not write {str(self.path)!r}: check that it has the libx264 encoder")
