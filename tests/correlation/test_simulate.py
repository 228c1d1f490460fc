"""The simulator draws what its scenario says, the same for the same seed, and the replay finds it."""

import json

import pytest
from typer.testing import CliRunner

from tapal_server import replay_cli, simulate_cli
from tapal_server.simulate.scenario import load_scenario, names
from tapal_server.simulate.write import simulate

LANE = """
name: test lane
hours: 12
traffic: {per_hour: 60, group_share: 0.0}
unlogged: {share_of_people: 0.02}
camera: {recall: 0.98, double_share: 0.0, false_per_hour: 0.0}
log: {delay_s: 12, spread: 0.3, skew_s: 40}
"""


@pytest.mark.parametrize("name", names())
def test_every_scenario_draws(name, tmp_path):
    written = simulate(load_scenario(name), 3, tmp_path)
    truth = json.loads((tmp_path / "truth.json").read_text())
    assert written.unlogged_seen == len(truth["unlogged_seen"]) <= written.crossings
    assert len((tmp_path / "events.jsonl").read_text().splitlines()) == written.crossings
    assert len((tmp_path / "passages.csv").read_text().splitlines()) == written.records + 1


def test_a_seed_draws_the_same_files(tmp_path):
    for folder in ("a", "b"):
        simulate(load_scenario("land-post"), 7, tmp_path / folder)
    for name in ("events.jsonl", "passages.csv", "truth.json"):
        assert (tmp_path / "a" / name).read_bytes() == (tmp_path / "b" / name).read_bytes()


def test_an_unknown_scenario_is_one_sentence():
    result = CliRunner().invoke(simulate_cli.app, ["--scenario", "moon", "--out", "/nowhere"])
    assert result.exit_code == 2
    assert "choose" in result.stderr


def replayed(folder, *more):
    options = ["--site", folder / "site.yaml", "--events", folder / "events.jsonl"]
    options += ["--passages", folder / "passages.csv", "--out", folder / "alerts.jsonl", "--all", *more]
    return CliRunner().invoke(replay_cli.app, [str(option) for option in options])


def test_replay_finds_the_unlogged_behind_a_wrong_prior(tmp_path):
    (tmp_path / "lane.yaml").write_text(LANE)
    written = simulate(load_scenario(str(tmp_path / "lane.yaml")), 5, tmp_path)
    result = replayed(tmp_path, "--json")
    assert result.exit_code == 0, result.stderr
    law = json.loads(result.stdout)["gates"]["gate gate inbound"]["delay_s"]
    assert law["median"] == pytest.approx(52, abs=2)
    rows = [json.loads(line) for line in (tmp_path / "alerts.jsonl").read_text().splitlines()]
    guilty = set(json.loads((tmp_path / "truth.json").read_text())["unlogged_seen"])
    crossings = sorted((row for row in rows if row["kind"] == "crossing"), key=lambda row: -row["probability"])
    assert len(crossings) == written.crossings
    top = [row["event_ids"][0] in guilty for row in crossings[: len(guilty)]]
    assert sum(top) >= 0.8 * len(guilty)
    alerts = [row for row in rows if row["kind"] == "unlogged_crossing" and row["status"] == "open"]
    assert sum(set(row["event_ids"]) <= guilty for row in alerts) >= 0.7 * len(alerts) > 3


def test_replay_names_bad_lines_and_keeps_good_ones(tmp_path):
    (tmp_path / "lane.yaml").write_text(LANE.replace("hours: 12", "hours: 1"))
    simulate(load_scenario(str(tmp_path / "lane.yaml")), 5, tmp_path)
    with (tmp_path / "events.jsonl").open("a") as file:
        file.write('{"type": "crossing", "id": "x"}\nnot json\n{"type": "camera"}\n')
    result = replayed(tmp_path)
    assert result.exit_code == 0
    assert "'direction' is missing" in result.stderr
    assert "not JSON" in result.stderr


def test_replay_without_a_file_is_one_sentence(tmp_path):
    (tmp_path / "lane.yaml").write_text(LANE)
    simulate(load_scenario(str(tmp_path / "lane.yaml")), 5, tmp_path)
    (tmp_path / "passages.csv").unlink()
    result = replayed(tmp_path)
    assert result.exit_code == 2
    assert "cannot be read" in result.stderr
