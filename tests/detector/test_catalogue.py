from pathlib import Path

import pytest

from tapal_contract.errors import TapalError
from tapal_detector.catalogue import find


@pytest.fixture
def models(tmp_path: Path) -> dict[str, str]:
    (tmp_path / "pier.onnx").write_bytes(b"")
    return {"TAPAL_MODELS": str(tmp_path)}


def test_a_name_is_looked_up_in_the_folder_of_the_environment(models: dict[str, str], tmp_path: Path) -> None:
    assert find("pier", models) == tmp_path / "pier.onnx"


def test_a_path_is_taken_as_it_is(tmp_path: Path, models: dict[str, str]) -> None:
    assert find(tmp_path / "pier.onnx", {}) == tmp_path / "pier.onnx"


def test_the_default_model_is_found_in_the_checkout(root: Path) -> None:
    assert find("default", {}).is_file()


def test_an_unknown_name_lists_the_known_ones(models: dict[str, str]) -> None:
    with pytest.raises(TapalError, match=r"no model is called 'jetty'; known models: .*pier"):
        find("jetty", models)


def test_a_missing_path_is_one_sentence() -> None:
    with pytest.raises(TapalError, match=r"model file 'no/such\.onnx' does not exist"):
        find("no/such.onnx", {})
