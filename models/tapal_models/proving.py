"""Promotion: candidate and champion sit the same exam, and what came of it is kept with the model."""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tapal_contract.errors import TapalError
from tapal_detector import catalogue
from tapal_detector.detector import Detector
from tapal_models import exam as exams
from tapal_models import registry as registries
from tapal_models.exam import Slice, Tick
from tapal_models.registry import Registry


@dataclass(frozen=True, slots=True)
class Outcome:
    """The exam's rows, in what the candidate is worse, and whom it was measured against."""

    title: str
    champion: str
    rows: list[Slice]
    worse: list[str]

    def as_dict(self) -> dict[str, Any]:
        """For JSON and cards."""
        rows = [row.as_dict() for row in self.rows]
        return {
            "model": self.title,
            "champion": self.champion,
            "promoted": not self.worse,
            "worse": self.worse,
            "rows": rows,
        }

    def text(self) -> str:
        """For a terminal, with the verdict."""
        verdict = [f"REFUSED, worse in: {line}" for line in self.worse] or [f"{self.title} is the champion now"]
        return "\n".join([self.table(), "", *verdict])

    def table(self) -> str:
        """Every slice."""
        lines = [
            f"| slice | size | {self.title} | {self.champion} | difference (95 %) | AP50 of both | mAP50-95 of both |",
            "|---|---:|---:|---:|---|---|---|",
        ]
        for row in self.rows:
            ap, whole = (_pair(row.detail.get(key, ())) for key in ("ap50", "map50_95"))
            interval = f" ({row.low:+.3f} to {row.high:+.3f})" if row.low is not None and row.high is not None else ""
            lines.append(
                f"| {row.name} | {row.size} | {row.candidate:.3f} | {row.champion:.3f} "
                f"| {row.difference:+.3f}{interval} | {ap} | {whole} |"
            )
        return "\n".join(lines)


def _pair(figures: Iterable[float]) -> str:
    return ", ".join(f"{one:.3f}" for one in figures)


def compare(candidate: Path, champion: Path, exam_file: Path, *, tick: Tick | None) -> Outcome:
    """Let two models sit an exam; nothing follows from it."""
    rows = exams.sit(exams.read(exam_file), exam_file.parent, candidate, champion, tick=tick)
    names = [Detector.load(one).name_version for one in (candidate, champion)]
    return Outcome(names[0], names[1], rows, registries.worse(rows))


def promote(
    candidate: Path, exam_file: Path, folder: Path, name: str, version: str, *, against: Path | None, tick: Tick | None
) -> Outcome:
    """Judge, and store the candidate as champion unless it is worse in any guarded slice.

    Raises:
        TapalError: nothing to compare with, or anything that cannot be read.
    """
    registries.word(name, "name")
    registries.word(version, "version")
    if not candidate.is_file():
        raise TapalError(f"model {str(candidate)!r} does not exist: give an .onnx file")
    exam = exams.read(exam_file)
    kept = Registry(folder)
    champion = kept.champion(name)
    other = champion.path if champion else against
    if other is None:
        raise TapalError(
            f"registry {str(folder)!r} has no champion called {name!r}: give the model in use with --against"
        )
    rows = exams.sit(exam, exam_file.parent, candidate, other, tick=tick)
    if not rows:
        raise TapalError(f"exam {str(exam_file)!r} judged nothing: its clips have no boxes of their label")
    outcome = Outcome(
        f"{name}@{version}",
        champion.title if champion else Detector.load(other).name_version,
        rows,
        registries.worse(rows),
    )
    if not outcome.worse:
        digest = hashlib.sha256(exam_file.read_bytes()).hexdigest()
        kept.promote(
            candidate, name, version, {"exam": {**outcome.as_dict(), "sha256": digest}, "parent": outcome.champion}
        )
    return outcome


def named(model: str, folder: Path) -> Path:
    """The file of a model by its path or as `listing` names it: NAME or NAME@VERSION, of catalogue or registry.

    Raises:
        TapalError: there is none.
    """
    name, versioned, _ = model.partition("@")
    if not versioned or Path(model).suffix == catalogue.SUFFIX:
        return catalogue.find(model)
    if any(entry.title == model for entry in Registry(folder).entries()):
        return Registry(folder).find(model).path
    found = catalogue.find(name)
    title = Detector.load(found).name_version
    if title != model:
        raise TapalError(f"no model is called {model!r}: the catalogue has {title}, {str(folder)!r} has none such")
    return found


def listing(folder: Path) -> list[dict[str, Any]]:
    """Models found by name, then those of the registry."""
    files = {path.stem: path for place in reversed([*catalogue.folders()]) for path in place.glob("*.onnx")}
    rows = [
        {
            "model": Detector.load(path).name_version,
            "where": "catalogue",
            "champion": None,
            "bytes": path.stat().st_size,
        }
        for _, path in sorted(files.items())
    ]
    return rows + [
        {"model": entry.title, "where": str(folder), "champion": entry.champion, "bytes": entry.path.stat().st_size}
        for entry in Registry(folder).entries()
    ]


def table(rows: list[dict[str, Any]]) -> str:
    """The list as a terminal shows it."""
    lines = []
    for row in rows:
        mark = "champion" if row["champion"] else ""
        lines.append(f"{row['model']:32} {row['bytes'] / 1e6:7.1f} MB  {row['where']}  {mark}".rstrip())
    return "\n".join(lines) or "no models"
