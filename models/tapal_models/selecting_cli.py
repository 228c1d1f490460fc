"""`tapal model select`."""

import json
from pathlib import Path
from typing import Annotated

import typer

from tapal_contract.cli import explained, progress


def select(
    trained: Annotated[Path, typer.Argument(help="Weights (.pt) that were trained further from the champion's.")],
    *,
    champion: Annotated[Path, typer.Option(help="The champion's weights (.pt); `tapal model restore` makes them.")],
    exam: Annotated[Path, typer.Option(help="An exam of held-out places, never the gate's: `tapal dataset places`.")],
    out: Annotated[Path, typer.Option("--out", "-o", help="The .pt file to write; OUT.json says what was measured.")],
    pictures: Annotated[
        list[Path] | None, typer.Option(help="Folder of held-out images/ and labels/; may be given again.")
    ] = None,
    share: Annotated[
        list[float] | None, typer.Option(help="Share of the trained weights; default: .1, .2, .3, .5, .7 and 1.")
    ] = None,
    confidence: Annotated[
        float | None,
        typer.Option(min=0.05, max=0.95, help="Becomes the usual one, .25, in place of the one that gains most there."),
    ] = None,
    label: Annotated[str, typer.Option(help="The label that is judged and calibrated.")] = "person",
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON for a program to read.")] = False,
) -> None:
    """Decide how far to go towards trained weights, on held-out places; exit 1 where nothing gains enough."""
    from tapal_models import extra, selecting  # noqa: PLC0415 - fast --help

    with explained(), progress(quiet=as_json) as bars, extra.talking_aside():
        task = bars.add_task("Selecting", total=None)
        say = lambda text: bars.update(task, description=text)  # noqa: E731 - one line
        shares = share or list(selecting.SHARES)
        found = selecting.select(
            trained, champion, exam, pictures or [], out, shares=shares, label=label, confidence=confidence, say=say
        )
        selecting.write(found, out.with_suffix(".json"))
    if found["chosen"] is None:
        verdict = "nothing gains enough without losing anything: the champion stays"
    else:
        verdict = f"{out}: {found['chosen']:g} of the way from the champion"
    typer.echo(json.dumps(found) if as_json else f"{selecting.markdown(selecting.brief(found))}\n\n{verdict}")
    if found["chosen"] is None:
        raise typer.Exit(1)
