"""Models that were proven, in a folder: NAME/VERSION with the file and its card, and who is champion since when."""

import hashlib
import json
import os
import re
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tapal_contract.errors import TapalError
from tapal_models.exam import STILL_SEEN, Slice

WORD = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
MODEL, CARD, CHAMPIONS = "model.onnx", "card.json", "champions.json"
MARGIN = 0.005
"""How much a slice of all there is may lose by its mean while its interval still holds zero."""
SCENE_MARGIN = 0.01
"""The same for crossings, which are few, and for slices that have no interval."""
KEPT = 0.95
"""Of what the champion surely sees in clips without labels."""
SLOWEST = 0.8
"""Of the champion's frames a processor second, by the upper end of the interval: beside other work, timings of one and
the same model have differed by a quarter."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One version in the registry."""

    name: str
    version: str
    path: Path
    card: dict[str, Any]
    champion: bool

    @property
    def title(self) -> str:
        """NAME@VERSION."""
        return f"{self.name}@{self.version}"


def word(text: str, what: str) -> str:
    """A name or version that can be part of a path.

    Raises:
        TapalError: it cannot.
    """
    if not WORD.fullmatch(text):
        raise TapalError(
            f"{what} {text!r} must be letters, digits, dots, dashes and underscores, 64 at most: give another"
        )
    return text


def worse(rows: list[Slice]) -> list[str]:
    """The slices in which the candidate is worse, each with its figures; empty: it may be promoted."""
    return [_explain(row) for row in rows if _is_worse(row)]


def _is_worse(row: Slice) -> bool:
    if "speed" in row.name:
        return row.high is not None and row.champion + row.high < SLOWEST * row.champion
    if row.name.endswith(STILL_SEEN):
        return row.candidate < KEPT
    if row.high is None:
        return row.difference < -SCENE_MARGIN
    margin = SCENE_MARGIN if "crossings" in row.name else MARGIN
    return row.high < 0 or (row.whole and row.difference < -margin)


def _explain(row: Slice) -> str:
    interval = "" if row.low is None or row.high is None else f", 95 % between {row.low:+.3f} and {row.high:+.3f}"
    return f"{row.name} at {row.size} px: {row.candidate:.3f} against {row.champion:.3f}{interval}"


class Registry:
    """The folder; every write is whole or not at all."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def entries(self) -> list[Entry]:
        """All versions, by name and then the order in which they were champion."""
        found = []
        for card in sorted(self.folder.glob(f"*/*/{CARD}")):
            name, version = card.parent.parent.name, card.parent.name
            known = json.loads(card.read_text(encoding="utf-8"))
            champion = self._champions(name)[-1:] == [version]
            found.append(Entry(name, version, card.parent / MODEL, known, champion))
        return found

    def find(self, title: str) -> Entry:
        """NAME@VERSION, or the champion of NAME.

        Raises:
            TapalError: there is none.
        """
        name, _, version = title.partition("@")
        of_name = [entry for entry in self.entries() if entry.name == name]
        found = next((e for e in of_name if (e.version == version if version else e.champion)), None)
        if found is None:
            known = ", ".join(entry.title for entry in of_name) or "nothing"
            raise TapalError(f"registry {str(self.folder)!r} has no {title!r}; of this name it has {known}")
        digest = hashlib.sha256(found.path.read_bytes()).hexdigest()
        if digest != found.card["sha256"]:
            raise TapalError(f"the file of {found.title} is not the one its card describes: restore it, do not use it")
        return found

    def champion(self, name: str) -> Entry | None:
        """The present champion of a name, if there is one."""
        return self.find(name) if self._champions(name) else None

    def promote(self, model: Path, name: str, version: str, card: dict[str, Any]) -> Entry:
        """Store a proven model and make it the champion.

        Raises:
            TapalError: this version is another file already.
        """
        target = self.folder / word(name, "name") / word(version, "version")
        digest = hashlib.sha256(model.read_bytes()).hexdigest()
        if target.exists() and json.loads((target / CARD).read_text(encoding="utf-8"))["sha256"] != digest:
            raise TapalError(
                f"{name}@{version} is there already and is another file: give the new one another --version"
            )
        if not target.exists():
            draft = target.with_name(f".{version}.{os.getpid()}")
            try:
                draft.mkdir(parents=True)
                shutil.copyfile(model, draft / MODEL)
                _write(draft / CARD, {**card, "name": name, "version": version, "sha256": digest})
                draft.rename(target)
            finally:
                shutil.rmtree(draft, ignore_errors=True)
        _write(self.folder / name / CHAMPIONS, [*self._champions(name), version])
        return self.find(f"{name}@{version}")

    def _champions(self, name: str) -> list[str]:
        file = self.folder / name / CHAMPIONS
        return list(json.loads(file.read_text(encoding="utf-8"))) if file.is_file() else []


def _write(file: Path, content: object) -> None:
    draft = file.with_suffix(".new")
    draft.write_text(json.dumps(content, indent=1) + "\n", encoding="utf-8")
    draft.replace(file)
