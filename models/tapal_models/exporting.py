"""Weights in, ONNX out, in the layout and with the metadata that Ultralytics writes and tapal_detector reads."""

import copy
import tempfile
from pathlib import Path
from typing import Any

from tapal_contract.errors import TapalError
from tapal_models import extra

OPSET = 17
"""Old enough for the ONNX Runtime of Jetson images and for OpenVINO, new enough for every YOLO head."""


def export_onnx(
    model: Any, out: Path, *, size: int = 640, dynamic: bool = True, half: bool = False, version: str = ""
) -> Path:
    """Write `model` (an Ultralytics module) to `out`, sizes free where `dynamic`, weights float16 where `half`.

    The same weights give the same bytes: the time of the export is left out of the file. With a `version` the file
    says NAME@VERSION of itself, its name being the file's.
    """
    if size <= 0 or size % 32:
        raise TapalError(f"size {size} is not a multiple of 32: use 320, 480 or 640")
    ultralytics = extra.ultralytics()
    with tempfile.TemporaryDirectory() as folder:
        checkpoint = Path(folder) / "model.pt"
        save_checkpoint(model, checkpoint)
        made = ultralytics.YOLO(str(checkpoint)).export(
            format="onnx",
            imgsz=size,
            dynamic=dynamic,
            quantize=16 if half else None,
            simplify=False,
            opset=OPSET,
            verbose=False,
        )
        _finish(Path(made), out, labels=len(model.names), version=version)
    return out


def save_checkpoint(model: Any, path: Path) -> None:
    """Write a checkpoint that Ultralytics loads, with the module itself inside and no optimiser."""
    module = copy.deepcopy(model).float().eval()
    for parameter in module.parameters():
        parameter.requires_grad = True
    path.parent.mkdir(parents=True, exist_ok=True)
    extra.torch().save({"model": module, "ema": None, "train_args": {}, "epoch": -1}, path)


def _finish(made: Path, out: Path, *, labels: int, version: str) -> None:
    """Copy the export to `out` without its date, with name and version and the raw head's true row count."""
    import onnx  # noqa: PLC0415 - part of the train extra
    import onnxruntime  # noqa: PLC0415

    proto = onnx.load(str(made))
    kept = {item.key: item.value for item in proto.metadata_props if item.key != "date"}
    named = {"tapal_name": out.stem, "tapal_version": version} if version else {}
    onnx.helper.set_model_props(proto, {**kept, **named})
    rows = proto.graph.output[0].type.tensor_type.shape.dim[1]
    if rows.dim_param and kept.get("end2end", "False") == "False":
        rows.dim_value = 4 + labels
    onnxruntime.InferenceSession(proto.SerializeToString(), providers=["CPUExecutionProvider"])  # it opens, or raises
    out.parent.mkdir(parents=True, exist_ok=True)
    onnx.save(proto, str(out))
