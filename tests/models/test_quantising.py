"""INT8 of the shipped model on the sample's own frames, and refusals."""

from pathlib import Path

import numpy as np
import onnx
import pytest
from typer.testing import CliRunner

from tapal_contract.errors import TapalError
from tapal_detector.detector import Detector
from tapal_models import cli, quantising
from tests.support import toymodel


def test_the_shipped_model_sees_the_same_in_int8_with_a_float_head(root: Path, tmp_path: Path) -> None:
    frames = quantising.read_frames(root / "datasets/sample/pier.mp4", most=48)
    out = tmp_path / "small.onnx"
    made = quantising.quantise(root / "models/weights/default.onnx", out, frames, size=320)
    assert made.agreement >= 0.97
    assert made.bytes < 0.5 * made.bytes_before
    proto = onnx.load(str(out))
    quantised = {node.name for node in proto.graph.node if node.op_type == "QuantizeLinear"}
    assert quantised
    assert not any("/model.22/" in name and "conv" in name for name in quantised if name.endswith("weight"))
    detector, original = (Detector.load(path, size=320) for path in (out, root / "models/weights/default.onnx"))
    assert detector.name_version.startswith("small@")
    people = [sum("person" in one.detect(frame).labels for frame in frames) for one in (detector, original)]
    assert people[0] >= 0.9 * people[1] > 0


def test_a_model_that_sees_otherwise_is_not_written(root: Path, tmp_path: Path, monkeypatch) -> None:
    frames = quantising.read_frames(root / "datasets/sample/pier.mp4", most=8)
    monkeypatch.setattr(quantising, "agree", lambda *_: 0.5)
    with pytest.raises(TapalError, match=r"only 0\.500 of boxes"):
        quantising.quantise(root / "models/weights/default.onnx", tmp_path / "out.onnx", frames, size=320)
    assert not (tmp_path / "out.onnx").exists()


def test_too_few_frames_and_nameless_modules_are_explained(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    with pytest.raises(TapalError, match="gives 0 frames"):
        quantising.read_frames(tmp_path / "empty", most=8)
    toy = toymodel.save(tmp_path / "toy.onnx")
    frames = [np.full((64, 64, 3), value, np.uint8) for value in range(0, 160, 20)]
    with pytest.raises(TapalError, match="names no modules"):
        quantising.quantise(toy, tmp_path / "out.onnx", frames)


def test_the_command_explains_a_missing_clip(tmp_path: Path, root: Path) -> None:
    arguments = ["quantize", str(root / "models/weights/default.onnx"), "--frames", str(tmp_path / "no.mp4")]
    result = CliRunner().invoke(cli.app, [*arguments, "--out", str(tmp_path / "o.onnx")])
    assert result.exit_code == 2
