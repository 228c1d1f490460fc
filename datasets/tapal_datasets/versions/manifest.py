"""What a dataset version says of itself: every picture with its hashes, split, camera, day, light and licence."""

import hashlib
import json
from collections import Counter
from datetime import date
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, ValidationError

from tapal_contract.errors import TapalError
from tapal_datasets.importing.boxes import NAMES
from tapal_detector.light import Light

FILE = "manifest.json"
Split = Literal["train", "val", "test"]
SPLITS: tuple[Split, ...] = ("train", "val", "test")


class Item(BaseModel):
    """One picture with its labels; hashes are SHA-256 of the files' bytes."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str
    split: Split
    camera: str
    day: date | None
    light: Light
    licence: str
    image: str
    labels: str
    boxes: dict[str, int]
    clip: str | None = None


class Manifest(BaseModel):
    """A dataset version. `withdrawn` names clips that were deleted after it was built."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str
    version: str
    taxonomy: tuple[str, ...] = NAMES
    licences: tuple[str, ...]
    origins: tuple[str, ...]
    split_within_a_day: bool
    left_out_as_repeats: int
    items: tuple[Item, ...]
    withdrawn: tuple[str, ...] = ()

    @property
    def title(self) -> str:
        """NAME@VERSION, as runs and cards name it."""
        return f"{self.name}@{self.version}"

    def counts(self, split: Split | None = None) -> Counter[str]:
        """Boxes by label, in a split or in all."""
        total: Counter[str] = Counter()
        for item in self.items:
            if split is None or item.split == split:
                total.update(item.boxes)
        return total


def version_of(items: tuple[Item, ...]) -> str:
    """The version of these pictures, labels and splits: the same content has the same, wherever it is built."""
    rows = sorted(json.dumps(item.model_dump(mode="json"), sort_keys=True) for item in items)
    return hashlib.sha256("\n".join(rows).encode()).hexdigest()[:12]


def read(folder: Path) -> Manifest:
    """Read the manifest of a dataset.

    Raises:
        TapalError: it is missing or broken.
    """
    file = folder / FILE
    try:
        return Manifest.model_validate_json(file.read_text(encoding="utf-8"))
    except OSError as error:
        raise TapalError(
            f"{str(folder)!r} is no dataset version: it has no {FILE}; make one with dataset build"
        ) from error
    except ValidationError as error:
        problem = error.errors()[0]
        where = ".".join(map(str, problem["loc"]))
        raise TapalError(
            f"{str(file)!r} is broken at {where or 'the top'}: {problem['msg']}; build it again"
        ) from error


def write(folder: Path, manifest: Manifest) -> None:
    """Write the manifest of a dataset."""
    (folder / FILE).write_text(manifest.model_dump_json(indent=1) + "\n", encoding="utf-8")
