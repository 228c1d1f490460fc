"""What is learned survives what happens at gates: a burst, a day without log, a camera that fails, a wrong clock."""

import json
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import pytest
from typer.testing import CliRunner

from tapal_server import replay_cli
from tapal_server.simulate.scenario import load_scenario
from tapal_server.simulate.write import simulate

LANE = """
name: troubled lane
hours: 48
traffic: {{per_hour: 40, group_share: 0.1{traffic}}}
unlogged: {{share_of_people: 0.015}}
camera: {{recall: 0.97{camera}}}
log: {{delay_s: 20, spread: 0.4{log}}}
"""
USUAL = {"traffic": "", "camera": "", "log": ""}
MEDIAN_S, LAST_S, RECALL = 20.0, 50.8, 0.97  # of the lane: the lognormal's median and its 99 % point
DAY = (12.0, 36.0)  # hours


@dataclass(frozen=True)
class Told:
    """What a replay says of the lane, and how many of its open alerts are right."""

    median_s: float
    last_s: float
    recall: float
    open: int
    right: int
    crossings: int


def replayed(folder: Path, *, never: tuple[float, float] | None = None, **trouble: str) -> Told:
    (folder / "lane.yaml").write_text(LANE.format(**(USUAL | trouble)))
    drawn = simulate(load_scenario(str(folder / "lane.yaml")), 5, folder)
    if never is not None:
        forget(folder / "passages.csv", never)
    files = {"site": "site.yaml", "events": "events.jsonl", "passages": "passages.csv", "out": "alerts.jsonl"}
    options = [text for name, file in files.items() for text in (f"--{name}", str(folder / file))]
    result = CliRunner().invoke(replay_cli.app, [*options, "--json"])
    assert result.exit_code == 0, result.stderr
    learned = json.loads(result.stdout)["gates"]["gate gate inbound"]
    alerts = [json.loads(line) for line in (folder / "alerts.jsonl").read_text().splitlines()]
    guilty = set(json.loads((folder / "truth.json").read_text())["unlogged_seen"])
    found = [one for one in alerts if one["kind"] == "unlogged_crossing" and one["status"] == "open"]
    return Told(
        learned["delay_s"]["median"],
        learned["delay_s"]["p99"],
        learned["recall"],
        open=len(found),
        right=sum(bool(guilty & set(one["event_ids"])) for one in found),
        crossings=drawn.crossings,
    )


def forget(passages: Path, hours: tuple[float, float]) -> None:
    """Leave out the rows of these hours, as if nobody had ever written them."""
    head, *rows = passages.read_text().splitlines()
    times = [datetime.fromisoformat(row.split(",")[head.split(",").index("recorded_at")]) for row in rows]
    start = datetime.fromisoformat("2026-03-02T06:00:00+08:00")
    since = [(time - start).total_seconds() / 3600 for time in times]
    kept = [row for row, hour in zip(rows, since, strict=True) if not hours[0] <= hour < hours[1]]
    assert len(kept) < len(rows)
    passages.write_text("\n".join([head, *kept]) + "\n")


@pytest.mark.parametrize(
    "trouble",
    [
        pytest.param({}, id="nothing"),
        pytest.param({"traffic": ", ferry: {per_day: 3, people: [150, 250], minutes: 15}"}, id="bursts"),
        pytest.param({"log": f", outages: [[{DAY[0]}, {DAY[1]}]]"}, id="a-day-without-log-that-comes-after"),
        pytest.param({"camera": ", outages: [[12, 20], [30, 31]]"}, id="a-camera-that-fails"),
        pytest.param({"log": ", skew_s: 60, skew_until_h: 1"}, id="a-minute-of-skew-in-the-first-hour"),
    ],
)
def test_what_is_learned_survives_trouble_and_alerts_stay_right(trouble, tmp_path):
    told = replayed(tmp_path, **trouble)
    assert told.median_s == pytest.approx(MEDIAN_S, abs=3)
    assert told.last_s == pytest.approx(LAST_S, rel=0.25)
    assert told.recall == pytest.approx(RECALL, abs=0.03)
    assert told.right >= 0.7 * told.open > 0


def test_a_day_whose_rows_nobody_wrote_teaches_nothing_and_accuses_few(tmp_path):
    told = replayed(tmp_path, never=DAY)
    assert told.median_s == pytest.approx(MEDIAN_S, abs=3)
    assert told.recall == pytest.approx(RECALL, abs=0.03)
    assert told.open < 0.02 * told.crossings, "of some 950 who passed that day"
