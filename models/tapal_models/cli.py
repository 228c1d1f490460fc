"""`tapal model ...`: the commands of an analyst who trains, proves and ships a model."""

import json
from pathlib import Path
from typing import Annotated

import typer

from tapal_contract.cli import explained

app = typer.Typer(
    name="model", help="Train, prove, quantise and ship detection models.", no_args_is_help=True, add_completion=False
)

AsJson = Annotated[bool, typer.Option("--json", help="Print JSON for a program to read.")]


@app.callback()
def _models() -> None:
    """Train, prove, quantise and ship detection models."""


@app.command()
def export(
    weights: Annotated[Path, typer.Argument(help="Ultralytics .pt weights: COCO's 80 labels or Tapal's 7.")],
    *,
    out: Annotated[Path, typer.Option("--out", "-o", help="The .onnx file to write.")],
    size: Annotated[int, typer.Option(help="Input size in pixels that the metadata names; a multiple of 32.")] = 640,
    fixed: Annotated[bool, typer.Option("--fixed", help="Fix batch and input size (TensorRT, some NPUs).")] = False,
    half: Annotated[bool, typer.Option("--half", help="float16 weights, for GPUs.")] = False,
    as_json: AsJson = False,
) -> None:
    """Write weights as ONNX with Tapal's seven labels."""
    from tapal_models import exporting, slicing  # noqa: PLC0415 - fast --help
    from tapal_models.labels import LABELS  # noqa: PLC0415

    with explained():
        model = slicing.load_sliced(weights, LABELS)
        made = exporting.export_onnx(model, out, size=size, dynamic=not fixed, half=half)
    weight = made.stat().st_size
    report = {"onnx": str(made), "bytes": weight, "labels": list(LABELS), "size": size}
    typer.echo(json.dumps(report) if as_json else f"{made}: {weight / 1e6:.1f} MB, {len(LABELS)} labels")
