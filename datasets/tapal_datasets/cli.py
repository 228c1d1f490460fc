"""`tapal dataset ...`: clips and labels in, versioned datasets out."""

import json
from datetime import UTC, datetime
from enum import StrEnum
from functools import partial
from pathlib import Path
from typing import Annotated

import typer

from tapal_contract.cli import explained, progress
from tapal_contract.errors import TapalError
from tapal_contract.serverapi import ServerApi

app = typer.Typer(
    name="dataset", help="Clips and labels in, versioned datasets out.", no_args_is_help=True, add_completion=False
)

AsJson = Annotated[bool, typer.Option("--json", help="Print JSON for a program to read.")]
Token = Annotated[str, typer.Option(envvar="TAPAL_TOKEN", help="API token; better in TAPAL_TOKEN than here.")]
LONG_AGO = datetime(2000, 1, 1)  # noqa: DTZ001 - typer's days have no offset; UTC is added where they are used


class Kind(StrEnum):
    """Label formats that can be imported."""

    MOT = "mot"
    COCO = "coco"
    YOLO = "yolo"
    CVAT = "cvat"
    LABEL_STUDIO = "label-studio"


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
    base: Annotated[list[Path], typer.Option(help="Folder of labelled images to paste on; may be given again.")],
    out: Annotated[Path, typer.Option("--out", "-o", help="Folder to write images/ and labels/ into.")],
    count: Annotated[int, typer.Option(min=1, help="How many images to make.")] = 300,
    seed: Annotated[int, typer.Option(help="The same seed gives the same images.")] = 1,
    held_out: Annotated[bool, typer.Option("--held-out", help="Use the person kept for validation.")] = False,
    clutter: Annotated[
        bool, typer.Option("--clutter", help="Draw things among the people, and other places than piers; some empty.")
    ] = False,
    smallest: Annotated[int, typer.Option(min=8, max=200, help="Height in pixels of the smallest person.")] = 18,
    as_json: AsJson = False,
) -> None:
    """Paste people on labelled images: small, crowded, in the dark, in glare, blurred."""
    from tapal_datasets import composites as maker  # noqa: PLC0415 - fast --help

    with explained(), progress(quiet=as_json) as bars:
        task = bars.add_task("Pasting people", total=count)
        people = maker.people(video, held_out=held_out)
        images = [image for folder in base for image in sorted((folder / "images").glob("*.jpg"))]
        things = maker.Clutter(held_out=held_out) if clutter else None
        tick = lambda n: bars.update(task, completed=n)  # noqa: E731 - one line
        maker.make(images, people, out, count=count, seed=seed, smallest=smallest, cluttered=things, tick=tick)
    typer.echo(json.dumps({"folder": str(out), "images": count}) if as_json else f"{out}: {count} composites")


@app.command()
def places(
    video: Annotated[Path, typer.Argument(help="Intel's one-by-one-person-detection.mp4: the held-out person walks.")],
    *,
    out: Annotated[Path, typer.Option("--out", "-o", help="Folder to write clips, labels and exam.yaml into.")],
    base: Annotated[
        list[Path] | None, typer.Option(help="Folder of labelled images to walk on; may be given again.")
    ] = None,
    landings: Annotated[
        bool, typer.Option("--landings", help="Ferry landings, which are for the gate's exam.")
    ] = False,
    count: Annotated[int, typer.Option(min=1, help="How many places to make.")] = 4,
    seconds: Annotated[int, typer.Option(min=1, help="How long each clip is.")] = 30,
    sizes: Annotated[list[int] | None, typer.Option(help="Sizes that exam.yaml asks for; default: 320, 480.")] = None,
    seed: Annotated[int, typer.Option(help="The same seed gives the same places.")] = 1,
    as_json: AsJson = False,
) -> None:
    """Make clips with known boxes and crossings, and an exam of them, to choose among models by before the real one."""
    from tapal_datasets import composites as maker  # noqa: PLC0415 - fast --help
    from tapal_datasets import places as walks  # noqa: PLC0415

    with explained(), progress(quiet=as_json) as bars:
        task = bars.add_task("Drawing places", total=count)
        people = maker.people(video, held_out=True)
        images = [image for folder in base or () for image in sorted((folder / "images").glob("*.jpg"))]
        tick = lambda n: bars.update(task, completed=n)  # noqa: E731 - one line
        asked = sizes or [320, 480]
        wanted = partial(walks.make, images, people, out, count=count, seconds=seconds, seed=seed)
        exam = wanted(sizes=asked, landings=landings, tick=tick)
    typer.echo(json.dumps({"exam": str(exam), "places": count}) if as_json else f"{exam}: {count} places")


