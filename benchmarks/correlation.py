"""Correlation against a greedy matcher and against a reference that is told the true parameters.

    python -m benchmarks.correlation [--seeds 1 2 3] [--scenario NAME ...] [--out FOLDER]

Every row is one gate: average precision of P(unlogged), its share of the reference's, calibration error, alerts.
`--out` also writes the table.
"""

import argparse
import json
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from benchmarks.correlation_reference import AS_CONFIGURED, greedy, reference
from benchmarks.correlation_score import Score, ranking, score
from tapal_server.correlation.engine import Engine
from tapal_server.correlation.types import Alert
from tapal_server.passages.reader import read_file
from tapal_server.replay import arrivals, read_events, replay
from tapal_server.simulate.scenario import Scenario, load_scenario, names
from tapal_server.simulate.write import simulate
from tapal_server.sites import loads_sites

SHARED = Path(__file__).resolve().parents[2] / "shared" / "data" / "gates"
SITE = """
sites:
  - id: {site}
    kind: checkpoint
    checkpoint: {checkpoint}
    gates:
      - {{line: {line}, direction: {direction}, delay: {{typical_s: 30, longest_s: 900, first: crossing}}}}
"""


@dataclass(frozen=True)
class Case:
    """One gate's files and what is known of it."""

    name: str
    folder: Path
    truth: dict[str, object]
    scenario: Scenario | None


@dataclass(frozen=True)
class Outcome:
    """What the engine, the greedy matcher and the reference made of a case."""

    case: Case
    ours: Score
    greedy_ap: float
    reference: Score
    seconds: float
    probability: np.ndarray
    guilty: np.ndarray


def cases(seeds: list[int], wanted: list[str], folder: Path) -> Iterator[Case]:
    """Draw the scenarios and find the shared gates."""
    for path in sorted(SHARED.glob("*/truth.json")) if not wanted else []:
        yield Case(f"gates/{path.parent.name}", path.parent, json.loads(path.read_text()), None)
    for name in names():
        scenario = load_scenario(name)
        if scenario.kind != "checkpoint" or (wanted and name not in wanted):
            continue
        for seed in seeds:
            out = folder / f"{name}-{seed}"
            simulate(scenario, seed, out)
            yield Case(f"{name} #{seed}", out, json.loads((out / "truth.json").read_text()), scenario)


def run(case: Case) -> Outcome:
    """Replay a case through the engine and score it."""
    scenario = case.scenario
    where = {
        "site": scenario.site if scenario else "gate",
        "checkpoint": scenario.checkpoint if scenario else "GATE",
        "line": scenario.line if scenario else "gate",
        "direction": scenario.direction if scenario else "inbound",
    }
    config = loads_sites(SITE.format(**where))
    engine = Engine(config.to_sites(), config.correlation.to_settings())
    _, crossings = read_events(case.folder / "events.jsonl")
    _, records = read_file(case.folder / "passages.csv")
    begun = time.perf_counter()
    ledger = replay(engine, arrivals(crossings, records))
    seconds = time.perf_counter() - begun
    settled = list(engine.settled())
    guilty_ids = set(case.truth["unlogged_seen"])  # type: ignore[call-overload]  # JSON
    x = np.array([one.crossing.time for one in settled])
    guilty = np.array([one.crossing.id in guilty_ids for one in settled])
    probability = np.array([one.unlogged for one in settled])
    _, again = read_file(case.folder / "passages.csv")
    y = np.sort([record.time for record in again])
    told = reference(x, y, guilty, scenario, float(case.truth["hours"]))  # type: ignore[arg-type]  # JSON
    alerts = [alert for alert in ledger.alerts.values() if alert.kind == "unlogged_crossing"]
    hours = float(case.truth["hours"])  # type: ignore[arg-type]  # JSON
    return Outcome(
        case,
        score(probability, guilty, alerts, guilty_ids, hours),
        ranking(greedy(x, y, AS_CONFIGURED), guilty),
        score(told, guilty, as_alerts(told, settled, config.correlation.threshold), guilty_ids, hours),
        seconds,
        probability,
        guilty,
    )


def as_alerts(probability: np.ndarray, settled: list, threshold: float) -> list[Alert]:
    """Return the alerts that a reference would leave open, one per crossing over the threshold."""
    base = Alert(
        id="", kind="unlogged_crossing", site="", line=None, direction=None, status="open",
        probability=0.0, time=0.0, raised_at=0.0, reason=None,
    )  # fmt: skip
    return [
        replace(base, event_ids=(one.crossing.id,), time=one.crossing.time, raised_at=one.crossing.time)
        for one, sure in zip(settled, probability, strict=True)
        if sure >= threshold
    ]


HEAD = (
    "| gate | crossings | unlogged | greedy AP | reference AP | ours AP | of reference | ECE | "
    "open alerts | precision | reference's | raised/day | median lag s | s |"
)


def line(outcome: Outcome) -> str:
    """Write a row of the table."""
    ours, told = outcome.ours, outcome.reference
    share = f"{ours.ap / told.ap:.0%}" if told.ap > 0 else "-"
    return (
        f"| {outcome.case.name} | {ours.crossings} | {ours.guilty} | {outcome.greedy_ap:.3f} | {told.ap:.3f} | "
        f"{ours.ap:.3f} | {share} | {ours.ece:.4f} | {ours.open} | {percent(ours.precision)} | "
        f"{percent(told.precision)} | {ours.raised_per_day:.2f} | {ours.lag:.0f} | {outcome.seconds:.1f} |"
    )


def percent(value: float | None) -> str:
    """Write a share, or a dash."""
    return "-" if value is None else f"{value:.2f}"


def main() -> None:
    """Run all cases and print the table."""
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    options.add_argument("--seeds", type=int, nargs="+", default=[101])
    options.add_argument("--scenario", nargs="*", default=[])
    options.add_argument("--out", type=Path)
    chosen = options.parse_args()
    lines = [HEAD, "|---" * (HEAD.count("|") - 1) + "|"]
    print("\n".join(lines))
    outcomes: list[Outcome] = []
    with tempfile.TemporaryDirectory() as folder:
        for case in cases(chosen.seeds, chosen.scenario, Path(folder)):
            outcomes.append(run(case))
            lines.append(line(outcomes[-1]))
            print(lines[-1])
            sys.stdout.flush()
    if chosen.out is not None:
        chosen.out.mkdir(parents=True, exist_ok=True)
        (chosen.out / "correlation-table.md").write_text("\n".join(lines) + "\n")


if __name__ == "__main__":
    main()
