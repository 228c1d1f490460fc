"""Which weights to go on with: each is trained a little on the same pictures, and all sit the same exam."""

import hashlib
import json
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from statistics import fmean
from typing import Any

from tapal_contract.errors import TapalError
from tapal_models import exam as exams
from tapal_models import exporting, training
from tapal_models.exam import Slice
from tapal_models.registry import MARGIN, SCENE_MARGIN
from tapal_models.training import TrainRun

RECORD = "choice.json"
Say = Callable[[str], object]


@dataclass(frozen=True, slots=True, kw_only=True)
class Trial:
    """What became of one start: means over the exam's clips, scenes and sizes; None where it asks for none."""

    start: str
    sha256: str
    parameters: int
    crossings: float | None
    map50_95: float | None
    frames_a_second: float | None


def best(trials: Sequence[Trial], *, least: float = 0.0) -> Trial:
    """The one to go on with, among those that look at `least` frames a processor second.

    Crossings decide; where they are as good by the gate's own margin, boxes do; where these are, too, speed does.

    Raises:
        TapalError: none is fast enough.
    """
    able = [one for one in trials if (one.frames_a_second or 0.0) >= least]
    if not able:
        fastest = max(one.frames_a_second or 0.0 for one in trials)
        raise TapalError(f"no start looks at {least:g} frames a processor second here, the fastest at {fastest:.1f}")
    for figure, margin in ((_crossings, SCENE_MARGIN), (_precision, MARGIN)):
        top = max(figure(one) for one in able)
        able = [one for one in able if figure(one) >= top - margin]
    return max(able, key=lambda one: one.frames_a_second or 0.0)


def _crossings(trial: Trial) -> float:
    return trial.crossings or 0.0


def _precision(trial: Trial) -> float:
    return trial.map50_95 or 0.0


def choose(plan: TrainRun, starts: Sequence[Path], exam_file: Path, *, share: float, least: float, say: Say) -> Path:
    """Try each start as `plan` says, in a folder of its own under `plan.out`; write choice.json there, return its path.

    Raises:
        TapalError: fewer than two starts, two of one name, or anything that cannot be read or trained.
    """
    names = [one.stem for one in starts]
    if len(set(names)) < 2 or len(set(names)) < len(names):
        raise TapalError("a choice needs two starts or more, whose files have names of their own: give --start twice")
    exam = exams.read(exam_file)
    made = {}
    for start in starts:
        say(f"Training {start.stem}")
        run = replace(plan, start=start, out=plan.out / start.stem)
        model = training.average(start, training.train(run), share)
        size = sum(parameter.numel() for parameter in model.parameters())
        made[start] = size, exporting.export_onnx(model, run.out / f"{start.stem}.onnx", size=plan.size)
    rows: dict[Path, list[Slice]] = {}
    first, *others = starts
    for start in others:
        say(f"{start.stem} sits the exam")
        rows[start] = exams.sit(exam, exam_file.parent, made[start][1], made[first][1])
    trials = [_trial(first, made[first][0], rows[others[0]], champion=True)]
    trials += [_trial(start, made[start][0], rows[start]) for start in others]
    record = plan.out / RECORD
    content = {
        "chosen": best(trials, least=least).start,
        "least_frames_a_second": least,
        "exam_sha256": hashlib.sha256(exam_file.read_bytes()).hexdigest(),
        "trained": {"epochs": plan.stop_after or plan.epochs, "size": plan.size, "seed": plan.seed, "share": share},
        "trials": [asdict(one) for one in trials],
    }
    record.write_text(json.dumps(content, indent=1) + "\n", encoding="utf-8")
    return record


def _trial(start: Path, parameters: int, rows: Sequence[Slice], *, champion: bool = False) -> Trial:
    boxes = [row.detail["map50_95"][int(champion)] for row in rows if row.name.endswith(", all")]
    crossings = [row.champion if champion else row.candidate for row in rows if row.whole and "crossings" in row.name]
    speeds = [row.champion if champion else row.candidate for row in rows if "speed" in row.name]
    return Trial(
        start=start.name,
        sha256=hashlib.sha256(start.read_bytes()).hexdigest(),
        parameters=parameters,
        crossings=round(fmean(crossings), 4) if crossings else None,
        map50_95=round(fmean(boxes), 4) if boxes else None,
        frames_a_second=round(fmean(speeds), 2) if speeds else None,
    )


def read(record: Path) -> dict[str, Any]:
    """What was chosen, and by which figures.

    Raises:
        TapalError: it cannot be read, or is no such record.
    """
    try:
        content: dict[str, Any] = json.loads(record.read_text(encoding="utf-8"))
        for one in content["trials"]:
            Trial(**one)
        chosen = content["chosen"] in {one["start"] for one in content["trials"]}
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise TapalError(f"{str(record)!r} is no {RECORD} of tapal model choose ({error}): give another") from error
    if not chosen:
        raise TapalError(f"{str(record)!r} chose {content['chosen']!r}, which is none of its trials: make it again")
    return content


def markdown(content: dict[str, Any]) -> str:
    """The trials as a table, and what decided."""
    lines = [
        "| start | parameters | F1 of crossings | mAP50-95 | frames a processor second |",
        "|---|---:|---:|---:|---:|",
    ]
    for one in content["trials"]:
        figures = (_shown(one["crossings"], 3), _shown(one["map50_95"], 3), _shown(one["frames_a_second"], 1))
        mark = " (chosen)" if one["start"] == content["chosen"] else ""
        lines.append(f"| {one['start']}{mark} | {one['parameters']:,} | {' | '.join(figures)} |")
    trained = content["trained"]
    how = f"Each was trained for {trained['epochs']} passes at {trained['size']} px on the same pictures"
    lines += [
        "",
        f"{how}; all sat the same exam. Crossings decide; where they are as good, boxes; where these are, too, speed.",
    ]
    return "\n".join(lines)


def _shown(figure: float | None, digits: int) -> str:
    return "" if figure is None else f"{figure:.{digits}f}"