@app.command("import")
def import_labels(
    labels: Annotated[
        Path, typer.Argument(help="MOT text, COCO JSON, CVAT XML, Label Studio JSON, YOLO data.yaml or folder.")
    ],
    *,
    kind: Annotated[Kind, typer.Option("--format", help="What the labels are.")],
    out: Annotated[Path, typer.Option("--out", "-o", help="Folder to write images/ and labels/ into.")],
    camera: Annotated[str | None, typer.Option(help="Camera of the pictures; default: the name of the folder.")] = None,
    licence: Annotated[
        str | None, typer.Option(help="Licence of the pictures; without it nothing is built from them.")
    ] = None,
    day: Annotated[datetime | None, typer.Option(formats=["%Y-%m-%d"], help="Day they were taken.")] = None,
    origin: Annotated[
        str | None, typer.Option(help="Where they are from; default: the name of the label file.")
    ] = None,
    blurred: Annotated[bool, typer.Option("--blurred", help="Heads are blurred, or nobody is in them.")] = False,
    video: Annotated[
        Path | None, typer.Option(help="The video that the labels belong to (MOT; CVAT for video; ...).")
    ] = None,
    images: Annotated[Path | None, typer.Option(help="The folder that the labels' file names are in.")] = None,
    every: Annotated[int, typer.Option(min=1, help="Of a video, take every n-th frame.")] = 1,
    as_json: AsJson = False,
) -> None:
    """Import labelled clips and pictures; broken labels are named by file and row, and nothing is guessed."""
    from tapal_datasets import provenance  # noqa: PLC0415 - fast --help
    from tapal_datasets.importing import folder  # noqa: PLC0415

    with explained():
        known = provenance.described(
            camera or out.resolve().name, day, licence, origin or labels.resolve().name, blurred=blurred
        )
        if kind is Kind.MOT:
            if video is None:
                raise TapalError("MOT labels need the video they belong to: add --video FILE")
            pictures, boxes = folder.import_mot(labels, video, out, every=every)
        elif kind is Kind.COCO:
            pictures, boxes = folder.import_coco(labels, images or labels.parent, out)
        elif kind is Kind.YOLO:
            pictures, boxes = folder.import_yolo(labels, out)
        else:
            reader = folder.import_cvat if kind is Kind.CVAT else folder.import_label_studio
            pictures, boxes = reader(labels, out, video=video, images=images or labels.parent, every=every)
        if known is not None:
            provenance.write(out, known)
    report = {"folder": str(out), "pictures": pictures, "boxes": boxes}
    typer.echo(json.dumps(report) if as_json else f"{out}: {pictures} pictures, {boxes} boxes")


@app.command()
def build(
    folders: Annotated[list[Path], typer.Argument(help="Folders of labelled pictures, each with its source.yaml.")],
    *,
    out: Annotated[Path, typer.Option("--out", "-o", help="Folder to write NAME@VERSION into.")],
    name: Annotated[str, typer.Option(help="Name of the dataset.")] = "site",
    held: Annotated[
        list[Path] | None, typer.Option(help="Prove with this folder alone, in place of --val; may be given again.")
    ] = None,
    val: Annotated[float, typer.Option(min=0, max=1, help="Share that proves while training.")] = 0.15,
    test: Annotated[float, typer.Option(min=0, max=1, help="Share kept away until the end.")] = 0.0,
    keep_repeats: Annotated[bool, typer.Option("--keep-repeats", help="Keep near repeats of a picture.")] = False,
    split_within_a_day: Annotated[
        bool, typer.Option("--split-within-a-day", help="Split one camera's day by time, for want of more.")
    ] = False,
    gap: Annotated[int, typer.Option(min=0, help="Pictures left out at each seam of such a split.")] = 5,
    as_json: AsJson = False,
) -> None:
    """Make an immutable version in Ultralytics' format; no camera's day lies in two splits."""
    from tapal_datasets.versions import build as maker  # noqa: PLC0415 - fast --help

    recipe = maker.Recipe(
        name=name, val=val, test=test, keep_repeats=keep_repeats, split_within_a_day=split_within_a_day, gap=gap
    )
    with explained(), progress(quiet=as_json) as bars:
        task = bars.add_task("Reading pictures", total=None)
        tick = lambda n, total: bars.update(task, completed=n, total=total)  # noqa: E731 - one line
        made = maker.build(folders, out, recipe, held=held or (), tick=tick)
    _show(made, as_json=as_json)


@app.command()
def stats(
    dataset: Annotated[Path, typer.Argument(help="A dataset version: the folder NAME@VERSION.")],
    *,
    plot: Annotated[Path | None, typer.Option(help="Also draw the figures into this .svg file.")] = None,
    as_json: AsJson = False,
) -> None:
    """Check a version against its manifest and print its figures."""
    from tapal_datasets.versions import checking  # noqa: PLC0415 - fast --help
    from tapal_datasets.versions import stats as counting  # noqa: PLC0415

    with explained():
        made = checking.verify(dataset)
        if plot is not None:
            plot.write_text(counting.svg(counting.figures(made)), encoding="utf-8")
    _show(dataset, as_json=as_json)


