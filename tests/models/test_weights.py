"""The weights that ship: small, named as the contract names labels, and readable without torch."""

import ast
from pathlib import Path

import numpy as np
import onnxruntime as ort
import pytest

from tapal_models.labels import NAMES


@pytest.fixture(scope="module")
def session(root: Path) -> ort.InferenceSession:
    return ort.InferenceSession(str(root / "models/weights/default.onnx"), providers=["CPUExecutionProvider"])


def test_is_small_enough_for_a_thin_line(root: Path) -> None:
    assert (root / "models/weights/default.onnx").stat().st_size <= 14e6


def test_says_what_it_is(session: ort.InferenceSession) -> None:
    says = session.get_modelmeta().custom_metadata_map
    assert tuple(ast.literal_eval(says["names"]).values()) == NAMES
    assert says["task"] == "detect"
    assert says["stride"] == "32"
    assert "date" not in says


@pytest.mark.parametrize("size", [320, 480, 640])
def test_runs_at_every_size_it_is_measured_at(session: ort.InferenceSession, size: int) -> None:
    frame = np.zeros((1, 3, size, size), np.float32)
    (raw,) = session.run(None, {session.get_inputs()[0].name: frame})
    assert raw.shape == (1, 4 + len(NAMES), (size // 8) ** 2 + (size // 16) ** 2 + (size // 32) ** 2)
