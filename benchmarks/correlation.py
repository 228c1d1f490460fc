"""Correlation against a greedy matcher and against a reference that is told the true parameters.

    python -m benchmarks.correlation [--seeds 1 2 3] [--scenario NAME ...] [--out FOLDER] [--plots FOLDER]

Every row is one gate: average precision of P(unlogged), its share of the reference's, calibration error, alerts. A
second table takes the mean over seeds, with the interval that luck with few people makes of it. `--out` also writes the
tables, `--plots` a picture of each gate's first seed.
"""

import argparse
import json
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.correlation_plots import (
    DIAGONAL,
    OURS,
    TOLD,
    Line,
    plots,
    precision_line,
    reliability_line,
)
from benchmarks.correlation_reference import AS_CONFIGURED, greedy, live_truth, reference, true_law
from benchmarks.correlation_score import Score, ranking, score
from tapal_server.correlation.engine import Engine
from tapal_server.correlation.types import Alert, Reason, Settled
from tapal_server.passages.reader import read_file
from tapal_server.recorded import read_events
from tapal_server.replay import Ledger, arrivals, replay
from tapal_server.simulate.scenario import Scenario, load_scenario, names
from tapal_server.simulate.world import camera, log, people
from tapal_server.simulate.write import simulate
from tapal_server.sites import loads_sites

SHARED = Path(__file__).resolve().parents[2] / "shared" / "data" / "gates"
DRAWS, PIECES = 400, 40  # of the interval: how often, and of how many pieces
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
    seed: int | None = None


@dataclass(frozen=True)
class Outcome:
    """What the engine, the greedy matcher and the reference made of a case."""

    case: Case
    ours: Score
    live: Score | None
    greedy_ap: float
    reference: Score
    seconds: float
    probability: np.ndarray
    told: np.ndarray
    guilty: np.ndarray
    report: dict[str, Any]


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
            yield Case(f"{name} #{seed}", out, json.loads((out / "truth.json").read_text()), scenario, seed)


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
    begun = time.perf_counter()
    ledger = replayed(engine, case)
    seconds = time.perf_counter() - begun
    settled = list(engine.settled())
    guilty_ids = set(case.truth["unlogged_seen"])  # type: ignore[call-overload]  # JSON
    x = np.array([one.crossing.time for one in settled])
    guilty = np.array([one.crossing.id in guilty_ids for one in settled])
    probability = np.array([one.unlogged for one in settled])
    _, records = read_file(case.folder / "passages.csv")
    rows = sorted(records, key=lambda record: record.time)
    y = np.array([record.time for record in rows])
    told = reference(x, y, guilty, scenario, float(case.truth["hours"]))  # type: ignore[arg-type]  # JSON
    hours = float(case.truth["hours"])  # type: ignore[arg-type]  # JSON
    known = rows_known(case, [one.crossing.id for one in settled])
    steady = x[0] + 3600.0 * (
        (scenario.log.skew_until_h or 0.0) if scenario else 0.0
    )  # from when on the clock is right
    waits = [
        known[one.crossing.id] - one.crossing.time
        for one in settled
        if one.crossing.id in known and one.crossing.time >= steady
    ]
    longest = float(np.quantile(waits, 0.99)) if waits else None

    def judged(chances: np.ndarray, heard: Ledger) -> Score:
        alerts = [alert for alert in heard.alerts.values() if alert.kind == "unlogged_crossing"]
        return score(chances, guilty, alerts, guilty_ids, hours, known=known, longest=longest)

    live = None
    if scenario is not None:
        received = np.array([record.received_at for record in rows])
        truth = live_truth(x, (y, received), guilty, scenario, hours)
        knowing = Engine(config.to_sites(), replace(config.correlation.to_settings(), learn=False))
        knowing.believe(*knowing.gates()[0], truth)
        heard = replayed(knowing, case)
        live = judged(np.array([one.unlogged for one in knowing.settled()]), heard)
    return Outcome(
        case,
        judged(probability, ledger),
        live,
        ranking(greedy(x, y, AS_CONFIGURED), guilty),
        score(told, guilty, as_alerts(told, settled, config.correlation.threshold), guilty_ids, hours),
        seconds,
        probability,
        told,
        guilty,
        engine.gate_report(*engine.gates()[0]) or {},
    )


