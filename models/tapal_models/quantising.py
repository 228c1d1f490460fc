"""INT8 by ONNX Runtime: weights and activations of the backbone as 8 bits, the head in float, proven on real frames.

Convolutions and matrix products only, QDQ, per channel, the last module left in float: with its box sums in 8 bits a
YOLO loses far more than the 0.8 mAP that this costs.
"""

import logging
import re
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from tapal_contract.errors import TapalError
from tapal_detector.detector import Detector
from tapal_detector.letterbox import Fit, Frame, to_input
from tapal_detector.measure import LEAST_AGREEMENT, agree

PICTURES = {".jpg", ".jpeg", ".png", ".bmp"}
LEAST_FRAMES = 8
MODULE = re.compile(r"^/model\.(\d+)/")


@dataclass(frozen=True, slots=True)
class Quantised:
    """What came of it: the file, its size against the original's, and how far their boxes agree on unseen frames."""

    path: Path
    bytes: int
    bytes_before: int
    agreement: float
    frames: int


def read_frames(source: Path, *, most: int) -> list[Frame]:
    """Up to `most` frames spread evenly over a video, or pictures of a folder.

    Raises:
        TapalError: nothing to read, or too few frames to calibrate and to prove with.
    """
    frames = _of_folder(source, most) if source.is_dir() else _of_video(source, most)
    if len(frames) < LEAST_FRAMES:
        raise TapalError(
            f"{str(source)!r} gives {len(frames)} frames, at least {LEAST_FRAMES} are needed: give a longer clip"
        )
    return frames


def _of_folder(folder: Path, most: int) -> list[Frame]:
    files = sorted(path for path in folder.rglob("*") if path.suffix.lower() in PICTURES)
    chosen = [files[int(place)] for place in np.linspace(0, len(files) - 1, min(most, len(files)))] if files else []
    images = [(path, cv2.imread(str(path))) for path in chosen]
    broken = next((path for path, image in images if image is None), None)
    if broken is not None:
        raise TapalError(f"picture {str(broken)!r} cannot be read: remove it or write it again")
    return [np.asarray(image, np.uint8) for _, image in images]


def _of_video(video: Path, most: int) -> list[Frame]:
    capture = cv2.VideoCapture(str(video))
    if not capture.isOpened():
        raise TapalError(f"{str(video)!r} cannot be read: give a video that OpenCV can open, or a folder of pictures")
    try:
        total = max(int(capture.get(cv2.CAP_PROP_FRAME_COUNT)), 1)
        step = max(total // most, 1)
        frames: list[Frame] = []
        for number in range(total):
            if not capture.grab():
                break
            if number % step == 0 and len(frames) < most:
                good, frame = capture.retrieve()
                if good:
                    frames.append(np.asarray(frame, np.uint8))
    finally:
        capture.release()
    return frames


def quantise(model: Path, out: Path, frames: Sequence[Frame], *, size: int | None = None) -> Quantised:
    """Write `model` in INT8 to `out`, calibrated on every second frame and compared on the others.

    Raises:
        TapalError: the extra is missing, the model's modules are not named, or the two disagree; nothing is written.
    """
    original = Detector.load(model, size=size)
    with tempfile.TemporaryDirectory() as folder:
        draft = Path(folder) / out.name
        _write(model, draft, _Calibration(original, frames[::2]))
        made = Detector.load(draft, size=original.size)
        unseen = frames[1::2]
        agreement = agree([original.detect(frame) for frame in unseen], [made.detect(frame) for frame in unseen])
        if agreement < LEAST_AGREEMENT:
            raise TapalError(
                f"the INT8 model agrees with {model.name} on only {agreement:.3f} of boxes, "
                f"{LEAST_AGREEMENT} are needed: "
                "give more and more varied frames of the site, or stay with the float model"
            )
        out.parent.mkdir(parents=True, exist_ok=True)
        out.write_bytes(draft.read_bytes())
    return Quantised(out, out.stat().st_size, model.stat().st_size, agreement, len(frames[1::2]))


class _Calibration:
    """What ONNX Runtime asks for inputs, in its own protocol."""

    def __init__(self, detector: Detector, frames: Sequence[Frame]) -> None:
        self._inputs = self._each(detector, frames)

    @staticmethod
    def _each(detector: Detector, frames: Sequence[Frame]) -> Iterator[dict[str, Any]]:
        for frame in frames:
            canvas = Fit.of((frame.shape[0], frame.shape[1]), detector.size).apply(frame)
            yield {"images": to_input([canvas], np.float32)}

    def get_next(self) -> dict[str, Any] | None:
        """The next input, None at the end."""
        return next(self._inputs, None)


def _write(model: Path, out: Path, calibration: _Calibration) -> None:
    try:
        import onnx  # noqa: PLC0415 - part of the train extra
        from onnxruntime import quantization  # noqa: PLC0415
        from onnxruntime.quantization.shape_inference import quant_pre_process  # noqa: PLC0415
    except ImportError as error:
        raise TapalError(
            f"quantising needs the train extra, which is not installed ({error.name} is missing): "
            "run pip install 'tapal[train]' in an environment of its own"
        ) from error
    prepared = out.with_suffix(".prepared.onnx")
    quant_pre_process(str(model), str(prepared), skip_symbolic_shape=True)
    proto = onnx.load(str(prepared))
    head = _head(model, [node.name for node in proto.graph.node])
    root, level = logging.getLogger(), logging.getLogger().level
    root.setLevel(logging.ERROR)  # it repeats a hint about pre-processing that was followed
    try:
        quantization.quantize_static(
            str(prepared),
            str(out),
            calibration,
            quant_format=quantization.QuantFormat.QDQ,
            op_types_to_quantize=["Conv", "MatMul"],
            per_channel=True,
            # Without VNNI a processor adds products of 8 bits in 16, which overflow where weights take all 8.
            reduce_range=True,
            activation_type=quantization.QuantType.QUInt8,
            weight_type=quantization.QuantType.QInt8,
            nodes_to_exclude=head,
        )
    finally:
        root.setLevel(level)
    _describe(onnx, onnx.load(str(model)), out)


def _head(model: Path, names: Sequence[str]) -> list[str]:
    """Nodes of the last module, which stays in float."""
    numbered = {name: int(found[1]) for name in names if (found := MODULE.match(name))}
    if not numbered:
        raise TapalError(
            f"model {str(model)!r} names no modules like /model.22/...: export it with `tapal model export`"
        )
    last = max(numbered.values())
    return [name for name, number in numbered.items() if number == last]


def _describe(onnx: Any, original: Any, out: Path) -> None:
    """Carry the metadata over; the name says that it is another model."""
    proto = onnx.load(str(out))
    known = {item.key: item.value for item in original.metadata_props}
    onnx.helper.set_model_props(proto, {**known, "tapal_name": out.stem})
    onnx.save(proto, str(out))
