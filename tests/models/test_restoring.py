"""A model in use becomes weights that can be trained, and computes as before."""

from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime as ort
import pytest

from tapal_contract.errors import TapalError
from tapal_models import exporting, restoring, slicing
from tapal_models.labels import LABELS

pytestmark = [
    pytest.mark.train,
    pytest.mark.filterwarnings("ignore"),  # torch and ultralytics warn about themselves
]
pytest.importorskip("ultralytics", reason="the train extra (ultralytics, torch) is not installed")


def weights(path: Path, seed: int, kind: str = "yolov8n") -> Path:
    """Weights of the kind with batch norms that have learned something; one channel's hardly lets anything through."""
    import torch
    from ultralytics import YOLO

    torch.manual_seed(seed)
    model: Any = slicing.slice_labels(YOLO(f"{kind}.yaml").model, LABELS)
    with torch.no_grad():
        for layer in model.modules():
            if isinstance(layer, torch.nn.BatchNorm2d):
                layer.running_mean.normal_(0, 0.2)
                layer.running_var.uniform_(0.5, 2)
                layer.weight.uniform_(0.5, 1.5)
                layer.bias.normal_(0, 0.2)
                layer.weight[0] = 1e-4
    exporting.save_checkpoint(model, path)
    return path


def outputs(model: Path) -> np.ndarray:
    picture = np.random.default_rng(1).random((1, 3, 96, 96), dtype=np.float32)
    return np.asarray(ort.InferenceSession(str(model)).run(None, {"images": picture})[0])


def test_it_computes_what_the_model_in_use_does(tmp_path: Path) -> None:
    """Put into weights of other numbers, which is what the start of a training some time ago is."""
    used = exporting.export_onnx(slicing.load_sliced(weights(tmp_path / "used.pt", 1), LABELS), tmp_path / "used.onnx")
    restoring.restore(used, weights(tmp_path / "start.pt", 2), tmp_path / "again.pt")
    again = exporting.export_onnx(slicing.load_sliced(tmp_path / "again.pt", LABELS), tmp_path / "again.onnx")
    assert np.abs(outputs(again) - outputs(used)).max() < 1e-2
    start = exporting.export_onnx(slicing.load_sliced(tmp_path / "start.pt", LABELS), tmp_path / "start.onnx")
    assert np.abs(outputs(start) - outputs(used)).max() > 0.1


def test_a_model_of_another_head_is_refused(root: Path, tmp_path: Path) -> None:
    with pytest.raises(TapalError, match="differ at model"):
        restoring.restore(
            root / "models/weights/default.onnx", weights(tmp_path / "other.pt", 1, "yolo11n"), tmp_path / "out.pt"
        )


def test_what_is_no_model_is_said(tmp_path: Path) -> None:
    (tmp_path / "model.onnx").write_text("no model")
    with pytest.raises(TapalError, match=r"model\.onnx"):
        restoring.restore(tmp_path / "model.onnx", weights(tmp_path / "a.pt", 1), tmp_path / "out.pt")