def replayed(engine: Engine, case: Case) -> Ledger:
    """Drive an engine through a case."""
    _, crossings = read_events(case.folder / "events.jsonl")
    _, records = read_file(case.folder / "passages.csv")
    return replay(engine, arrivals(crossings, records))


def rows_known(case: Case, crossing_ids: list[str]) -> dict[str, float]:
    """Return when the row of each lawful crossing arrived, by drawing the world once more."""
    scenario = case.scenario
    if scenario is None or case.seed is None:
        return {}
    random = np.random.default_rng(case.seed)
    passing = people(scenario, random)
    reported, logged = camera(scenario, passing, random), log(scenario, passing, random)
    received = dict(zip(logged.person.tolist(), logged.received.tolist(), strict=True))
    start = datetime.fromisoformat(scenario.start).timestamp()
    with (case.folder / "events.jsonl").open(encoding="utf-8") as file:
        ids = [json.loads(line)["id"] for line in file]
    remembered = set(crossing_ids)
    return {
        event: start + received[person]
        for event, person, first in zip(ids, reported.person.tolist(), reported.first.tolist(), strict=True)
        if first and person in received and event in remembered
    }


def as_alerts(probability: np.ndarray, settled: list[Settled], threshold: float) -> list[Alert]:
    """Return the alerts that a reference would leave open, one per crossing over the threshold."""
    base = Alert(
        id="", kind="unlogged_crossing", site="", line=None, direction=None, status="open",
        probability=0.0, time=0.0, raised_at=0.0, reason=Reason("no_record"),
    )  # fmt: skip
    return [
        replace(base, event_ids=(one.crossing.id,), time=one.crossing.time, raised_at=one.crossing.time)
        for one, sure in zip(settled, probability, strict=True)
        if sure >= threshold
    ]


HEAD = (
    "| gate | crossings | unlogged | expected (90 %) | greedy AP | reference AP | ours AP | of reference | ECE | "
    "open | precision | reference's | raised/day | told live | p99 s | median lag s | told live | within p99 | "
    "told live | late rows closed | s |"
)
SUMMARY = (
    "| gate | seeds | of reference, mean (each) | 90 % interval | ECE, most | right of open | "
    "reference's | raised/day, most | within p99 (pooled) | told live | late rows closed |"
)


def line(outcome: Outcome) -> str:
    """Write a row of the table."""
    ours, told, live = outcome.ours, outcome.reference, outcome.live
    share = f"{ours.ap / told.ap:.0%}" if told.ap > 0 else "-"
    expected = outcome.report.get("unlogged") or {"expected": 0.0, "low": 0, "high": 0}
    best = ("-", "-", "-") if live is None else (f"{live.raised_per_day:.2f}", f"{live.lag:.0f}", percent(live.prompt))
    longest = "-" if ours.longest is None else f"{ours.longest:.0f}"
    return (
        f"| {outcome.case.name} | {ours.crossings} | {ours.guilty} | "
        f"{expected['expected']:.0f} ({expected['low']}-{expected['high']}) | {outcome.greedy_ap:.3f} | "
        f"{told.ap:.3f} | {ours.ap:.3f} | {share} | {ours.ece:.4f} | {ours.open} | {percent(ours.precision)} | "
        f"{percent(told.precision)} | {ours.raised_per_day:.2f} | {best[0]} | {longest} | {ours.lag:.0f} | {best[1]} | "
        f"{percent(ours.prompt)} | {best[2]} | {ours.closed[0]} of {ours.closed[1]} | {outcome.seconds:.1f} |"
    )


def summary(outcomes: list[Outcome]) -> list[str]:
    """Write the table of means over seeds."""
    rows = [SUMMARY, "|---" * (SUMMARY.count("|") - 1) + "|"]
    for name in dict.fromkeys(outcome.case.name.split(" ")[0] for outcome in outcomes):
        those = [outcome for outcome in outcomes if outcome.case.name.split(" ")[0] == name]
        shares = [one.ours.ap / one.reference.ap for one in those if one.reference.ap > 0]
        each = ", ".join(f"{share:.0%}" for share in shares)
        mean = f"**{np.mean(shares):.0%}** ({each})" if shares else "-"
        ours, told = [one.ours for one in those], [one.reference for one in those]
        best = [one.live for one in those if one.live is not None]
        rows.append(
            f"| {name} | {len(those)} | {mean} | {interval_of(those)} | "
            f"{max(one.ece for one in ours):.4f} | {right_of(ours)} | {right_of(told)} | "
            f"{max(one.raised_per_day for one in ours):.2f} | {prompt_of(ours)} | {prompt_of(best)} | "
            f"{sum(one.closed[0] for one in ours)} of {sum(one.closed[1] for one in ours)} |"
        )
    return rows