def _show(dataset: Path, *, as_json: bool) -> None:
    from tapal_datasets.versions import manifest  # noqa: PLC0415 - fast --help
    from tapal_datasets.versions import stats as counting  # noqa: PLC0415

    found = counting.figures(manifest.read(dataset))
    typer.echo(json.dumps({"folder": str(dataset), **found}) if as_json else f"{dataset}\n{counting.text(found)}")


@app.command()
def forget(
    dataset: Annotated[Path, typer.Argument(help="A dataset version: the folder NAME@VERSION.")],
    *,
    clip: Annotated[str, typer.Option(help="Id of the clip or event that was deleted.")] = "",
    server: Annotated[str, typer.Option(help="Or ask this server for all that it deleted.")] = "",
    since: Annotated[datetime, typer.Option(formats=["%Y-%m-%d"], help="Deleted from this day on.")] = LONG_AGO,
    token: Token = "",
    as_json: AsJson = False,
) -> None:
    """Delete the pictures of deleted clips from a version built with them."""
    from tapal_datasets import review  # noqa: PLC0415 - fast --help
    from tapal_datasets.versions import checking, manifest  # noqa: PLC0415

    with explained():
        if bool(clip) == bool(server):
            raise TapalError("say what is to be forgotten: --clip ID, or --server ADDRESS for all that it deleted")
        clips = [clip]
        if server:
            held = {item.clip for item in manifest.read(dataset).items}
            asked = review.deleted(ServerApi(server, token), since.replace(tzinfo=UTC))
            clips = [one for one in asked if one in held]
        gone = sum(checking.forget(dataset, one) for one in clips)
    text = f"{dataset}: {gone} pictures of {clip or 'deleted clips'} deleted"
    typer.echo(json.dumps({"deleted": gone, "clips": clips}) if as_json else text)


@app.command("review-export")
def review_export(
    server: Annotated[str, typer.Argument(help="Address of the server, e.g. https://tapal.example.")],
    *,
    out: Annotated[Path, typer.Option("--out", "-o", help="Folder to write CAMERA-DAY folders into.")],
    licence: Annotated[str, typer.Option(help="Under which your office's pictures are kept.")],
    since: Annotated[datetime, typer.Option(formats=["%Y-%m-%d"], help="From this day on (UTC).")],
    proposals: Annotated[
        bool, typer.Option("--proposals", help="Not what people labelled, but all judged alerts, to be labelled.")
    ] = False,
    token: Token = "",
    as_json: AsJson = False,
) -> None:
    """Take pictures out that people labelled in the review; with --proposals judged alerts, with the edge's boxes."""
    from tapal_datasets import review  # noqa: PLC0415 - fast --help

    with explained(), progress(quiet=as_json) as bars:
        task = bars.add_task("Fetching pictures", total=None)
        take = review.export if proposals else review.reviewed
        written = take(
            ServerApi(server, token),
            out,
            since=since.replace(tzinfo=UTC),
            licence=licence,
            origin=f"{'judged alerts' if proposals else 'the review'} of {server}",
            tick=lambda n, total: bars.update(task, completed=n, total=total),
        )
    total = sum(written.values())
    lines = [f"{out / name}: {count} pictures" for name, count in sorted(written.items())]
    typer.echo(
        json.dumps({"pictures": total, "folders": written}) if as_json else "\n".join([*lines, f"{total} in all"])
    )


@app.command("review-rank")
def review_rank(
    server: Annotated[str, typer.Argument(help="Address of the server, e.g. https://tapal.example.")],
    *,
    model: Annotated[str, typer.Option(help="The nodes' model: a catalogue name, or an .onnx file.")] = "default",
    against: Annotated[str, typer.Option(help="A teacher or another version; without it two more looks of one.")] = "",
    size: Annotated[int | None, typer.Option(help="Input size in pixels; default: as exported.")] = None,
    token: Token = "",
    as_json: AsJson = False,
) -> None:
    """Put those pictures first in the review on which two models, or two looks of one, disagree."""
    from tapal_datasets import disagreement  # noqa: PLC0415 - fast --help
    from tapal_detector import catalogue  # noqa: PLC0415
    from tapal_detector.detector import Detector  # noqa: PLC0415

    with explained(), progress(quiet=as_json) as bars:
        task = bars.add_task("Comparing", total=None)
        first = Detector.load(catalogue.find(model), size=size, confidence=disagreement.HARDLY)
        other = Detector.load(catalogue.find(against), size=size, confidence=disagreement.HARDLY) if against else None
        between = f"{first.name_version} and {other.name_version if other else 'itself, mirrored and smaller'}"
        tick = lambda n, total: bars.update(task, completed=n, total=total)  # noqa: E731 - one line
        scores = disagreement.rank(ServerApi(server, token), first, other, between=between, tick=tick)
    apart = sum(score >= disagreement.FAR for score in scores.values())
    text = f"{len(scores)} pictures, {apart} of them seen differently by {between}; those come first now"
    typer.echo(json.dumps({"between": between, "scores": scores}) if as_json else text)
