"""`tapal model ...`: the commands of an analyst who trains, proves and ships a model."""

import json
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from tapal_contract.cli import explained, progress
from tapal_contract.errors import TapalError
from tapal_models.choosing_cli import choose
from tapal_models.rollout_cli import add_to as add_rollout_commands
from tapal_models.selecting_cli import select

app = typer.Typer(
    name="model", help="Train, prove, quantise and ship detection models.", no_args_is_help=True, add_completion=False
)

AsJson = Annotated[bool, typer.Option("--json", help="Print JSON for a program to read.")]
RegistryAt = Annotated[Path, typer.Option("--registry", envvar="TAPAL_REGISTRY", help="Folder of proven models.")]


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
    version: Annotated[str, typer.Option(help="Version that the file says of itself, as NAME@VERSION.")] = "",
    frames: Annotated[
        Path | None,
        typer.Option(help="A video, or a folder of pictures, on which it must compute what the weights do."),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Write weights as ONNX with Tapal's seven labels."""
    from tapal_models import converting, exporting, quantising, slicing  # noqa: PLC0415 - fast --help
    from tapal_models.labels import LABELS  # noqa: PLC0415

    with explained():
        model = slicing.load_sliced(weights, LABELS)
        seen = quantising.read_frames(frames, most=16) if frames else []
        made = exporting.export_onnx(model, out, size=size, dynamic=not fixed, half=half, version=version)
        apart = converting.require_same(model, made, seen) if frames else None
    weight = made.stat().st_size
    report = {"onnx": str(made), "bytes": weight, "labels": list(LABELS), "size": size}
    text = f"{made}: {weight / 1e6:.1f} MB, {len(LABELS)} labels"
    if apart is not None:
        report |= {"frames": apart.frames, "score": apart.score, "pixels": apart.pixels}
        text += f"; on {apart.frames} frames scores within {apart.score:.4f}, boxes within {apart.pixels:.3f} pixels"
    typer.echo(json.dumps(report) if as_json else text)


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
    epochs: Annotated[int, typer.Option(min=1, help="Passes that the step sizes are planned for.")] = 6,
    stop_after: Annotated[int | None, typer.Option(min=1, help="End after this many passes.")] = None,
    size: Annotated[int, typer.Option(help="Image size in pixels while training.")] = 416,
    batch: Annotated[int, typer.Option(min=1)] = 16,
    learning_rate: Annotated[float, typer.Option(help="Largest step size (AdamW, cosine).")] = 2e-4,
    distillation: Annotated[float, typer.Option(min=0, help="How strongly the start holds on; 0: not at all.")] = 1.0,
    teach: Annotated[
        list[str] | None, typer.Option(help="A label that the pictures teach; others only hold on. Default: all.")
    ] = None,
    share: Annotated[float, typer.Option(min=0, max=1, help="Share of the trained weights in the result.")] = 1.0,
    seed: Annotated[int, typer.Option()] = 1,
    device: Annotated[str, typer.Option(help="cpu, a GPU's number, or several: 0,1.")] = "cpu",
    resume: Annotated[bool, typer.Option("--resume", help="Go on with the run in --out, which was ended.")] = False,
    mlflow: Annotated[
        str,
        typer.Option(envvar="MLFLOW_TRACKING_URI", help="Also tell this MLflow of the run: its address."),
    ] = "",
    as_json: AsJson = False,
) -> None:
    """Train weights further, all layers, and average them with the start."""
    from tapal_models import exporting, extra, training  # noqa: PLC0415 - fast --help

    run = training.TrainRun(
        data=data,
        start=start,
        out=out,
        epochs=epochs,
        stop_after=stop_after,
        size=size,
        batch=batch,
        learning_rate=learning_rate,
        distillation=distillation,
        teach=tuple(teach or ()),
        seed=seed,
        device=device,
        resume=resume,
        mlflow=mlflow,
    )
    with explained(), progress(quiet=as_json) as bars, extra.talking_aside():
        task = bars.add_task("Training", total=None)
        best = training.train(run, tick=lambda n, total: bars.update(task, completed=n, total=total))
        made = out / "weights" / "averaged.pt"
        exporting.save_checkpoint(training.average(start, best, share), made)
    typer.echo(json.dumps({"weights": str(made), "trained": str(best), "share": share}) if as_json else f"{made}")


