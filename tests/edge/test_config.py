from pathlib import Path

import pytest

from tapal_contract.errors import ConfigError
from tapal_edge.config import Camera, Clips, EdgeConfig, Metrics, Mqtt, Pair, Privacy, load, require_labels

GOOD = """\
node: nunukan-01
site: tunon-taka
mqtt: {url: mqtts://broker:8883}
model: default
cameras:
  - id: gate-1
    source: rtsp://10.0.0.7/stream
    fps: 7
    labels: [person]
    lines:
      - {id: gate, from: [0.45, 0.24], to: [0.45, 0.56], inbound: left_to_right}
    zones:
      - {id: counters, kind: counter, polygon: [[0.1, 0.2], [0.3, 0.2], [0.3, 0.9], [0.1, 0.9]]}
"""


def write(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "edge.yaml"
    path.write_text(text)
    return path


def test_the_example_of_the_design_is_read(tmp_path: Path) -> None:
    config = load(write(tmp_path, GOOD))
    assert config.cameras[0].lines[0].id == "gate"
    assert config.mqtt is not None
    assert (config.mqtt.host, config.mqtt.port, config.mqtt.tls) == ("broker", 8883, True)


LINE = "      - {id: gate, from: [0.45, 0.24], to: [0.45, 0.56], inbound: left_to_right}\n"
CAMERA = GOOD[GOOD.index("  - id: gate-1") :]


@pytest.mark.parametrize(
    ("text", "says"),
    [
        pytest.param(
            GOOD.replace("fps: 7", "frames: 7"), "line 8, cameras[0].frames: unknown key 'frames'", id="unknown-key"
        ),
        pytest.param(GOOD.replace("0.56", "1.2"), "line 11, cameras[0].lines[0].to[1]: ", id="line-off-the-frame"),
        pytest.param(
            GOOD.replace(LINE, LINE + LINE), "line 12, cameras[0].lines[1].id: line id 'gate' is used twice", id="line"
        ),
        pytest.param(GOOD + CAMERA, "line 14, cameras[1].id: camera id 'gate-1' is used twice", id="camera-twice"),
        pytest.param(GOOD.replace("mqtts://", "http://"), "line 3, mqtt.url: a broker address is", id="not-a-broker"),
        pytest.param(
            GOOD.replace("mqtts://", "mqtts://me:word@"), "line 3, mqtt.url: leave the password out", id="password"
        ),
        pytest.param(GOOD.replace("[person]", "[]"), "line 9, cameras[0].labels: ", id="no-label"),
        pytest.param(
            GOOD + "privacy: {blur: none}\n", "line 14, privacy: blur: none needs a 'reason'", id="unblurred-no-reason"
        ),
        pytest.param(GOOD.replace("node: nunukan-01\n", ""), "'node' is missing; add it", id="no-node"),
        pytest.param(GOOD.replace("source: rtsp://10.0.0.7/stream", "source: ''"), "a source is", id="no-source"),
    ],
)
def test_a_mistake_is_one_sentence_with_file_line_and_key(tmp_path: Path, text: str, says: str) -> None:
    with pytest.raises(ConfigError) as caught:
        load(write(tmp_path, text))
    assert str(tmp_path / "edge.yaml") in str(caught.value)
    assert says in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_label_the_model_lacks_names_its_line(tmp_path: Path) -> None:
    path = write(tmp_path, GOOD.replace("[person]", "[person, unicorn]"))
    with pytest.raises(ConfigError, match=r"line 9, cameras\[0\].labels\[1\]: .*no label 'unicorn'.*boat, person"):
        require_labels(load(path), path, ["person", "boat"])


def test_a_file_source_is_looked_for_beside_the_configuration(tmp_path: Path) -> None:
    (tmp_path / "pier.mp4").write_bytes(b"")
    config = load(write(tmp_path, GOOD.replace("rtsp://10.0.0.7/stream", "pier.mp4")))
    assert config.cameras[0].source == str(tmp_path / "pier.mp4")


def test_the_password_comes_from_its_file_else_from_the_environment(tmp_path: Path) -> None:
    file = tmp_path / "password"
    file.write_text("from the file\n")
    assert Mqtt(url="mqtt://b", password_file=file).password({}) == "from the file"
    assert Mqtt(url="mqtt://b").password({"TAPAL_MQTT_PASSWORD": "from the environment"}) == "from the environment"
    with pytest.raises(ConfigError, match="password_file"):
        Mqtt(url="mqtt://b", password_file=tmp_path / "none").password({})


@pytest.mark.parametrize(
    ("environment", "folder"),
    [
        pytest.param({"STATE_DIRECTORY": "/var/lib/tapal"}, "/var/lib/tapal", id="under-systemd"),
        pytest.param({"XDG_STATE_HOME": "/x"}, "/x/tapal/n", id="xdg"),
        pytest.param({"HOME": "/home/me"}, "/home/me/.local/state/tapal/n", id="home"),
    ],
)
def test_files_are_kept_where_the_system_says(environment: dict[str, str], folder: str) -> None:
    config = EdgeConfig.model_validate({"node": "n", "site": "s", "cameras": [{"id": "c", "source": 0}]})
    assert config.folder(environment) == Path(folder)


@pytest.mark.parametrize("name", ["edge.yaml", "pier.yaml"])
def test_the_examples_are_read(root: Path, name: str) -> None:
    assert load(root / "edge" / "examples" / name).cameras


def test_the_example_tells_every_key(root: Path) -> None:
    text = (root / "edge" / "examples" / "edge.yaml").read_text()
    for model in (EdgeConfig, Mqtt, Privacy, Clips, Metrics, Pair, Camera):
        for key in model.model_fields:
            assert f"{key}:" in text, f"{model.__name__}.{key} is not in the example"
