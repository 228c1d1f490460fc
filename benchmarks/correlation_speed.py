"""How fast and in how much memory a long recording is replayed, and how long one live decision takes.

    python -m benchmarks.correlation_speed [--crossings 1000000] [--gates 4] [--seed 5]

Draws gates shaped like the scenarios busy-lane and tunon-taka, one after the other, writes one pair of files in order
of arrival, and runs `tapal replay` over them in a process of its own: reading, parsing, deciding, writing alerts.
"""

import argparse
import csv
import heapq
import json
import resource
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from pathlib import Path

from tapal_server.correlation.engine import Engine
from tapal_server.correlation.types import Crossing, Delay, Gate, Record, Site
from tapal_server.simulate.scenario import load_scenario
from tapal_server.simulate.write import simulate

SHAPES = ("busy-lane", "tunon-taka")
PROBE_HOURS = 240.0
OPEN = 1000


def draw(folder: Path, crossings: int, gates: int, seed: int) -> tuple[Path, int]:
    """Write events.jsonl, passages.csv and site.yaml of several gates; return their folder and the crossings."""
    parts, total = [], 0
    for number in range(gates):
        scenario = load_scenario(SHAPES[number % len(SHAPES)])
        probe = simulate(scenario.model_copy(update={"hours": PROBE_HOURS}), seed, folder / "probe")
        hours = PROBE_HOURS * crossings / gates / probe.crossings
        names = {"hours": hours, "site": f"gate-{number}", "checkpoint": f"P{number}"}
        written = simulate(scenario.model_copy(update=names), seed + number, folder / f"{number}")
        parts.append(folder / f"{number}")
        total += written.crossings
    with (folder / "events.jsonl").open("w", encoding="utf-8") as out:
        lines = (_keyed(part / "events.jsonl") for part in parts)
        out.writelines(line for _, line in heapq.merge(*lines))
    _merge_passages(parts, folder / "passages.csv")
    sites = ["sites:\n", *("".join((part / "site.yaml").read_text().splitlines(keepends=True)[1:]) for part in parts)]
    (folder / "site.yaml").write_text("".join(sites), encoding="utf-8")
    return folder, total


def _keyed(path: Path) -> Iterator[tuple[str, str]]:
    with path.open(encoding="utf-8") as file:
        for line in file:
            yield json.loads(line)["received_at"], line


def _merge_passages(parts: list[Path], out: Path) -> None:
    files = [(part / "passages.csv").open(encoding="utf-8", newline="") for part in parts]
    rows = [csv.reader(file) for file in files]
    heads = [next(one) for one in rows]
    head = heads[0]
    place, name = head.index("received_at"), head.index("record_id")
    with out.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(head)
        ids = {name, head.index("document_number")}
        named = [_named(one, number, ids) for number, one in enumerate(rows)]
        merged: Iterator[list[str]] = heapq.merge(*named, key=lambda row: str(row[place]))
        writer.writerows(merged)
    for opened in files:
        opened.close()


def _named(rows: Iterator[list[str]], number: int, ids: set[int]) -> Iterator[list[str]]:
    """Give records and documents of several gates ids that differ."""
    for row in rows:
        yield [f"{value}{number}" if place in ids else value for place, value in enumerate(row)]


def replayed(folder: Path) -> tuple[float, float, list[float], dict[str, object]]:
    """Run `tapal replay`; return wall and processor seconds, the memory in MiB at its quarters, and its summary."""
    command = [sys.executable, "-m", "tapal", "replay", "--json", "--site", str(folder / "site.yaml")]
    command += ["--events", str(folder / "events.jsonl"), "--passages", str(folder / "passages.csv")]
    command += ["--out", str(folder / "alerts.jsonl")]
    before, begun = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    process = subprocess.Popen(command, stdout=subprocess.PIPE)
    samples: list[float] = []
    ended = threading.Event()
    watcher = threading.Thread(target=_watch, args=(process.pid, samples, ended))
    watcher.start()
    out, _ = process.communicate()
    ended.set()
    watcher.join()
    wall, after = time.perf_counter() - begun, resource.getrusage(resource.RUSAGE_CHILDREN)
    if process.returncode:
        raise SystemExit(f"tapal replay ended with status {process.returncode}")
    used = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    quarters = [max(samples[: max(len(samples) * part // 4, 1)]) for part in (1, 2, 3, 4)] if samples else []
    return wall, used, quarters, json.loads(out)


def _watch(pid: int, samples: list[float], ended: threading.Event) -> None:
    """Note the resident memory of a process of Linux every half second."""
    status = Path(f"/proc/{pid}/status")
    while not ended.wait(0.5):
        try:
            lines = status.read_text(encoding="ascii").splitlines()
        except OSError:
            return
        samples += [int(line.split()[1]) / 1024 for line in lines if line.startswith("VmRSS")]


def live(seconds_apart: float = 2.0) -> list[float]:
    """Return the milliseconds of each arrival at a gate where `OPEN` people are always waiting for a record."""
    wait = OPEN * seconds_apart
    gate = Gate(line="gate", direction="inbound", delay=Delay(typical_s=wait, longest_s=2 * wait), learn=False)
    engine = Engine([Site(id="post", kind="checkpoint", checkpoint="P", gates=(gate,))])
    costs: list[float] = []
    for number in range(3 * OPEN):
        at = 1e9 + number * seconds_apart
        engine.advance(at)
        begun = time.perf_counter()
        engine.on_crossing(
            Crossing(id=f"c{number}", site="post", line="gate", direction="inbound", time=at, received_at=at)
        )
        if number >= OPEN:
            row = f"r{number - OPEN}"
            engine.on_record(Record(id=row, checkpoint="P", direction="inbound", time=at, received_at=at))
        engine.advance(at)
        if number >= 2 * OPEN:
            costs.append(1000 * (time.perf_counter() - begun))
    return sorted(costs)


def main() -> None:
    """Print seconds, microseconds for each crossing, memory, and the delay of live decisions."""
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    options.add_argument("--crossings", type=int, default=1_000_000)
    options.add_argument("--gates", type=int, default=4)
    options.add_argument("--seed", type=int, default=5)
    chosen = options.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder, total = draw(Path(name), chosen.crossings, chosen.gates, chosen.seed)
        wall, used, quarters, summary = replayed(folder)
    print(f"{total} crossings of {chosen.gates} gates with their records: {wall:.1f} s, {used:.1f} s of a processor")
    print(f"{1e6 * used / total:.0f} microseconds of a processor for each crossing, parsing included")
    print("peak memory after each quarter of the time:", ", ".join(f"{peak:.0f} MiB" for peak in quarters))
    print("alerts:", json.dumps(summary["alerts"]))
    costs = live()
    print(
        f"a live arrival at {OPEN} open crossings: median {statistics.median(costs):.3f} ms, "
        f"99 % within {costs[int(0.99 * len(costs))]:.3f} ms"
    )


if __name__ == "__main__":
    main()
