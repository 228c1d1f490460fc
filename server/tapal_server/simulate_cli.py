"""`tapal simulate`: events, passages and their truth from a scenario."""

import json
import sys
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from tapal_contract.cli import explained
from tapal_contract.errors import TapalError
from tapal_server.simulate.scenario import load_scenario, names
from tapal_server.simulate.write import simulate

app = typer.Typer(add_completion=False)


@app.command(help=f"Draw a gate with known truth. Scenarios that come with Tapal: {', '.join(names())}.")
def main(
    scenario: Annotated[str, typer.Option(help="A scenario's name, or the path of a scenario file (.yaml).")],
    out: Annotated[Path, typer.Option(help="Folder for events.jsonl, passages.csv, truth.json and site.yaml.")],
    seed: Annotated[int, typer.Option(min=0, help="The same seed draws the same files.")] = 1,
    as_json: Annotated[  # noqa: FBT002 - a Typer flag
        bool, typer.Option("--json", help="Print the counts as JSON.")
    ] = False,
) -> None:
    """Draw a gate with known truth and write its files."""
    with explained():
        try:
            written = simulate(load_scenario(scenario), seed, out)
        except OSError as error:
            raise TapalError(f"{out}: cannot be written ({error.strerror}); choose another folder") from error
        if as_json:
            sys.stdout.write(json.dumps(asdict(written)) + "\n")
        else:
            sys.stdout.write(
                f"{written.people} people, {written.crossings} crossings, {written.records} records, "
                f"{written.unlogged} unlogged of whom {written.unlogged_seen} crossings were seen; in {out}\n"
            )


if __name__ == "__main__":
    app()
