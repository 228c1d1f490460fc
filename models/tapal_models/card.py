"""The card of a model: what it is, from what, how good, where not; written by the run that measured it."""

import hashlib
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from tapal_contract.errors import TapalError
from tapal_contract.yamlfile import load
from tapal_models import choosing, evaluation, selecting
from tapal_models.evaluation import Row, Tick
from tapal_models.metrics import Score

NOTES = """\
One clip, one camera, one label: these figures say how the model compares with its start, not how it will do at your
pier. Measure there: `tapal model eval MODEL --video CLIP --truth LABELS`."""

HERE = ("data", "start", "out", "resume", "mlflow", "workers", "device")
"""Settings of a run that say where it ran, not what came of it."""


class _Strict(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Data(_Strict):
    """One source of training or validation pictures."""

    name: str
    source: str
    licence: str
    use: str


class Labelled(_Strict):
    """A labelled clip to measure on, under the shared folder."""

    video: str
    truth: str
    label: str = "person"


class Unlabelled(_Strict):
    """A clip on which the model must see what its start surely sees."""

    video: str
    label: str
    size: int = 640
    every: int = 5


class Story(_Strict):
    """What a person writes once about a model; the figures come from measuring."""

    name: str
    version: str
    summary: str
    origin: str
    licence: str
    labels: list[str]
    command: str
    data: list[Data]
    limits: list[str]
    sizes: list[int] = Field(default=[320, 480, 640])
    labelled: list[Labelled]
    unlabelled: list[Unlabelled]


def write(
    story_file: Path,
    model: Path,
    start: Path,
    shared: Path,
    out: Path,
    *,
    version: str = "",
    choice: Path | None = None,
    selection: Path | None = None,
    promotion: Path | None = None,
    run: Path | None = None,
    every: int = 1,
    tick: Tick | None = None,
) -> dict[str, Any]:
    """Measure `model` against `start` and write OUT/NAME.md and OUT/NAME.json, of the version given.

    With a `choice` (choice.json of `tapal model choose`) they also say among which heads it was chosen, and by what;
    with a `selection` (OUT.json of `tapal model select`) how much of the training was kept, and by what; with a
    `promotion` (the card.json that `tapal model promote` left in the registry) what the gate said; with a `run` (the
    run.json of `tapal model train`) from which dataset version, weights and settings it was trained.
    """
    told = load(story_file, Story)
    before = {
        "choice": choosing.read(choice) if choice else None,
        "selection": selecting.read(selection) if selection else None,
        "promotion": promoted(promotion) if promotion else None,
        "training": trained(run) if run else None,
    }
    story = told.model_copy(update={"version": version or told.version})
    for path in (model, start):
        if not path.is_file():
            raise TapalError(f"model {str(path)!r} not found: give the path of an .onnx file")
    rows = {}
    for item in story.labelled:
        clip = evaluation.read_clip(shared / item.video, shared / item.truth, item.label)
        rows[item.video] = evaluation.table([model, start], clip, sizes=story.sizes, every=every, tick=tick)
    kept = [
        (item, evaluation.kept(model, start, shared / item.video, label=item.label, size=item.size, every=item.every))
        for item in story.unlabelled
    ]
    card: dict[str, Any] = {
        **story.model_dump(exclude={"labelled", "unlabelled", "sizes"}),
        "file": model.name,
        "bytes": model.stat().st_size,
        "sha256": hashlib.sha256(model.read_bytes()).hexdigest(),
        "rule": {"confidence": evaluation.CONFIDENCE, "overlap": evaluation.OVERLAP, "every_nth_frame": every},
        "figures": {video: [row.as_dict() for row in table] for video, table in rows.items()},
        "kept": [_still_seen(item, found) for item, found in kept],
        **{key: said for key, said in before.items() if said is not None},
    }
    out.mkdir(parents=True, exist_ok=True)
    (out / f"{story.name}.json").write_text(json.dumps(card, indent=2) + "\n", encoding="utf-8")
    (out / f"{story.name}.md").write_text(_page(story, card, rows), encoding="utf-8")
    return card


def _still_seen(item: Unlabelled, found: Score) -> dict[str, Any]:
    clip = {"video": item.video, "label": item.label, "size": item.size}
    return {**clip, "seen_by_start": found.right + found.missed, "seen_too": found.right}


def _page(story: Story, card: dict[str, Any], rows: dict[str, list[Row]]) -> str:
    parts = [
        f"# Model card: {story.name} {story.version}",
        "Written by `tapal model card` from measured values; [the same for programs](" + f"{story.name}.json).",
        story.summary,
        (
            f"- **Origin:** {story.origin}\n- **Licence:** {story.licence}\n- **Labels:** {', '.join(story.labels)}\n"
            f"- **File:** `{card['file']}`, {card['bytes'] / 1e6:.1f} MB, SHA-256 `{card['sha256']}`\n"
            f"- **Made again by:** `{story.command}`"
            + (f"\n- **Trained on:** {_training(card['training'])}" if "training" in card else "")
        ),
        "## Data\n\n| what | source | licence | used for |\n|---|---|---|---|\n"
        + "\n".join(f"| {d.name} | {d.source} | {d.licence} | {d.use} |" for d in story.data),
        "## Figures",
        (
            f"Detections of confidence {evaluation.CONFIDENCE} and more, one for each true box at an overlap (IoU) of "
            f"{evaluation.OVERLAP} and more; a second box on the same person is wrong; frame 1 and every "
            f"{card['rule']['every_nth_frame']}. after it. "
            "Differences are to the starting weights, measured the same way, with 95 % intervals from resampled frames."
        ),
        *(f"**{video}**\n\n{markdown(table)}" for video, table in rows.items()),
        "Of what the starting weights surely see (confidence 0.4) in clips without labels, this model sees:\n\n"
        "| clip | label | size | start | this model too |\n|---|---|---:|---:|---:|\n"
        + "\n".join(
            f"| {k['video']} | {k['label']} | {k['size']} | {k['seen_by_start']} | {k['seen_too']} |"
            for k in card["kept"]
        ),
        NOTES,
        *((f"## Chosen among these heads\n\n{choosing.markdown(card['choice'])}",) if "choice" in card else ()),
        *(
            (f"## How much of the training was kept\n\n{selecting.told(card['selection'])}",)
            if "selection" in card
            else ()
        ),
        *((f"## What the gate said\n\n{gate(card['promotion'])}",) if "promotion" in card else ()),
        "## Limits\n\n" + "\n".join(f"- {limit}" for limit in story.limits),
    ]
    return "\n\n".join(parts) + "\n"


def trained(record: Path) -> dict[str, Any]:
    """What decided a training, by the run.json that it left: dataset version, start, settings; no paths.

    Raises:
        TapalError: it cannot be read, or is no such record.
    """
    try:
        known: dict[str, Any] = json.loads(record.read_text(encoding="utf-8"))
        settings = {key: value for key, value in known["settings"].items() if key not in HERE}
        kept = {key: known[key] for key in ("dataset", "start_sha256", "code", "ultralytics", "torch")}
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise TapalError(f"{str(record)!r} is no record of a training ({error}): give RUN/run.json") from error
    return {**kept, "settings": settings}


def _training(found: dict[str, Any]) -> str:
    settings = ", ".join(f"{key.replace('_', ' ')} {value}" for key, value in found["settings"].items() if value)
    return (
        f"dataset version `{found['dataset']}`, from weights of SHA-256 `{found['start_sha256']}` ({settings}; "
        f"Ultralytics {found['ultralytics']}, torch {found['torch']})"
    )


def promoted(record: Path) -> dict[str, Any]:
    """What the gate said of a model that passed: beside which, in how many slices, and the figures of whole ones.

    Raises:
        TapalError: it cannot be read, or is no such record.
    """
    try:
        exam = json.loads(record.read_text(encoding="utf-8"))["exam"]
        keys = ("name", "size", "candidate", "champion", "low", "high", "whole")
        rows = [{key: row[key] for key in keys} for row in exam["rows"]]
        return {
            "champion": exam["champion"],
            "exam_sha256": exam["sha256"],
            "sizes": sorted({row["size"] for row in rows if row["whole"]}),
            "slices": len(rows),
            "whole": [{key: row[key] for key in keys[:-1]} for row in rows if row["whole"]],
        }
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise TapalError(
            f"{str(record)!r} is no record of a promotion ({error}): give REGISTRY/NAME/VERSION/card.json"
        ) from error


def gate(found: dict[str, Any]) -> str:
    """For a card: against whom it passed, and the figures of all there is of each clip."""
    lines = [
        f"| slice, F1 | size | this model | {found['champion']} | difference (95 %) |",
        "|---|---:|---:|---:|---|",
    ]
    for row in found["whole"]:
        interval = f" ({row['low']:+.3f} to {row['high']:+.3f})" if row["low"] is not None else ""
        difference = row["candidate"] - row["champion"]
        lines.append(
            f"| {row['name']} | {row['size']} | {row['candidate']:.3f} | {row['champion']:.3f} "
            f"| {difference:+.3f}{interval} |"
        )
    sizes = " and ".join(str(size) for size in found["sizes"])
    table = "\n".join(lines)
    return (
        f"Beside {found['champion']} at {sizes} px it was worse in none of {found['slices']} guarded slices. Those of "
        f"all boxes of a clip, and of all crossings:\n\n{table}"
    )


def markdown(rows: Sequence[Row]) -> str:
    """The table of figures, as Markdown that also reads well on a terminal."""
    lines = [
        "| model | size | precision | recall | F1 | AP50 | mAP50-95 | difference in F1 (95 %) |",
        "|---|---:|---:|---:|---:|---:|---:|---|",
    ]
    for row in rows:
        gain = row.differences.get("f1")
        shown = f"{gain['mean']:+.3f} ({gain['low']:+.3f} to {gain['high']:+.3f})" if gain else ""
        lines.append(
            f"| {row.model} | {row.size} | {row.precision:.3f} | {row.recall:.3f} | {row.f1:.3f} | "
            f"{row.average_precision:.3f} | {row.mean_average_precision:.3f} | {shown} |"
        )
    return "\n".join(lines)