def interval_of(outcomes: list[Outcome]) -> str:
    """Write the interval of the mean share: pieces of all recordings drawn anew, the same for both.

    A seed's pieces stay with their seed; so the interval tells what luck with few people makes of the mean.
    """
    random = np.random.default_rng(1)
    judged = [one for one in outcomes if one.reference.ap > 0]
    if not judged:
        return "-"
    shares = []
    for _ in range(DRAWS):
        each = []
        for one in judged:
            pieces = np.array_split(np.arange(len(one.guilty)), PIECES)
            chosen = np.concatenate([pieces[place] for place in random.integers(0, PIECES, PIECES)])
            told = ranking(one.told[chosen], one.guilty[chosen])
            if told > 0:
                each.append(ranking(one.probability[chosen], one.guilty[chosen]) / told)
        if each:
            shares.append(float(np.mean(each)))
    low, high = np.quantile(shares, (0.05, 0.95))
    return f"{low:.0%} to {high:.0%}"


def right_of(scores: list[Score]) -> str:
    """Write the pooled precision of open alerts with its counts."""
    left = sum(one.open for one in scores)
    right = sum(round((one.precision or 0.0) * one.open) for one in scores)
    return f"{right / left:.2f} ({right} of {left})" if left else "-"


def prompt_of(scores: list[Score]) -> str:
    """Write the pooled share of right alerts that were raised in time, with its counts."""
    right = [round((one.precision or 0.0) * one.open) for one in scores]
    soon = sum(round((one.prompt or 0.0) * count) for one, count in zip(scores, right, strict=True))
    return f"{soon / sum(right):.2f} ({soon} of {sum(right)})" if sum(right) else "-"


def draw(outcome: Outcome, folder: Path) -> None:
    """Write the picture of one gate."""
    if not outcome.ours.guilty:
        return
    ours, told, guilty = outcome.probability, outcome.told, outcome.guilty
    learned = outcome.report["law"]
    laws = [Line(learned["delay_s"], learned["density"], OURS)]
    if outcome.case.scenario is not None:
        true = true_law(outcome.case.scenario)
        middle = true.quantile(0.5) - float(
            outcome.report["delay_s"]["median"]
        )  # the clock's error is nobody's to know
        at = np.array(learned["delay_s"])
        laws.append(Line(learned["delay_s"], true.density(at + middle).tolist(), TOLD))
    name = outcome.case.name.split(" ")[0].replace("/", "-")
    reliable = [DIAGONAL, reliability_line(told, guilty, TOLD), reliability_line(ours, guilty, OURS)]
    curves = [precision_line(told, guilty, TOLD), precision_line(ours, guilty, OURS)]
    panels = (
        ("reliability", "probability said (share found right upwards)", reliable),
        ("precision", "recall", curves),
        ("delay law, per second", "seconds from crossing to record", laws),
    )
    plots(outcome.case.name, panels, folder / f"{name}.svg")


def percent(value: float | None) -> str:
    """Write a share, or a dash."""
    return "-" if value is None else f"{value:.2f}"


def main() -> None:
    """Run all cases and print the table."""
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    options.add_argument("--seeds", type=int, nargs="+", default=[101])
    options.add_argument("--scenario", nargs="*", default=[])
    options.add_argument("--out", type=Path)
    options.add_argument("--plots", type=Path)
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
            if chosen.plots is not None and case.seed in {None, chosen.seeds[0]}:
                chosen.plots.mkdir(parents=True, exist_ok=True)
                draw(outcomes[-1], chosen.plots)
    lines += ["", *summary(outcomes)]
    print("\n".join(summary(outcomes)))
    if chosen.out is not None:
        chosen.out.mkdir(parents=True, exist_ok=True)
        (chosen.out / "correlation-table.md").write_text("\n".join(lines) + "\n")


if __name__ == "__main__":
    main()
