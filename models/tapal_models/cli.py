"""`tapal model ...`: the commands of an analyst who trains, proves and ships a model."""

import json
from pathlib import Path
from typing import Annotated

import typer

from tapal_contract.cli import explained, progress

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


@app.command()
def label(
    folder: Annotated[Path, typer.Argument(help="Folder with images/*.jpg; labels/*.txt are written beside them.")],
    *,
    weights: Annotated[Path, typer.Option(help="The teacher: Ultralytics .pt weights.")],
    as_json: AsJson = False,
) -> None:
    """Label images by a teacher that looks at several sizes, mirrored too."""
    from tapal_models import teacher  # noqa: PLC0415 - fast --help

    with explained(), progress(quiet=as_json) as bars:
        task = bars.add_task("Labelling", total=None)
        found = teacher.label_folder(folder, weights, tick=lambda n, total: bars.update(task, completed=n, total=total))
    typer.echo(json.dumps({"folder": str(folder), "boxes": found}) if as_json else f"{folder}: {found} boxes")


@app.command()
def train(
    data: Annotated[Path, typer.Argument(help="data.yaml of a dataset in Ultralytics format.")],
    *,
    start: Annotated[Path, typer.Option(help="Weights to start from.")],
    out: Annotated[Path, typer.Option("--out", "-o", help="Folder of the run.")],
    epochs: Annotated[int, typer.Option(min=1)] = 6,
    size: Annotated[int, typer.Option(help="Image size in pixels while training.")] = 416,
    batch: Annotated[int, typer.Option(min=1)] = 16,
    learning_rate: Annotated[float, typer.Option(help="Largest step size (AdamW, cosine).")] = 2e-4,
    distillation: Annotated[float, typer.Option(min=0, help="How strongly the start holds on; 0: not at all.")] = 1.0,
    share: Annotated[float, typer.Option(min=0, max=1, help="Share of the trained weights in the result.")] = 1.0,
    seed: Annotated[int, typer.Option()] = 1,
    device: Annotated[str, typer.Option(help="cpu, a GPU's number, or several: 0,1.")] = "cpu",
    as_json: AsJson = False,
) -> None:
    """Train weights further, all layers, and average them with the start."""
    from tapal_models import exporting, training  # noqa: PLC0415 - fast --help

    run = training.TrainRun(
        data=data,
        start=start,
        out=out,
        epochs=epochs,
        size=size,
        batch=batch,
        learning_rate=learning_rate,
        distillation=distillation,
        seed=seed,
        device=device,
    )
    with explained(), progress(quiet=as_json) as bars:
        task = bars.add_task("Training", total=None)
        best = training.train(run, tick=lambda n, total: bars.update(task, completed=n, total=total))
        made = out / "weights" / "averaged.pt"
        exporting.save_checkpoint(training.average(start, best, share), made)
    typer.echo(json.dumps({"weights": str(made), "trained": str(best), "share": share}) if as_json else f"{made}")
