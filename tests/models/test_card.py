"""The card that ships is about the weights that ship, and they are nowhere worse than their start."""

import hashlib
import json
from pathlib import Path
from typing import Any

import pytest


@pytest.fixture
def about(root: Path) -> dict[str, Any]:
    content: dict[str, Any] = json.loads((root / "models/cards/default.json").read_text())
    return content


def test_the_card_is_about_the_weights_that_ship(root: Path, about: dict[str, Any]) -> None:
    weights = (root / "models/weights/default.onnx").read_bytes()
    assert about["sha256"] == hashlib.sha256(weights).hexdigest()
    assert about["bytes"] == len(weights)
    page = (root / "models/cards/default.md").read_text()
    assert about["sha256"] in page
    assert all(limit in page for limit in about["limits"])


def test_no_figure_is_surely_worse_than_the_start_and_f1_at_320_is_surely_better(about: dict[str, Any]) -> None:
    for table in about["figures"].values():
        for candidate, start in zip(table[::2], table[1::2], strict=True):
            assert candidate["size"] == start["size"]
            assert candidate["average_precision"] >= start["average_precision"]
            for gain in candidate["differences"].values():
                assert gain["high"] >= 0
        assert table[0]["differences"]["f1"]["low"] > 0


def test_what_the_start_surely_sees_is_still_seen(about: dict[str, Any]) -> None:
    for clip in about["kept"]:
        assert clip["seen_too"] >= 0.95 * clip["seen_by_start"]
