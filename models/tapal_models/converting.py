"""The same model for another runtime, compared number by number with the ONNX on real frames before it counts."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from tapal_contract.errors import TapalError
from tapal_detector.detector import Detector
from tapal_detector.letterbox import Fit, Frame, to_input
from tapal_models import extra

Floats = npt.NDArray[np.float32]
Runtime = Callable[[Floats], Floats]
MOST_SCORE, MOST_PIXELS = 0.02, 1.0
"""How far a score, and a side of a box that anything is seen in, may lie from the original's."""
SEEN = 0.25


@dataclass(frozen=True, slots=True)
class Converted:
    """The file, and how far its numbers lie from the original's on how many frames."""

    path: Path
    frames: int
    score: float
    pixels: float


def to_openvino(model: Path, out: Path, frames: Sequence[Frame], *, size: int | None = None) -> Converted:
    """Write OUT.xml and OUT.bin for OpenVINO, float32.

    Raises:
        TapalError: OpenVINO is missing, cannot read the model, or computes something else; nothing is left behind.
    """
    openvino = _openvino()
    original = Detector.load(model, size=size)
    target = out.with_suffix(".xml")
    target.parent.mkdir(parents=True, exist_ok=True)
    try:
        openvino.save_model(openvino.convert_model(str(model)), str(target), compress_to_fp16=False)
        compiled = openvino.Core().compile_model(str(target), "CPU", {"INFERENCE_PRECISION_HINT": "f32"})
    except RuntimeError as error:
        raise TapalError(f"OpenVINO cannot convert {str(model)!r}: {str(error).splitlines()[0]}") from error
    score, pixels = _compare(original, lambda inputs: np.asarray(compiled([inputs])[0], np.float32), frames)
    if score > MOST_SCORE or pixels > MOST_PIXELS:
        target.unlink()
        target.with_suffix(".bin").unlink(missing_ok=True)
        raise TapalError(
            f"OpenVINO computes other numbers than {model.name}: scores up to {score:.3f} and boxes up to {pixels:.1f} "
            "pixels apart; stay with the ONNX model"
        )
    return Converted(target, len(frames), score, pixels)


def require_same(model: Any, out: Path, frames: Sequence[Frame]) -> Converted:
    """Compare an ONNX export with the weights it was made of.

    Raises:
        TapalError: it computes something else; nothing is left behind.
    """
    torch = extra.torch()
    module = model.float().eval()

    def weights(inputs: Floats) -> Floats:
        with torch.no_grad():
            return np.asarray(module(torch.from_numpy(inputs))[0].numpy(), np.float32)

    score, pixels = _compare(Detector.load(out), weights, frames)  # at the size that the file names
    if score > MOST_SCORE or pixels > MOST_PIXELS:
        out.unlink()
        raise TapalError(
            f"the export computes other numbers than its weights: scores up to {score:.3f} and boxes up to "
            f"{pixels:.1f} pixels apart; export it without --half"
        )
    return Converted(out, len(frames), score, pixels)


def to_tensorrt(model: Path) -> None:
    """Refuse, and say where an engine is made: it runs only on the kind of device that built it.

    Raises:
        TapalError: always; there is nothing to convert here.
    """
    here = "" if find_spec("tensorrt") is not None else ", and there is no TensorRT here"
    raise TapalError(
        f"a TensorRT engine of {model.name} is built on the device that runs it{here}: give the node the ONNX and set "
        "provider: tensorrt, which builds and keeps the engine at its first start"
    )


def _compare(original: Detector, runtime: Runtime, frames: Sequence[Frame]) -> tuple[float, float]:
    """Largest differences of scores and, where anything is seen, of box sides in pixels of the input."""
    worst_score = worst_pixels = 0.0
    for frame in frames:
        canvas = Fit.of((frame.shape[0], frame.shape[1]), original.size).apply(frame)
        mine = original.infer([canvas])[0]
        theirs = runtime(np.asarray(to_input([canvas], np.float32), np.float32))[0]
        if mine.shape != theirs.shape:
            return float("inf"), float("inf")
        boxes, scores = (slice(0, 4), slice(4, None)) if mine.shape[1] != 6 else (slice(0, 0), slice(0, None))
        apart = np.abs(mine - theirs)
        worst_score = max(worst_score, float(apart[scores].max(initial=0.0)))
        seen = mine[scores].max(axis=0) >= SEEN
        worst_pixels = max(worst_pixels, float(apart[boxes][:, seen].max(initial=0.0)))
    return worst_score, worst_pixels


def _openvino() -> Any:
    try:
        import openvino  # noqa: PLC0415 - optional
    except ImportError as error:
        raise TapalError("OpenVINO is not installed: run pip install 'tapal[openvino]'") from error
    return openvino
