"""From a frame to boxes, with any Ultralytics detect export."""

import hashlib
import logging
from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path
from typing import Self

import numpy as np

from tapal_contract.errors import TapalError
from tapal_detector.decode import Candidates, Thresholds, decode_end_to_end, decode_raw
from tapal_detector.detections import Detections, FloatArray
from tapal_detector.export import REMEDY, Dimension, ExportInfo
from tapal_detector.letterbox import Fit, Frame, to_input
from tapal_detector.openvino_session import OpenVinoSession
from tapal_detector.openvino_session import is_installed as openvino_is_installed
from tapal_detector.session import OrtSession, ProviderError, Session, available_providers

log = logging.getLogger(__name__)

DYNAMIC_BATCH = 8


class Detector:
    """A loaded model; use :meth:`load`.

    Reads raw heads, 1x(4+N)xA, and end-to-end heads, 1xRx6, in float32 and float16, with fixed or dynamic shapes.
    The same frame gives the same boxes as Ultralytics gives for the same file.
    """

    def __init__(
        self, path: Path, session: Session, info: ExportInfo, size: tuple[int, int], thresholds: Thresholds
    ) -> None:
        self.path = path
        self.names = info.names
        self.size = size
        self.name_version = info.version
        self.thresholds = thresholds
        self.provider = session.provider
        self._session = session
        batch, _, height, width = session.input_shape
        self._stride = None if isinstance(height, int) and isinstance(width, int) else info.stride
        self._batch = batch if isinstance(batch, int) else None
        self._end_to_end = self._probe()

    @classmethod
    def load(
        cls,
        path: str | Path,
        *,
        size: int | tuple[int, int] | None = None,
        labels: Sequence[str] | None = None,
        confidence: float = 0.25,
        providers: Sequence[str] | None = None,
        threads: int | None = None,
    ) -> Self:
        """Open a model file.

        Args:
            path: an .onnx file; see :func:`tapal_detector.catalogue.find` for names.
            size: input (height, width) or the side of a square; only for dynamic models, else as exported.
            labels: detect only these; default all that the model knows.
            confidence: drop boxes that are less sure.
            providers: the first of these that is available: cpu, cuda, tensorrt, openvino; default cpu.
            threads: default as many as this process may use cores.

        Raises:
            TapalError: not a YOLO detect export, a size or a label it cannot do, no such provider.
        """
        file = Path(path)
        try:
            digest = hashlib.sha256(file.read_bytes()).hexdigest()
        except OSError as error:
            raise TapalError(f"model file '{file}' cannot be read ({error.strerror}); give an .onnx file") from error
        session = open_session(file, providers or ("cpu",), threads)
        info = ExportInfo.read(file, session.metadata, digest)
        chosen = _size(file, session.input_shape, info, size)
        classes = None if labels is None else info.classes_of(file, tuple(labels))
        return cls(file, session, info, chosen, Thresholds(confidence=confidence, classes=classes))

    @property
    def batch(self) -> int:
        """How many frames one run of the model takes at most."""
        return self._batch or DYNAMIC_BATCH

    def detect(self, frame: Frame) -> Detections:
        """Boxes in one BGR frame."""
        return self.detect_batch([frame])[0]

    def detect_batch(self, frames: Sequence[Frame]) -> list[Detections]:
        """Boxes in each of several BGR frames, which may differ in size."""
        fits = [Fit.of((frame.shape[0], frame.shape[1]), self.size, self._stride) for frame in frames]
        groups: dict[tuple[int, int], list[int]] = defaultdict(list)
        for index, fit in enumerate(fits):
            groups[fit.canvas].append(index)
        found: dict[int, Detections] = {}
        for indices in groups.values():
            for start in range(0, len(indices), self.batch):
                part = indices[start : start + self.batch]
                outputs = self.infer([fits[index].apply(frames[index]) for index in part])
                for index, output in zip(part, outputs, strict=True):
                    found[index] = self._named(self._decode(output), fits[index])
        return [found[index] for index in range(len(frames))]

    def infer(self, canvases: list[Frame]) -> list[FloatArray]:
        """The model's own numbers for canvases of one shape, at most :attr:`batch` of them."""
        inputs = to_input(canvases, self._session.dtype)
        if self._batch is not None and len(canvases) < self._batch:
            missing = ((0, self._batch - len(canvases)), (0, 0), (0, 0), (0, 0))
            inputs = np.pad(inputs, missing)
        return list(self._session.run(inputs)[: len(canvases)])

    def _decode(self, output: FloatArray) -> Candidates:
        return (decode_end_to_end if self._end_to_end else decode_raw)(output, self.thresholds)

    def _named(self, found: Candidates, fit: Fit) -> Detections:
        labels = tuple(self.names[number] for number in found.classes)
        return Detections(fit.undo(found.boxes), found.confidences, labels)

    def _probe(self) -> bool:
        """Run once, to see which head the model has and to warm it up; True is end-to-end."""
        height, width = self.size
        output = self.infer([np.zeros((height, width, 3), np.uint8)])[0]
        if output.ndim == 2 and output.shape[1] == 6:
            return True
        if output.ndim == 2 and output.shape[0] == 4 + len(self.names):
            return False
        shape = "x".join(str(side) for side in (1, *output.shape))
        raise TapalError(
            f"model '{self.path}' gives {shape}, not 1x{4 + len(self.names)}xA or 1xRx6 as a detect export with "
            f"{len(self.names)} labels does; {REMEDY}"
        )


def open_session(path: Path, providers: Sequence[str], threads: int | None) -> Session:
    """Open a file with the first of the providers that runs on this machine.

    Raises:
        TapalError: none of them is installed or has its hardware, or the file cannot be run.
    """
    known = (*available_providers(), *(("openvino",) if openvino_is_installed() else ()))
    tried = [name for name in providers if name in known]
    if not tried:
        asked = ", ".join(providers)
        raise TapalError(f"provider '{asked}' is not available for model '{path}'; choose among {', '.join(known)}")
    for provider in tried[:-1]:
        try:
            return _open(path, provider, threads)
        except ProviderError as error:
            log.warning("%s", error)
    return _open(path, tried[-1], threads)


def _open(path: Path, provider: str, threads: int | None) -> Session:
    if provider == "openvino":
        return OpenVinoSession(path, threads=threads)
    return OrtSession(path, provider=provider, threads=threads)


def _size(
    path: Path, shape: tuple[Dimension, ...], info: ExportInfo, wanted: int | tuple[int, int] | None
) -> tuple[int, int]:
    asked = (wanted, wanted) if isinstance(wanted, int) else wanted
    _, channels, height, width = shape
    if isinstance(channels, int) and channels != 3:
        raise TapalError(f"model '{path}' takes {channels} channels, not the 3 of a colour image; {REMEDY}")
    if isinstance(height, int) and isinstance(width, int):
        if asked is not None and asked != (height, width):
            raise TapalError(
                f"model '{path}' is fixed to {height}x{width} and cannot run at {asked[0]}x{asked[1]}; "
                "leave the size out or export the model with dynamic=True"
            )
        return height, width
    if asked is None:
        return info.size
    rounded = (_next_multiple(asked[0], info.stride), _next_multiple(asked[1], info.stride))
    if min(asked) < info.stride:
        raise TapalError(
            f"size {asked[0]}x{asked[1]} is below the stride {info.stride} of model '{path}'; use 320 or more"
        )
    return rounded


def _next_multiple(number: int, stride: int) -> int:
    return -(-number // stride) * stride
