import json
import os
import urllib.error
import urllib.request
from pathlib import Path

import cv2
import numpy as np
import pytest

from tapal_contract.errors import ConfigError, TapalError
from tapal_contract.geometry import LineSpec, ZoneSpec
from tapal_edge import config_file
from tapal_edge.config import load
from tapal_edge.draw.server import Studio, serve
from tests.support.patience import PATIENCE_S
from tests.support.services.chromium import chromium, tab

LINE = LineSpec.model_validate({"id": "gate", "from": [0.45, 0.24], "to": [0.45, 0.56]})
ZONE = ZoneSpec.model_validate({"id": "booth", "kind": "counter", "polygon": [[0, 0], [0.5, 0], [0.25, 0.5]]})

BARE = """\
# the jetty at Bambangan
node: n
site: s
cameras:
  - id: one      # north
    source: rtsp://camera/1
    fps: 5  # enough here

  # the other camera
  - id: two
    lines:
      - {id: old, from: [0.1, 0.1], to: [0.1, 0.9]}
      # a remark
      - {id: older, from: [0.2, 0.1], to: [0.2, 0.9]}
    source: rtsp://camera/2
# the end
"""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "edge.yaml"
    path.write_text(BARE)
    return path


def test_lines_and_zones_are_added_and_every_remark_stays(file: Path) -> None:
    config_file.save_geometry(file, "one", [LINE], [ZONE])
    assert file.read_text() == BARE.replace(
        "    fps: 5  # enough here\n",
        "    fps: 5  # enough here\n"
        "    lines:\n"
        "      - {id: gate, from: [0.45, 0.24], to: [0.45, 0.56], inbound: left_to_right}\n"
        "    zones:\n"
        "      - {id: booth, kind: counter, polygon: [[0, 0], [0.5, 0], [0.25, 0.5]]}\n",
    )
    assert load(file).cameras[0].lines == (LINE,)
    assert load(file).cameras[0].zones == (ZONE,)
    assert (file.parent / "edge.yaml.bak").read_text() == BARE


def test_lines_that_were_there_are_replaced(file: Path) -> None:
    config_file.save_geometry(file, "two", [LINE], [])
    config = load(file)
    assert config.cameras[1].lines == (LINE,)
    assert config.cameras[0].lines == ()
    assert "# the end" in file.read_text()
    config_file.save_geometry(file, "two", [], [])
    assert load(file).cameras[1].lines == ()
    config_file.save_geometry(file, "two", [LINE], [ZONE])
    assert load(file).cameras[1].zones == (ZONE,)


@pytest.mark.parametrize(
    ("text", "camera", "says"),
    [
        pytest.param(BARE, "three", "has no camera 'three'", id="unknown-camera"),
        pytest.param("node: n\nsite: s\ncameras: [{id: one, source: 0}]\n", "one", "line 3: .*in braces", id="braces"),
    ],
)
def test_what_cannot_be_changed_is_left_alone(file: Path, text: str, camera: str, says: str) -> None:
    file.write_text(text)
    with pytest.raises(ConfigError, match=says):
        config_file.save_geometry(file, camera, [LINE], [])
    assert file.read_text() == text


def test_two_of_one_name_are_refused(file: Path) -> None:
    with pytest.raises(ConfigError, match="used twice"):
        config_file.save_geometry(file, "one", [LINE, LINE], [])
    assert file.read_text() == BARE


def jpeg(_: str) -> bytes:
    picture = np.full((360, 640, 3), 90, np.uint8)
    cv2.line(picture, (0, 250), (640, 250), (140, 140, 140), 3)
    return cv2.imencode(".jpg", picture)[1].tobytes()


@pytest.fixture
def address(file: Path):
    with serve(Studio(file, jpeg, token="word"), "127.0.0.1", 0) as address:
        yield address


def call(address: str, path: str, *, token: str = "word", body: bytes | None = None) -> tuple[int, str]:
    url = address.split("/?", maxsplit=1)[0] + path
    request = urllib.request.Request(url, data=body, headers={"X-Token": token})
    try:
        with urllib.request.urlopen(request, timeout=PATIENCE_S) as answer:
            return answer.status, answer.read().decode(errors="replace")
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.read().decode()


def test_nothing_is_told_without_the_token(address: str) -> None:
    for path in ("/", "/geometry", "/frame?camera=one"):
        assert call(address, path, token="")[0] == 403
    assert call(address, "/geometry", token="", body=b"{}")[0] == 403
    assert call(address, "/?token=word", token="")[0] == 200


def test_what_was_drawn_is_saved(address: str, file: Path) -> None:
    drawn = {"camera": "one", "lines": [LINE.model_dump(mode="json", by_alias=True)], "zones": []}
    assert call(address, "/geometry", body=json.dumps(drawn).encode()) == (200, "saved")
    cameras = json.loads(call(address, "/geometry")[1])
    assert cameras[0]["lines"][0]["id"] == "gate"


@pytest.mark.parametrize(
    ("drawn", "says"),
    [
        pytest.param({"camera": "one", "lines": [{"id": "UP", "from": [0, 0], "to": [1, 1]}]}, "lines.0.id", id="name"),
        pytest.param(
            {"camera": "one", "lines": [{"id": "low", "from": [0.1, 1], "to": [0.9, 1]}]}, "bottom edge", id="edge"
        ),
        pytest.param({"camera": "one", "surprise": 1}, "surprise", id="unknown-key"),
    ],
)
def test_what_cannot_be_watched_is_refused_with_the_reason(address: str, file: Path, drawn: dict, says: str) -> None:
    status, text = call(address, "/geometry", body=json.dumps(drawn).encode())
    assert status == 422
    assert says in text
    assert file.read_text() == BARE


def test_a_port_that_is_taken_is_one_sentence(address: str, file: Path) -> None:
    port = int(address.split(":")[2].split("/", maxsplit=1)[0])
    with pytest.raises(TapalError, match="choose another"), serve(Studio(file, jpeg), "127.0.0.1", port):
        pass


@pytest.mark.services
def test_a_technician_draws_a_line_and_a_zone_in_a_browser(address: str, file: Path) -> None:
    with chromium() as browser, tab(browser) as page:
        problems: list[str] = []
        page.on("pageerror", lambda error: problems.append(str(error)))
        page.goto(address)
        page.locator("canvas[data-ready]").wait_for()
        box = page.locator("canvas").bounding_box()
        assert box is not None

        def tap(x: float, y: float) -> None:
            page.mouse.click(box["x"] + x * box["width"], box["y"] + y * box["height"])

        page.get_by_role("button", name="Garis").click()
        tap(0.5, 0.25)
        tap(0.5, 0.75)
        page.get_by_role("button", name="Zona").click()
        for corner in ((0.1, 0.2), (0.3, 0.2), (0.3, 0.8), (0.1, 0.2)):
            tap(*corner)
        page.get_by_role("button", name="Balik arah").click()
        page.get_by_role("button", name="Simpan").click()
        page.get_by_text("Tersimpan").wait_for()
        if os.environ.get("TAPAL_SCREENSHOTS"):
            page.screenshot(path=Path(os.environ["TAPAL_SCREENSHOTS"]) / "edge-draw.png")
        assert problems == []
    camera = load(file).cameras[0]
    assert camera.lines[0].from_ == pytest.approx((0.5, 0.25), abs=0.01)
    assert camera.lines[0].inbound == "right_to_left"
    assert len(camera.zones[0].polygon) == 3
