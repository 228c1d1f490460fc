"""`tapal replay`: the very same engine over recorded files."""

import json
import sys
from collections.abc import Iterable
from dataclasses import replace
from itertools import chain
from pathlib import Path
from typing import Annotated

import typer

from tapal_contract.cli import explained, progress
from tapal_contract.errors import TapalError
from tapal_server.correlation.engine import Engine
from tapal_server.correlation.types import Settled
from tapal_server.passages.reader import read_file
from tapal_server.recorded import read_events
from tapal_server.replay import alert_line, arrivals, crossing_line, replay, write_lines
from tapal_server.sites import load_sites

app = typer.Typer(add_completion=False)
SHOWN = 10


@app.command()
def main(  # noqa: PLR0917 - options of a command
    site: Annotated[Path, typer.Option(help="site.yaml: sites, gates, priors.")],
    events: Annotated[Path, typer.Option(help="events.jsonl as `tapal edge run --events-out` writes it.")],
    passages: Annotated[Path, typer.Option(help="passages.csv, the passage log.")],
    out: Annotated[Path, typer.Option(help="Where to write alerts.jsonl.")],
    everything: Annotated[  # noqa: FBT002 - a Typer flag
        bool, typer.Option("--all", help="Also write one line per crossing with its final probability.")
    ] = False,
    as_json: Annotated[  # noqa: FBT002 - a Typer flag
        bool, typer.Option("--json", help="Print the summary as JSON.")
    ] = False,
) -> None:
    """Correlate recorded events with passage files, in order of arrival, with no clock but theirs."""
    with explained():
        summary = _run(site, events, passages, out, everything=everything, quiet=as_json)
        if as_json:
            sys.stdout.write(json.dumps(summary) + "\n")
        else:
            _tell(summary)


def _run(site: Path, events: Path, passages: Path, out: Path, *, everything: bool, quiet: bool) -> dict[str, object]:
    config = load_sites(site)
    seen, crossings = read_events(events)
    rows, records = read_file(passages)
    engine = Engine(config.to_sites(), replace(config.correlation.to_settings(), keep_all=everything))
    try:
        with out.open("w", encoding="utf-8") as file, progress(quiet=quiet) as bars:
            task = bars.add_task("arrivals", total=None)

            def write_gone(settled: Iterable[Settled]) -> None:
                write_lines(file, map(crossing_line, settled))

            ledger = replay(
                engine,
                arrivals(crossings, records),
                tick=lambda count: bars.advance(task, count),
                gone=write_gone if everything else None,
            )
            if everything:
                write_gone(chain(engine.take_gone(), engine.settled()))
            alerts = sorted(ledger.alerts.values(), key=lambda alert: (alert.raised_at, alert.id))
            write_lines(file, map(alert_line, alerts))
    except OSError as error:
        raise TapalError(f"{out}: cannot be written ({error.strerror}); check the folder") from error
    kinds: dict[str, dict[str, int]] = {}
    for alert in alerts:
        of_kind = kinds.setdefault(alert.kind, {})
        of_kind[alert.status] = of_kind.get(alert.status, 0) + 1
    return {
        "events": {"taken": seen.good, "other": seen.other, "bad": seen.bad_count},
        "passages": {"taken": rows.good, "bad": rows.bad_count, "ignored_columns": list(rows.ignored_columns)},
        "bad_lines": [
            f"{report.name}, line {bad.line}: {bad.reason}" for report in (seen, rows) for bad in report.bad[:SHOWN]
        ],
        "alerts": kinds,
        "gates": {" ".join(key): engine.gate_report(*key) for key in engine.gates()},
        "out": str(out),
    }


def _tell(summary: dict[str, object]) -> None:
    events, passages = summary["events"], summary["passages"]
    assert isinstance(events, dict)
    assert isinstance(passages, dict)
    bad = summary["bad_lines"]
    assert isinstance(bad, list)
    for line in bad:
        sys.stderr.write(f"{line}\n")
    if passages["ignored_columns"]:
        sys.stderr.write(f"columns passed over, never stored: {', '.join(passages['ignored_columns'])}\n")
    sys.stdout.write(f"{events['taken']} crossings ({events['bad']} bad lines), ")
    sys.stdout.write(f"{passages['taken']} records ({passages['bad']} bad rows)\n")
    kinds = summary["alerts"]
    assert isinstance(kinds, dict)
    for kind, states in kinds.items():
        sys.stdout.write(f"{kind}: {', '.join(f'{count} {state}' for state, count in states.items())}\n")
    gates = summary["gates"]
    assert isinstance(gates, dict)
    for gate, report in gates.items():
        people = report["unlogged"]
        if people is not None:
            sys.stdout.write(
                f"{gate}: {people['expected']:.1f} people without a record expected among {people['crossings']} "
                f"crossings ({people['low']} to {people['high']}), {people['per_day']:.2f} a day\n"
            )
    sys.stdout.write(f"written to {summary['out']}\n")


if __name__ == "__main__":
    app()