@app.command()
def average(
    weights: Annotated[Path, typer.Argument(help="Trained .pt weights.")],
    *,
    start: Annotated[Path, typer.Option(help="The weights that training started from.")],
    share: Annotated[float, typer.Option(min=0, max=1, help="Share of the trained weights.")],
    out: Annotated[Path, typer.Option("--out", "-o", help="The .pt file to write.")],
) -> None:
    """Go back part of the way to the start: what training forgot comes back, most of what it learned stays."""
    from tapal_models import exporting, training  # noqa: PLC0415 - fast --help

    with explained():
        exporting.save_checkpoint(training.average(start, weights, share), out)
    typer.echo(str(out))


@app.command()
def restore(
    model: Annotated[Path, typer.Argument(help="The .onnx model, as `tapal model export` wrote it in float32.")],
    *,
    like: Annotated[Path, typer.Option(help="The .pt weights that it was once trained from.")],
    out: Annotated[Path, typer.Option("--out", "-o", help="The .pt file to write.")],
) -> None:
    """Make weights that can be trained further from a model in use."""
    from tapal_models import restoring  # noqa: PLC0415 - fast --help

    with explained():
        restoring.restore(model, like, out)
    typer.echo(str(out))


@app.command("eval")
def evaluate(
    model: Annotated[str, typer.Argument(help="The model to measure: an .onnx file, or a name as `list` has it.")],
    *,
    video: Annotated[Path | None, typer.Option(help="A clip with true boxes.")] = None,
    truth: Annotated[Path | None, typer.Option(help="Its true boxes: a MOT file.")] = None,
    exam: Annotated[Path | None, typer.Option(help="Or a whole exam, as for promote; needs --against.")] = None,
    against: Annotated[str, typer.Option(help="A second one to compare with, on the same frames.")] = "",
    registry: RegistryAt = Path("registry"),
    sizes: Annotated[str, typer.Option(help="Input sizes in pixels.")] = "320,480,640",
    label: Annotated[str, typer.Option(help="The label that the true boxes have.")] = "person",
    every: Annotated[int, typer.Option(min=1, help="Judge every n-th frame.")] = 1,
    as_json: AsJson = False,
) -> None:
    """Print precision, recall and average precision on a labelled clip, or every slice of an exam."""
    from tapal_models import card, evaluation, proving  # noqa: PLC0415 - fast --help

    with explained(), progress(quiet=as_json) as bars:
        if exam is not None:
            if not against:
                raise TapalError("an exam compares two models: add --against OTHER")
            pair = proving.named(model, registry), proving.named(against, registry)
            step = bars.add_task("Sitting the exam", total=None)
            count = lambda n, total: bars.update(step, advance=n, total=total)  # noqa: E731 - one line
            found = proving.compare(*pair, exam_file=exam, tick=count)
            typer.echo(json.dumps(found.as_dict()) if as_json else found.table())
            return
        if video is None or truth is None:
            raise TapalError("say what to measure on: --video CLIP --truth LABELS, or --exam EXAM.yaml")
        clip = evaluation.read_clip(video, truth, label)
        task = bars.add_task("Looking at frames", total=None)
        rows = evaluation.table(
            [proving.named(one, registry) for one in (model, against) if one],
            clip,
            sizes=numbers(sizes),
            every=every,
            tick=lambda n, total: bars.update(task, completed=n, total=total),
        )
    typer.echo(json.dumps([row.as_dict() for row in rows]) if as_json else card.markdown(rows))


