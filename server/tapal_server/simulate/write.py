"""Write a drawn world as events.jsonl, passages.csv, truth.json and the site.yaml to replay them with."""

import csv
import json
import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

import numpy as np

from tapal_server.simulate.scenario import Scenario
from tapal_server.simulate.world import Logged, Reported, camera, log, people

COLUMNS = (
    "record_id",
    "document_type",
    "document_number",
    "direction",
    "recorded_at",
    "received_at",
    "checkpoint",
    "traveller_class",
)


@dataclass(frozen=True)
class Written:
    """What a run produced."""

    people: int
    crossings: int
    records: int
    unlogged: int
    unlogged_seen: int


def simulate(scenario: Scenario, seed: int, out: Path) -> Written:
    """Draw a scenario and write its files into a folder."""
    random = np.random.default_rng(seed)
    passing = people(scenario, random)
    reported = camera(scenario, passing, random)
    logged = log(scenario, passing, random)
    out.mkdir(parents=True, exist_ok=True)
    ids = _write_events(scenario, reported, random, out / "events.jsonl")
    _write_passages(scenario, logged, out / "passages.csv")
    (out / "site.yaml").write_text(_site(scenario), encoding="utf-8")
    guilty = np.zeros(len(ids), bool)
    somebody = reported.person >= 0
    guilty[somebody] = passing.unlogged[reported.person[somebody]]
    seen = [event_id for event_id, hit in zip(ids, guilty, strict=True) if hit]
    written = Written(len(passing.time), len(ids), len(logged.time), int(passing.unlogged.sum()), len(seen))
    truth = {
        "hours": scenario.hours,
        "people": written.people,
        "unlogged_people": written.unlogged,
        "unlogged_seen": seen,
        "scenario": scenario.model_dump(mode="json"),
    }
    (out / "truth.json").write_text(json.dumps(truth), encoding="utf-8")
    return written


class _Clock:
    """Writes seconds from the start as local RFC 3339."""

    def __init__(self, scenario: Scenario) -> None:
        self._start = datetime.fromisoformat(scenario.start)

    def __call__(self, seconds: float) -> str:
        return (self._start + timedelta(seconds=float(seconds))).isoformat(timespec="milliseconds")


def _write_events(scenario: Scenario, reported: Reported, random: np.random.Generator, path: Path) -> list[str]:
    clock = _Clock(scenario)
    ids: list[str] = []
    with path.open("w", encoding="utf-8") as file:
        for time, received in zip(reported.time, reported.received, strict=True):
            event_id = str(uuid.UUID(bytes=random.bytes(16), version=4))
            ids.append(event_id)
            event = {
                "id": event_id,
                "type": "crossing",
                "site": scenario.site,
                "camera": "cam-1",
                "line": scenario.line,
                "direction": scenario.direction,
                "label": "person",
                "confidence": round(float(random.uniform(0.6, 0.98)), 3),
                "time": clock(time),
                "received_at": clock(received),
            }
            file.write(json.dumps(event) + "\n")
    return ids


def _write_passages(scenario: Scenario, logged: Logged, path: Path) -> None:
    clock = _Clock(scenario)
    with path.open("w", encoding="utf-8", newline="") as file:
        rows = csv.writer(file, lineterminator="\n")
        rows.writerow(COLUMNS)
        for number, (time, received) in enumerate(zip(logged.time, logged.received, strict=True)):
            rows.writerow(
                (
                    f"P{number:06d}",
                    "passport",
                    f"X{number:09d}",
                    scenario.direction,
                    clock(time),
                    clock(received),
                    scenario.checkpoint,
                    "national",
                )
            )


def _site(scenario: Scenario) -> str:
    checkpoint = f"    checkpoint: {scenario.checkpoint}\n" if scenario.kind == "checkpoint" else ""
    return (
        f"sites:\n  - id: {scenario.site}\n    name: {scenario.name}\n    kind: {scenario.kind}\n{checkpoint}"
        f'    timezone: Asia/Makassar\n    hours: "00:00-24:00"\n    gates:\n'
        f"      - {{line: {scenario.line}, direction: {scenario.direction}, "
        "delay: {typical_s: 30, longest_s: 900, first: crossing}}\n"
    )
