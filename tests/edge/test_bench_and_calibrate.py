import json
import shutil
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner

from tapal_contract.errors import TapalError
from tapal_contract.events import dump
from tapal_contract.ids import new_id
from tapal_detector import measure
from tapal_detector.catalogue import find
from tapal_detector.detections import Detections
from tapal_detector.detector import Detector
from tapal_detector.measure import Measured, Way
from tapal_detector.openvino_session import is_installed as openvino_is_installed
from tapal_detector.seen import CrossingSeen
from tapal_detector.session import available_providers
from tapal_edge import choice, node
from tapal_edge.bench import Bench
from tapal_edge.bench import bench as run_bench
from tapal_edge.calibrate import Counter, calibrate
from tapal_edge.carry import Trial, attempt, most
from tapal_edge.cli import app
from tapal_edge.config import EdgeConfig, load
from tapal_edge.config_file import write_top_level
from tapal_edge.messages import Author
from tests.support import toymodel


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


CONFIG = """\
node: n
site: s
data_dir: DATA
provider: auto  # until measured
size: 320
cameras:
  - id: c
    source: SOURCE
"""


def test_bench_measures_on_real_frames_and_writes_its_choice(tmp_path: Path, root: Path) -> None:
    path = tmp_path / "edge.yaml"
    text = CONFIG.replace("SOURCE", str(root / "datasets/sample/pier.mp4")).replace("DATA", str(tmp_path / "data"))
    path.write_text(text)
    result = CliRunner().invoke(app, ["bench", "--config", str(path), "--frames", "5", "--write", "--json"])
    assert result.exit_code == 0, result.output
    told = json.loads(result.stdout.splitlines()[0])
    assert told["measured"][0]["way"] == "default/cpu/320"
    assert told["cameras"] >= 0
    assert (tmp_path / "data" / "bench.json").is_file()
    assert load(path).provider == told["chosen"].split("/")[1]
    assert "# until measured" in path.read_text()


@pytest.fixture
def config(tmp_path: Path, root: Path) -> EdgeConfig:
    path = tmp_path / "edge.yaml"
    text = CONFIG.replace("SOURCE", str(root / "datasets/sample/pier.mp4")).replace("DATA", str(tmp_path / "data"))
    path.write_text(text)
    return load(path)


def test_bench_fails_where_more_cameras_are_wanted_than_carried(config: EdgeConfig) -> None:
    way = one_measured(1.0)
    short = Bench((way,), way, 8, 9, (Trial(cameras=9, due=900, skipped=90), Trial(cameras=8, due=800, skipped=0)))
    assert (short.cameras, short.carried) == (8, False)
    assert "fewer than the 9 asked for" in short.text()
    assert "9 cameras: 90 of 900 frames skipped" in short.text()


def one_measured(frame_ms: float) -> Measured:
    return Measured(way=Way(model=Path("m.onnx")), frame_ms=frame_ms, agreement=1.0, accepted=True, reason="reference")


@pytest.mark.parametrize(
    ("estimate", "wanted", "carries", "tried"),
    [
        pytest.param(8, 4, 8, [4], id="enough"),
        pytest.param(8, 8, 6, [8, 7, 6], id="fewer-than-the-model-promises"),
        pytest.param(3, 999, 2, [4, 3, 2], id="never-far-beyond-the-estimate"),
        pytest.param(0, 2, 0, [1], id="not-even-one"),
    ],
)
def test_fewer_cameras_are_tried_until_none_skips(estimate: int, wanted: int, carries: int, tried: list[int]) -> None:
    trials = most(estimate, wanted, lambda count: Trial(cameras=count, due=100, skipped=50 * (count > carries)))
    assert [trial.cameras for trial in trials] == tried
    assert trials[-1].carried == (carries > 0)


def test_a_trial_runs_cameras_at_their_pace_through_the_node(config: EdgeConfig) -> None:
    picture = np.zeros((48, 64, 3), np.uint8)
    for camera in (config.cameras[0], config.cameras[0].model_copy(update={"source": 0})):
        trial = attempt(Blind(), [camera], [picture] * 5, 2, seconds=1.0)
        assert trial.cameras == 2
        assert trial.due >= 10
        assert trial.skipped < trial.due


class Blind:
    batch = 1

    def detect_batch(self, frames):
        return [Detections.none() for _ in frames]


def test_the_choice_of_bench_is_what_run_takes(config: EdgeConfig, caplog: pytest.LogCaptureFixture) -> None:
    faster = Path(shutil.copy(find("default"), config.folder().parent / "default-int8.onnx"))
    choice.save(config, Way(model=faster, size=320))
    assert node.load_detector(config).path == faster
    assert node.load_detector(config.model_copy(update={"provider": "cpu"})).path == find("default"), "as configured"
    assert choice.read(config.model_copy(update={"size": 480})) is None, "it was measured at another size"
    faster.unlink()
    assert node.load_detector(config).path == find("default")
    choice.file_of(config).write_text("{")
    assert choice.read(config) is None
    assert "bench.json cannot be read" in caplog.text


@pytest.mark.parametrize(
    ("share", "chosen"), [pytest.param(0.5, "model-int8", id="quicker"), pytest.param(1.5, "model", id="slower")]
)
def test_the_8_bit_sister_is_taken_and_run_where_it_is_quicker(
    config: EdgeConfig, monkeypatch: pytest.MonkeyPatch, share: float, chosen: str
) -> None:
    folder = config.folder().parent
    sister = Path(shutil.copy(find("default"), folder / "model-int8.onnx"))
    config = config.model_copy(update={"model": shutil.copy(find("default"), folder / "model.onnx")})
    really = measure._timed

    def timed(detector: Detector, frame: np.ndarray) -> tuple[Detections, float]:
        found, _ = really(detector, frame)
        return found, share if detector.path == sister else 1.0

    monkeypatch.setattr(measure, "_timed", timed)
    result = run_bench(config, frames=5)
    assert result.chosen.way.model.stem == chosen
    choice.save(config, result.chosen.way)
    assert node.load_detector(config).path.stem == chosen


@pytest.mark.parametrize("provider", ["openvino", "cuda", "tensorrt"])
def test_other_providers_of_this_box_agree_or_are_not_chosen(config: EdgeConfig, provider: str) -> None:
    installed = openvino_is_installed() if provider == "openvino" else provider in available_providers()
    if not installed:
        pytest.skip(f"provider {provider} is not installed here")
    result = run_bench(config, frames=5)
    one = next(each for each in result.measured if each.way.provider == provider)
    assert one.agreement > 0.97 or not one.accepted
    assert result.chosen.accepted


@pytest.mark.filterwarnings("ignore:Specified provider")
def test_a_provider_without_its_device_is_told_and_passed_over(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, tmp_path: Path
) -> None:
    monkeypatch.setattr("tapal_detector.detector.available_providers", lambda: ("cpu", "cuda"))
    path = toymodel.save(tmp_path / "toy.onnx")
    assert Detector.load(path, providers=["cuda", "cpu"]).provider == "cpu"
    assert "'cuda' is installed but does not run here" in caplog.text
    with pytest.raises(TapalError, match="check its driver"):
        Detector.load(path, providers=["cuda"])


def test_a_key_that_is_missing_is_added_at_the_end(tmp_path: Path) -> None:
    path = tmp_path / "edge.yaml"
    path.write_text("node: n\nsite: s\ncameras: [{id: c, source: 0}]")
    write_top_level(path, {"model": "/opt/models/with space.onnx"})
    assert path.read_text().endswith('\nmodel: "/opt/models/with space.onnx"\n')
    assert load(path).model == "/opt/models/with space.onnx"
