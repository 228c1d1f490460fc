"""The card that ships is about the weights that ship, and they are nowhere worse than their start."""

import hashlib
import json
from pathlib import Path
from typing import Any

import pytest

from tapal_contract.errors import TapalError
from tapal_models import card


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


def test_it_passed_the_gate_beside_its_start_at_320_and_480(about: dict[str, Any], root: Path) -> None:
    said = about["promotion"]
    assert said["sizes"] == [320, 480]
    for row in said["whole"]:
        assert row["candidate"] >= row["champion"] - 0.01
        assert row["high"] is None or row["high"] >= 0
    assert card.gate(said) in (root / "models/cards/default.md").read_text()


def test_it_names_the_dataset_version_that_its_recipe_makes(about: dict[str, Any], root: Path) -> None:
    recipe = (root / "models/recipes/default.sh").read_text().splitlines()
    taught = next(line.split()[0].removeprefix("taught=") for line in recipe if line.startswith("taught="))
    assert about["training"]["dataset"] == f"default-1@{taught}"
    assert f"`default-1@{taught}`" in (root / "models/cards/default.md").read_text()


def test_what_decided_a_training_is_told_and_not_where_it_ran(tmp_path: Path) -> None:
    settings = {
        "data": "/home/somebody/set/data.yaml",
        "out": "/home/somebody/run",
        "epochs": 4,
        "teach": [],
        "seed": 1,
    }
    known = {"dataset": "yard@1", "start_sha256": "ab", "code": "0.1.0", "ultralytics": "8", "torch": "2"}
    record = tmp_path / "run.json"
    record.write_text(json.dumps({**known, "settings": settings}))
    assert card.trained(record) == {**known, "settings": {"epochs": 4, "teach": [], "seed": 1}}
    record.write_text('{"settings": []}')
    with pytest.raises(TapalError, match="no record of a training"):
        card.trained(record)


def test_what_the_gate_said_is_told(tmp_path: Path) -> None:
    row = {"name": "yard: person, all", "size": 320, "candidate": 0.9, "champion": 0.88, "low": 0.01, "high": 0.03}
    part = {**row, "name": "yard: person, size small", "whole": False}
    exam = {"champion": "start@1", "sha256": "0", "rows": [{**row, "whole": True, "detail": {}}, part]}
    record = tmp_path / "card.json"
    record.write_text(json.dumps({"exam": exam}))
    text = card.gate(card.promoted(record))
    assert "Beside start@1 at 320 px it was worse in none of 2 guarded slices" in text
    assert "| yard: person, all | 320 | 0.900 | 0.880 | +0.020 (+0.010 to +0.030) |" in text
    assert "small" not in text
    record.write_text("{}")
    with pytest.raises(TapalError, match="no record of a promotion"):
        card.promoted(record)
