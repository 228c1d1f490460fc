"""`tapal model choose`: which weights, and so which head, are worth a long training."""

import json
from pathlib import Path
from typing import Annotated

import typer

from tapal_contract.cli import explained, progress

AsJson = Annotated[bool, typer.Option("--json", help="Print JSON for a program to read.")]


def choose(
    data: Annotated[Path, typer.Argument(help="data.yaml of a dataset in Ultralytics format.")],
    *,
    start: Annotated[list[Path], typer.Option(help="Weights to try, nano or small; give it once for each.")],
    exam: Annotated[Path, typer.Option(help="YAML: the exam that decides, as for promote.")],
    out: Annotated[Path, typer.Option("--out", "-o", help="Folder of the trials; choice.json is written there.")],
    epochs: Annotated[int, typer.Option(min=1, help="Passes of each trial.")] = 1,
    size: Annotated[int, typer.Option(help="Image size in pixels while training.")] = 416,
    batch: Annotated[int, typer.Option(min=1)] = 16,
    learning_rate: Annotated[float, typer.Option(help="Largest step size (AdamW, cosine).")] = 2e-4,
    distillation: Annotated[float, typer.Option(min=0, help="How strongly each start holds on to itself.")] = 1.0,
    share: Annotated[float, typer.Option(min=0, max=1, help="Share of the trained weights in the result.")] = 1.0,
    least: Annotated[float, typer.Option(min=0, help="Frames a processor second that it must look at here.")] = 0.0,
    seed: Annotated[int, typer.Option()] = 1,
    device: Annotated[str, typer.Option(help="cpu, or a GPU's number.")] = "cpu",
    as_json: AsJson = False,
) -> None:
    """Train several starts a little on the same pictures, let them sit the same exam, and say which to go on with."""
    from tapal_models import choosing, extra, training  # noqa: PLC0415 - fast --help

    plan = training.TrainRun(
        data=data,
        start=start[0],
        out=out,
        epochs=epochs,
        size=size,
        batch=batch,
        learning_rate=learning_rate,
        distillation=distillation,
        seed=seed,
        device=device,
    )
    with explained(), progress(quiet=as_json) as bars, extra.talking_aside():
        task = bars.add_task("Trying", total=None)
        say = lambda text: bars.update(task, description=text)  # noqa: E731 - one line
        record = choosing.choose(plan, start, exam, share=share, least=least, say=say)
        found = choosing.read(record)
    chosen = f"{found['chosen']} is to be gone on with; {record} says so for `tapal model card --choice`"
    typer.echo(json.dumps(found) if as_json else f"{choosing.markdown(found)}\n\n{chosen}")