@app.command("card")
def write_card(
    story: Annotated[Path, typer.Argument(help="YAML: origin, licence, data, limits, clips to measure on.")],
    *,
    model: Annotated[Path, typer.Option(help="The .onnx that the card is about.")],
    start: Annotated[Path, typer.Option(help="The .onnx it is compared with: its starting weights.")],
    shared: Annotated[Path, typer.Option(help="Folder that the story's clips lie in.")],
    out: Annotated[Path, typer.Option("--out", "-o", help="Folder to write NAME.md and NAME.json into.")],
    version: Annotated[str, typer.Option(help="Version of the model; default: the story's.")] = "",
    choice: Annotated[Path | None, typer.Option(help="choice.json of `tapal model choose`, to be told too.")] = None,
    selection: Annotated[Path | None, typer.Option(help="OUT.json of `tapal model select`, to be told too.")] = None,
    promotion: Annotated[Path | None, typer.Option(help="card.json of the registry: what the gate said.")] = None,
    run: Annotated[Path | None, typer.Option(help="run.json of `tapal model train`: what it was trained on.")] = None,
    every: Annotated[int, typer.Option(min=1, help="Judge every n-th frame.")] = 1,
    as_json: AsJson = False,
) -> None:
    """Measure a model and write its card."""
    from tapal_models import card  # noqa: PLC0415 - fast --help

    with explained(), progress(quiet=as_json) as bars:
        task = bars.add_task("Looking at frames", total=None)
        tick = lambda n, total: bars.update(task, completed=n, total=total)  # noqa: E731 - one line
        made = card.write(
            *(story, model, start, shared, out),
            version=version,
            choice=choice,
            selection=selection,
            promotion=promotion,
            run=run,
            every=every,
            tick=tick,
        )
    typer.echo(json.dumps(made) if as_json else f"{out / made['name']}.md")


def numbers(text: str) -> list[int]:
    """Whole numbers separated by commas."""
    try:
        return [int(part) for part in text.split(",")]
    except ValueError as error:
        raise TapalError(f"sizes {text!r} are not whole numbers separated by commas: write 320,480,640") from error


@app.command()
def calibrate(
    weights: Annotated[Path, typer.Argument(help="Trained .pt weights.")],
    *,
    start: Annotated[Path, typer.Option(help="The weights that training started from.")],
    pictures: Annotated[Path, typer.Option(help="Folder of held-out images/ and labels/.")],
    out: Annotated[Path, typer.Option("--out", "-o", help="The .pt file to write.")],
    label: Annotated[str, typer.Option(help="The label whose scores are shifted.")] = "person",
    as_json: AsJson = False,
) -> None:
    """Shift a label's scores so that the usual confidence loses neither precision nor recall."""
    from tapal_models import calibration  # noqa: PLC0415 - fast --help

    with explained():
        found = calibration.calibrate(weights, start, pictures, out, label=label)
    report = {"weights": str(out), "confidence": found.confidence, "shift": found.shift, "gain": found.gain}
    typer.echo(json.dumps(report) if as_json else f"{out}: {found.confidence} becomes 0.25, gain {found.gain:+.3f}")


@app.command()
def quantize(
    model: Annotated[Path, typer.Argument(help="The float .onnx model.")],
    *,
    frames: Annotated[Path, typer.Option(help="Frames of the site: a video, or a folder of pictures.")],
    out: Annotated[Path, typer.Option("--out", "-o", help="The INT8 .onnx file to write.")],
    size: Annotated[int | None, typer.Option(help="Input size to calibrate at; default: as exported.")] = None,
    most: Annotated[int, typer.Option(min=8, help="How many frames to take.")] = 64,
    as_json: AsJson = False,
) -> None:
    """Write a model in INT8 with a float head, if it sees the same on frames it was not calibrated on."""
    from tapal_models import quantising  # noqa: PLC0415 - fast --help

    with explained(), progress(quiet=as_json) as bars:
        bars.add_task(f"Calibrating on {frames.name}", total=None)
        made = quantising.quantise(model, out, quantising.read_frames(frames, most=most), size=size)
    report = {"onnx": str(out), "bytes": made.bytes, "agreement": made.agreement, "frames": made.frames}
    text = f"{out}: {made.bytes / 1e6:.1f} MB of {made.bytes_before / 1e6:.1f}, {made.agreement:.1%} of boxes agree"
    typer.echo(json.dumps(report) if as_json else f"{text}; `tapal edge bench` says whether it is faster on a box")


class Runtime(StrEnum):
    """Runtimes that have a format of their own."""

    OPENVINO = "openvino"
    TENSORRT = "tensorrt"


