"""`tapal dataset ...`: clips and labels in, versioned datasets out."""

import json
from pathlib import Path
from typing import Annotated

import typer

from tapal_contract.cli import explained, progress

app = typer.Typer(
    name="dataset", help="Clips and labels in, versioned datasets out.", no_args_is_help=True, add_completion=False
)

AsJson = Annotated[bool, typer.Option("--json", help="Print JSON for a program to read.")]


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
