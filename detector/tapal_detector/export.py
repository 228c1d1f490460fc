"""What an Ultralytics export says about itself in its metadata."""

import ast
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from tapal_contract.errors import TapalError

REMEDY = "export one with `tapal model export` or Ultralytics' `yolo export format=onnx`"
Dimension = int | str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ExportInfo:
    """The facts of a detect export.

    Attributes:
        names: label of each class number.
        size: input (height, width) it was exported for.
        stride: the input of a dynamic model is a multiple of this.
        version: `name@version`, as messages carry it.
    """

    names: tuple[str, ...]
    size: tuple[int, int]
    stride: int
    version: str

    @classmethod
    def read(cls, path: Path, metadata: Mapping[str, str], digest: str) -> Self:
        """Check and read the metadata of a file.

        Raises:
            TapalError: it is not a YOLO detect export.
        """
        names = _names(path, _literal(path, metadata, "names"))
        task = metadata.get("task", "detect")
        if task != "detect":
            raise TapalError(f"model '{path}' was made for the task '{task}', not 'detect'; {REMEDY}")
        size = _numbers(path, "imgsz", _literal(path, metadata, "imgsz", default="[640, 640]"))
        stride = _numbers(path, "stride", _literal(path, metadata, "stride", default="32"))[0]
        name = metadata.get("tapal_name", path.stem)
        version = metadata.get("tapal_version", digest[:8])
        return cls(
            names=names,
            size=(size[0], size[-1]),
            stride=stride,
            version=f"{name}@{version}",
        )

    def classes_of(self, path: Path, labels: tuple[str, ...]) -> tuple[int, ...]:
        """Class numbers of labels.

        Raises:
            TapalError: a label that the model does not know.
        """
        unknown = [label for label in labels if label not in self.names]
        if unknown:
            raise TapalError(
                f"model '{path}' does not know the label '{unknown[0]}'; choose among {', '.join(self.names)}"
            )
        return tuple(number for number, name in enumerate(self.names) if name in labels)


def _names(path: Path, value: object) -> tuple[str, ...]:
    names = dict(enumerate(value)) if isinstance(value, list) else value
    if not isinstance(names, dict) or not names or set(names) != set(range(len(names))):
        raise TapalError(f"model '{path}' has class names that do not count from 0: {str(value)[:80]}; {REMEDY}")
    return tuple(str(names[number]) for number in range(len(names)))


def _numbers(path: Path, key: str, value: object) -> list[int]:
    given = value if isinstance(value, list | tuple) else [value]
    numbers = [number for number in given if isinstance(number, int) and not isinstance(number, bool) and number > 0]
    if len(numbers) not in (1, 2) or len(numbers) != len(given):
        raise TapalError(f"model '{path}' has an unusable '{key}' {str(value)[:80]} in its metadata; {REMEDY}")
    return numbers


def _literal(path: Path, metadata: Mapping[str, str], key: str, default: str | None = None) -> object:
    text = metadata.get(key, default)
    if text is None:
        raise TapalError(f"model '{path}' carries no '{key}' in its metadata, so it is no YOLO detect export; {REMEDY}")
    try:
        value: object = ast.literal_eval(text)
    except (ValueError, SyntaxError, TypeError, RecursionError, MemoryError) as error:
        raise TapalError(f"model '{path}' has unreadable '{key}' metadata {text[:80]!r}; {REMEDY}") from error
    return value