@app.command()
def convert(
    model: Annotated[Path, typer.Argument(help="The .onnx model.")],
    *,
    to: Annotated[Runtime, typer.Option(help="For which runtime.")],
    frames: Annotated[Path, typer.Option(help="Frames to compare on: a video, or a folder of pictures.")],
    out: Annotated[Path, typer.Option("--out", "-o", help="The .xml file to write; .bin lies beside it.")],
    size: Annotated[int | None, typer.Option(help="Input size to compare at; default: as exported.")] = None,
    most: Annotated[int, typer.Option(min=8, help="How many frames to take.")] = 16,
    as_json: AsJson = False,
) -> None:
    """Write a model for another runtime, if it computes the same numbers on real frames."""
    from tapal_models import converting, quantising  # noqa: PLC0415 - fast --help

    with explained(), progress(quiet=as_json) as bars:
        if to is Runtime.TENSORRT:
            converting.to_tensorrt(model)
        bars.add_task(f"Converting {model.name}", total=None)
        made = converting.to_openvino(model, out, quantising.read_frames(frames, most=most), size=size)
    report = {"model": str(made.path), "frames": made.frames, "score": made.score, "pixels": made.pixels}
    text = f"{made.path}: on {made.frames} frames scores within {made.score:.4f}, boxes within {made.pixels:.3f} pixels"
    typer.echo(json.dumps(report) if as_json else text)


@app.command("list")
def list_models(*, registry: RegistryAt = Path("registry"), as_json: AsJson = False) -> None:
    """List the models of the catalogue and of the registry."""
    from tapal_models import proving  # noqa: PLC0415 - fast --help

    with explained():
        rows = proving.listing(registry)
    typer.echo(json.dumps(rows) if as_json else proving.table(rows))


@app.command()
def promote(
    candidate: Annotated[Path, typer.Argument(help="The .onnx model that wants to be used.")],
    *,
    exam: Annotated[Path, typer.Option(help="YAML: clips with true boxes, scenes with true crossings, sizes.")],
    name: Annotated[str, typer.Option(help="Catalogue name.")] = "default",
    version: Annotated[str, typer.Option(help="Version that it gets.")],
    against: Annotated[Path | None, typer.Option(help="The champion, if the registry has none yet.")] = None,
    registry: RegistryAt = Path("registry"),
    as_json: AsJson = False,
) -> None:
    """Let a model sit the exam beside the champion; refused (exit 1) when any guarded slice gets worse."""
    from tapal_models import proving  # noqa: PLC0415 - fast --help

    with explained(), progress(quiet=as_json) as bars:
        task = bars.add_task("Sitting the exam", total=None)
        tick = lambda n, total: bars.update(task, advance=n, total=total)  # noqa: E731 - one line
        found = proving.promote(candidate, exam, registry, name, version, against=against, tick=tick)
    typer.echo(json.dumps(found.as_dict()) if as_json else found.text())
    if found.worse:
        raise typer.Exit(1)


@app.command()
def keygen(
    out: Annotated[Path, typer.Argument(help="File to write the private key into; its public half gets .pub.")],
) -> None:
    """Make the key that signs bundles; keep the private half off the edges."""
    from tapal_contract import bundle as bundles  # noqa: PLC0415 - fast --help

    with explained():
        public = bundles.new_key(out)
    typer.echo(f"{out} signs bundles; give {public} to your edges")


@app.command()
def bundle(
    model: Annotated[str, typer.Argument(help="NAME of the registry's champion, or NAME@VERSION.")],
    *,
    key: Annotated[Path, typer.Option(help="Private key of `tapal model keygen`.")],
    out: Annotated[Path, typer.Option("--out", "-o", help="The bundle to write.")],
    registry: RegistryAt = Path("registry"),
    as_json: AsJson = False,
) -> None:
    """Sign a proven model for the edges."""
    from tapal_contract import bundle as bundles  # noqa: PLC0415 - fast --help
    from tapal_models.registry import Registry  # noqa: PLC0415

    with explained():
        entry = Registry(registry).find(model)
        made = bundles.write(out, entry.path, {"name": entry.name, "version": entry.version, "card": entry.card}, key)
    size = out.stat().st_size
    report = {"bundle": str(out), "model": made.title, "bytes": size}
    typer.echo(json.dumps(report) if as_json else f"{out}: {made.title}, {size / 1e6:.1f} MB, signed")


app.command()(choose)
app.command()(select)
add_rollout_commands(app)
