import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from tapal_contract.errors import TapalError
from tapal_contract.events import dump
from tapal_contract.ids import new_id
from tapal_detector.seen import CrossingSeen
from tapal_edge.calibrate import Counter, calibrate
from tapal_edge.cli import app
from tapal_edge.config import load
from tapal_edge.config_file import write_top_level
from tapal_edge.messages import Author


def crossing(camera: str, line: str, at: float, direction: str) -> str:
    author = Author("n", "s", camera, new_id(), "m@1")
    seen = CrossingSeen(
        time_s=at,
        frame_time_s=at,
        line=line,
        direction=direction,
        track=1,
        label="person",
        confidence=0.9,
        box=(0.1, 0.1, 0.2, 0.3),
    )
    return json.dumps(json.loads(dump(author.seen(seen, 1e9 + at).numbered(1))) | {"frame": 3})


@pytest.fixture
def events(tmp_path: Path) -> Path:
    """A hundred people walk in, 4 s from the first line to the second; the second misses every tenth."""
    lines = []
    for number in range(100):
        lines.append(crossing("a", "gate", number * 20.0, "inbound"))
        if number % 10:
            lines.append(crossing("b", "gate", number * 20.0 + 4, "inbound"))
    path = tmp_path / "events.jsonl"
    path.write_text("\n".join(lines) + "\n")
    return path


def test_two_lines_tell_what_each_other_misses(events: Path) -> None:
    command = ["calibrate", str(events), "--first", "a/gate", "--second", "b/gate", "--travel", "4", "--json"]
    result = CliRunner().invoke(app, command)
    assert result.exit_code == 0
    told = json.loads(result.stdout)
    assert (told["first"], told["both"]) == ("a/gate", 90) or told["both"] == 90
    assert told["second_recall"]["value"] == pytest.approx(0.9)
    assert told["second_recall"]["low"] < 0.9 < told["second_recall"]["high"]


def test_people_instead_of_programs_get_sentences(events: Path) -> None:
    command = ["calibrate", str(events), "--first", "a/gate", "--second", "b/gate", "--travel", "4"]
    told = CliRunner().invoke(app, command).stdout
    assert "a/gate counted 100, b/gate counted 90, both of them 90" in told
    assert "recall of b/gate: 90.0%" in told


@pytest.mark.parametrize(
    ("second", "says"),
    [
        pytest.param("a/gate", "compared with itself", id="itself"),
        pytest.param("c/gate", "no crossing of c/gate", id="unknown"),
        pytest.param("gate", "write CAMERA/LINE", id="no-camera"),
    ],
)
def test_a_line_that_cannot_be_compared(events: Path, second: str, says: str) -> None:
    with pytest.raises(TapalError, match=says):
        calibrate([events], Counter("a", "gate"), Counter.parse(second), travel_s=4, tolerance_s=2)


def test_a_file_of_something_else_names_its_line(events: Path) -> None:
    events.write_text(events.read_text() + "not an event\n")
    with pytest.raises(TapalError, match=r"events.jsonl, line 191: .*--events-out"):
        calibrate([events], Counter("a", "gate"), Counter("b", "gate"), travel_s=4, tolerance_s=2)


CONFIG = "node: n\nsite: s\nprovider: auto  # until measured\nsize: 320\ncameras:\n  - id: c\n    source: SOURCE\n"


def test_bench_measures_on_real_frames_and_writes_its_choice(tmp_path: Path, root: Path) -> None:
    path = tmp_path / "edge.yaml"
    path.write_text(CONFIG.replace("SOURCE", str(root / "datasets/sample/pier.mp4")))
    result = CliRunner().invoke(app, ["bench", "--config", str(path), "--frames", "5", "--write", "--json"])
    assert result.exit_code == 0, result.output
    told = json.loads(result.stdout.splitlines()[0])
    assert told["measured"][0]["way"] == "default/cpu/320"
    assert told["cameras"] >= 0
    assert load(path).provider == told["chosen"].split("/")[1]
    assert "# until measured" in path.read_text()


def test_bench_fails_where_more_cameras_are_wanted_than_carried(tmp_path: Path, root: Path) -> None:
    path = tmp_path / "edge.yaml"
    path.write_text(CONFIG.replace("SOURCE", str(root / "datasets/sample/pier.mp4")))
    result = CliRunner().invoke(app, ["bench", "--config", str(path), "--frames", "5", "--cameras", "9999"])
    assert result.exit_code == 1
    assert "fewer than the 9999 asked for" in result.stdout


def test_a_key_that_is_missing_is_added_at_the_end(tmp_path: Path) -> None:
    path = tmp_path / "edge.yaml"
    path.write_text("node: n\nsite: s\ncameras: [{id: c, source: 0}]")
    write_top_level(path, {"model": "/opt/models/with space.onnx"})
    assert path.read_text().endswith('\nmodel: "/opt/models/with space.onnx"\n')
    assert load(path).model == "/opt/models/with space.onnx"
