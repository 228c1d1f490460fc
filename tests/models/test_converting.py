"""A model for another runtime: the same numbers, or a sentence."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from tapal_models import cli, converting


def convert(root: Path, *arguments: str):
    sample = ("--frames", str(root / "datasets/sample/pier.mp4"), "--most", "8", "--size", "320")
    return CliRunner().invoke(cli.app, ["convert", str(root / "models/weights/default.onnx"), *sample, *arguments])


def test_openvino_computes_the_same(root: Path, tmp_path: Path) -> None:
    pytest.importorskip("openvino", reason="the extra openvino is not installed")
    run = convert(root, "--to", "openvino", "--out", str(tmp_path / "default.xml"), "--json")
    assert run.exit_code == 0, run.output
    found = json.loads(run.stdout)
    assert found["frames"] == 8
    assert found["score"] < 0.001
    assert (tmp_path / "default.bin").is_file()


def test_what_computes_something_else_is_not_left_behind(root: Path, tmp_path: Path, monkeypatch) -> None:
    pytest.importorskip("openvino", reason="the extra openvino is not installed")
    monkeypatch.setattr(converting, "MOST_SCORE", -1.0)
    run = convert(root, "--to", "openvino", "--out", str(tmp_path / "default.xml"))
    assert run.exit_code == 2
    assert "stay with the ONNX model" in run.output
    assert not list(tmp_path.iterdir())


def test_an_engine_of_tensorrt_is_made_on_the_device(root: Path, tmp_path: Path) -> None:
    run = convert(root, "--to", "tensorrt", "--out", str(tmp_path / "default.engine"))
    assert run.exit_code == 2
    assert "provider: tensorrt" in " ".join(run.output.split())
