"""How fast and in how much memory a long recording is replayed, and how long one live decision takes.

    python -m benchmarks.correlation_speed [--crossings 1000000] [--gates 4] [--seed 5]

Draws gates shaped like the scenarios busy-lane and tunon-taka, repeats them with other names until there are enough,
writes one pair of files in order of arrival, and runs `tapal replay` over them in a process of its own: reading,
parsing, deciding, writing alerts.
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
from collections import deque
from collections.abc import Iterator
from datetime import datetime, timedelta
from operator import itemgetter
from pathlib import Path

import orjson

from tapal_server.correlation.engine import Engine
from tapal_server.correlation.types import Crossing, Delay, Gate, Record, Site
from tapal_server.passages.reader import read_file
from tapal_server.recorded import read_events
from tapal_server.replay import arrivals, seldom_collecting
from tapal_server.simulate.scenario import load_scenario
from tapal_server.simulate.write import simulate

DRAWN = 50_000  # crossings that are drawn; the rest repeats them
SHAPES = ("busy-lane", "tunon-taka")
PROBE_HOURS = 240.0
OPEN = 1000


def draw(folder: Path, crossings: int, gates: int, seed: int) -> tuple[Path, int]:
    """Write events.jsonl, passages.csv and site.yaml of several gates; return their folder and the crossings.

    A stretch of each gate is drawn and follows upon itself with other names, since drawing takes longer than replaying.
    """
    parts, times, total = [], max(round(crossings / DRAWN), 1), 0
    for number in range(gates):
        scenario = load_scenario(SHAPES[number % len(SHAPES)])
        probe = simulate(scenario.model_copy(update={"hours": PROBE_HOURS}), seed, folder / "probe")
        days = max(round(PROBE_HOURS / 24 * crossings / times / gates / probe.crossings), 1)
        names = {"hours": 24.0 * days, "site": f"gate-{number}", "checkpoint": f"P{number}"}
        written = simulate(scenario.model_copy(update=names), seed + number, folder / f"{number}")
        parts.append((folder / f"{number}", timedelta(days=days + 1)))
        total += times * written.crossings
    with (folder / "events.jsonl").open("wb") as out:
        out.writelines(line for _, line in heapq.merge(*(_events(part, after, times) for part, after in parts)))
    with (folder / "passages.csv").open("w", encoding="utf-8", newline="") as out:
        writer = csv.writer(out, lineterminator="\n")
        writer.writerow(("record_id", "document_number", "direction", "recorded_at", "received_at", "checkpoint"))
        writer.writerows(row for _, row in heapq.merge(*(_passages(part, after, times) for part, after in parts)))
    sites = ["".join((part / "site.yaml").read_text().splitlines(keepends=True)[1:]) for part, _ in parts]
    (folder / "site.yaml").write_text("sites:\n" + "".join(sites), encoding="utf-8")
    return folder, total


def _events(part: Path, after: timedelta, times: int) -> Iterator[tuple[str, bytes]]:
    """The lines of a gate in order of arrival, time after time."""
    events = [json.loads(line) for line in (part / "events.jsonl").read_text("utf-8").splitlines()]
    events.sort(key=itemgetter("received_at"))
    for turn in range(times):
        for event in events:
            moved = {key: _later(event[key], turn * after) for key in ("time", "received_at")}
            yield moved["received_at"], orjson.dumps({**event, "id": f"{turn}-{event['id']}", **moved}) + b"\n"


def _passages(part: Path, after: timedelta, times: int) -> Iterator[tuple[str, list[str]]]:
    """The rows of a gate in order of arrival, time after time."""
    with (part / "passages.csv").open(encoding="utf-8", newline="") as file:
        rows = sorted(csv.DictReader(file), key=itemgetter("received_at"))
    for turn in range(times):
        for row in rows:
            recorded, received = (_later(row[key], turn * after) for key in ("recorded_at", "received_at"))
            ids = [f"{row[key]}-{part.name}-{turn}" for key in ("record_id", "document_number")]
            yield received, [*ids, row["direction"], recorded, received, row["checkpoint"]]


def _later(time: str, by: timedelta) -> str:
    return (datetime.fromisoformat(time) + by).isoformat(timespec="milliseconds")


def read_alone(folder: Path) -> float:
    """Return the processor seconds that reading both files and putting them in order takes."""
    begun = time.process_time()
    with seldom_collecting():  # as a replay does
        deque(arrivals(read_events(folder / "events.jsonl")[1], read_file(folder / "passages.csv")[1]), maxlen=0)
    return time.process_time() - begun


def start_alone(folder: Path) -> float:
    """Return the processor seconds of a replay of nothing: what is loaded, whatever follows."""
    nothing = folder / "nothing"
    nothing.mkdir()
    (nothing / "site.yaml").write_bytes((folder / "site.yaml").read_bytes())
    (nothing / "events.jsonl").touch()
    (nothing / "passages.csv").write_text("record_id,direction,recorded_at,checkpoint\n", encoding="utf-8")
    return replayed(nothing)[1]


def replayed(folder: Path) -> tuple[float, float, list[float], dict[str, object]]:
    """Run `tapal replay`; return wall and processor seconds, its memory in MiB all along, and its summary."""
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
    return wall, used, samples, json.loads(out)


def _watch(pid: int, samples: list[float], ended: threading.Event) -> None:
    """Note the resident memory of a process of Linux every half second."""
    status = Path(f"/proc/{pid}/status")
    while not ended.wait(0.5):
        try:
            lines = status.read_text(encoding="ascii").splitlines()
        except OSError:
            return
        samples += [int(line.split()[1]) / 1024 for line in lines if line.startswith("VmRSS")]


def at_tenths(samples: list[float]) -> list[float]:
    """Return the memory after each tenth of the time."""
    return [samples[max(len(samples) * part // 10 - 1, 0)] for part in range(1, 11)] if samples else []


def live(seconds_apart: float = 2.0) -> tuple[list[float], list[float]]:
    """Return the milliseconds, of wall and of a processor, of arrivals where `OPEN` people always wait for a record."""
    wait = OPEN * seconds_apart
    gate = Gate(line="gate", direction="inbound", delay=Delay(typical_s=wait, longest_s=2 * wait), learn=False)
    engine = Engine([Site(id="post", kind="checkpoint", checkpoint="P", gates=(gate,))])
    walls: list[float] = []
    costs: list[float] = []
    for number in range(3 * OPEN):
        at = 1e9 + number * seconds_apart
        engine.advance(at)
        begun, used = time.perf_counter(), time.process_time()
        engine.on_crossing(
            Crossing(id=f"c{number}", site="post", line="gate", direction="inbound", time=at, received_at=at)
        )
        if number >= OPEN:
            row = f"r{number - OPEN}"
            engine.on_record(Record(id=row, checkpoint="P", direction="inbound", time=at, received_at=at))
        engine.advance(at)
        if number >= 2 * OPEN:
            walls.append(1000 * (time.perf_counter() - begun))
            costs.append(1000 * (time.process_time() - used))
    return sorted(walls), sorted(costs)


def main() -> None:
    """Print seconds, microseconds for each crossing, memory along the run, and the delay of live decisions."""
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    options.add_argument("--crossings", type=int, default=1_000_000)
    options.add_argument("--gates", type=int, default=4)
    options.add_argument("--seed", type=int, default=5)
    chosen = options.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder, total = draw(Path(name), chosen.crossings, chosen.gates, chosen.seed)
        begun, floor = start_alone(folder), read_alone(folder)
        wall, used, memory, summary = replayed(folder)
    print(f"{total} crossings of {chosen.gates} gates with their records: {wall:.1f} s, {used:.1f} s of a processor")
    print(f"{1e6 * used / total:.0f} microseconds of a processor for each crossing, start and reading included")
    print(f"starting alone: {begun:.1f} s, {1e6 * begun / total:.1f} of these microseconds")
    print(
        f"reading and sorting the files alone: {1e6 * floor / total:.1f}; the whole takes {used / floor:.1f} times that"
    )
    print("MiB of memory after each tenth of the time:", ", ".join(f"{now:.0f}" for now in at_tenths(memory)))
    print(f"most: {max(memory, default=0.0):.0f} MiB")
    print("alerts:", json.dumps(summary["alerts"]))
    for name, costs in zip(("wall", "a processor"), live(), strict=True):
        print(
            f"a live arrival at {OPEN} open crossings, ms of {name}: median {statistics.median(costs):.3f}, "
            f"99 % within {costs[int(0.99 * len(costs))]:.3f}"
        )


if __name__ == "__main__":
    main()
