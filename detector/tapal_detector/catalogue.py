"""Find a model by name or path."""

import os
from collections.abc import Iterator, Mapping
from pathlib import Path

from tapal_contract.errors import TapalError

SUFFIX = ".onnx"


def folders(environment: Mapping[str, str] = os.environ) -> Iterator[Path]:
    """Where models are looked up by name: $TAPAL_MODELS, the installed package, the checkout."""
    chosen = environment.get("TAPAL_MODELS")
    if chosen:
        yield Path(chosen)
    here = Path(__file__).resolve()
    yield here.parent / "weights"
    yield here.parents[2] / "models" / "weights"


def find(name_or_path: str | Path, environment: Mapping[str, str] = os.environ) -> Path:
    """The model file that a catalogue name or a path means.

    Raises:
        TapalError: nothing of that name; the message lists the names there are.
    """
    path = Path(name_or_path).expanduser()
    if path.suffix == SUFFIX:
        if path.is_file():
            return path
        raise TapalError(f"model file '{path}' does not exist; give the path of an .onnx file or a catalogue name")
    known = {file.stem: file for folder in reversed([*folders(environment)]) for file in folder.glob(f"*{SUFFIX}")}
    if str(name_or_path) in known:
        return known[str(name_or_path)]
    names = ", ".join(sorted(known)) or "none; set TAPAL_MODELS to a folder of .onnx files"
    raise TapalError(f"no model is called '{name_or_path}'; known models: {names}; or give the path of an .onnx file")
