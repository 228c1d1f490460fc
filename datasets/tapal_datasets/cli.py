"""`tapal dataset ...`: clips and labels in, versioned datasets out."""

import json
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from tapal_contract.cli import explained, progress
from tapal_contract.errors import TapalError

app = typer.Typer(
    name="dataset", help="Clips and labels in, versioned datasets out.", no_args_is_help=True, add_completion=False
)

AsJson = Annotated[bool, typer.Option("--json", help="Print JSON for a program to read.")]


class Kind(StrEnum):
    """Label formats that can be imported."""

    MOT = "mot"
    COCO = "coco"
    YOLO = "yolo"


@app.callback()
def _datasets() -> None:
    """Clips and labels in, versioned datasets out."""


@app.command()
def sample(
    video: Annotated[Path, typer.Argument(help="Intel's one-by-one-person-detection.mp4 (768x432 at 10 fps).")],
    *,
    out: Annotated[Path, typer.Option("--out", "-o", help="Folder to write into.")] = Path("datasets/sample"),
    as_json: AsJson = False,
) -> None:
    """Build the sample feed, pier.mp4, with its lines, zones, boxes and true crossings."""
    from tapal_datasets.sample import build  # noqa: PLC0415 - fast --help

    with explained(), progress(quiet=as_json) as bars:
        task = bars.add_task("Drawing frames", total=None)
        truth = build(video, out, tick=lambda done, total: bars.update(task, completed=done, total=total))
    size = (out / "pier.mp4").stat().st_size
    report = {"video": str(out / "pier.mp4"), "bytes": size, "crossings": len(truth.crossings)}
    typer.echo(
        json.dumps(report) if as_json else f"{report['video']}: {size / 1e6:.1f} MB, {len(truth.crossings)} crossings"
    )


@app.command()
def frames(
    video: Annotated[Path, typer.Argument(help="The video to take frames from.")],
    *,
    out: Annotated[Path, typer.Option("--out", "-o", help="Folder to write images/ and labels/ into.")],
    every: Annotated[int, typer.Option(min=1, help="Take every n-th frame.")] = 10,
    first: Annotated[int, typer.Option(min=0, help="First frame to take, from 0.")] = 0,
    last: Annotated[int | None, typer.Option(help="Last frame to take; default: the video's last.")] = None,
    as_json: AsJson = False,
) -> None:
    """Take frames out of a video, with empty labels beside them."""
    from tapal_datasets.frames import extract  # noqa: PLC0415 - fast --help

    with explained():
        count = extract(video, out, every=every, first=first, last=last)
    typer.echo(json.dumps({"folder": str(out), "frames": count}) if as_json else f"{out}: {count} frames")


@app.command()
def composites(
    video: Annotated[Path, typer.Argument(help="Intel's one-by-one-person-detection.mp4: people are cut out of it.")],
    *,
    base: Annotated[Path, typer.Option(help="Folder of labelled images to paste people on.")],
    out: Annotated[Path, typer.Option("--out", "-o", help="Folder to write images/ and labels/ into.")],
    count: Annotated[int, typer.Option(min=1, help="How many images to make.")] = 300,
    seed: Annotated[int, typer.Option(help="The same seed gives the same images.")] = 1,
    held_out: Annotated[bool, typer.Option("--held-out", help="Use the person kept for validation.")] = False,
    as_json: AsJson = False,
) -> None:
    """Paste people on labelled images: small, crowded, in the dark, in glare, blurred."""
    from tapal_datasets import composites as maker  # noqa: PLC0415 - fast --help

    with explained(), progress(quiet=as_json) as bars:
        task = bars.add_task("Pasting people", total=count)
        people = maker.people(video, held_out=held_out)
        images = sorted((base / "images").glob("*.jpg"))
        maker.make(images, people, out, count=count, seed=seed, tick=lambda n: bars.update(task, completed=n))
    typer.echo(json.dumps({"folder": str(out), "images": count}) if as_json else f"{out}: {count} composites")


@app.command("import")
def import_labels(
    labels: Annotated[Path, typer.Argument(help="MOT text file, COCO JSON file, or YOLO data.yaml or folder.")],
    *,
    kind: Annotated[Kind, typer.Option("--format", help="What the labels are.")],
    out: Annotated[Path, typer.Option("--out", "-o", help="Folder to write images/ and labels/ into.")],
    video: Annotated[Path | None, typer.Option(help="The video that MOT labels belong to.")] = None,
    images: Annotated[Path | None, typer.Option(help="The folder that COCO's file names are in.")] = None,
    every: Annotated[int, typer.Option(min=1, help="Of a video, take every n-th frame.")] = 1,
    as_json: AsJson = False,
) -> None:
    """Import labelled clips and pictures; broken labels are named by file and row, and nothing is guessed."""
    from tapal_datasets.importing import folder  # noqa: PLC0415 - fast --help

    with explained():
        if kind is Kind.MOT:
            if video is None:
                raise TapalError("MOT labels need the video they belong to: add --video FILE")
            pictures, boxes = folder.import_mot(labels, video, out, every=every)
        elif kind is Kind.COCO:
            pictures, boxes = folder.import_coco(labels, images or labels.parent, out)
        else:
            pictures, boxes = folder.import_yolo(labels, out)
    report = {"folder": str(out), "pictures": pictures, "boxes": boxes}
    typer.echo(json.dumps(report) if as_json else f"{out}: {pictures} pictures, {boxes} boxes")
