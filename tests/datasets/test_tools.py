"""Exports of CVAT and Label Studio, as those tools write them."""

import json
from pathlib import Path

import cv2
import numpy as np
import pytest
from typer.testing import CliRunner

from tapal_contract.errors import TapalError
from tapal_datasets import cli, provenance, yolofiles
from tapal_datasets.importing import cvat, folder, label_studio

SIZE = (320, 240)
CVAT_IMAGES = """<?xml version="1.0" encoding="utf-8"?>
<annotations><version>1.1</version>
 <image id="0" name="one.jpg" width="320" height="240">
  <box label="person" source="manual" occluded="0" xtl="10" ytl="20" xbr="40" ybr="90" z_order="0"></box>
  <box label="ship" source="manual" occluded="0" xtl="300" ytl="200" xbr="340" ybr="230" z_order="0"></box>
 </image>
 <image id="1" name="two.jpg" width="320" height="240"></image>
</annotations>"""
CVAT_VIDEO = """<?xml version="1.0" encoding="utf-8"?>
<annotations><version>1.1</version>
 <track id="0" label="person">
  <box frame="0" keyframe="1" outside="0" occluded="0" xtl="10" ytl="20" xbr="40" ybr="90"/>
  <box frame="4" keyframe="1" outside="0" occluded="0" xtl="50" ytl="20" xbr="80" ybr="90"/>
  <box frame="6" keyframe="1" outside="1" occluded="0" xtl="50" ytl="20" xbr="80" ybr="90"/>
 </track>
</annotations>"""


def rectangle(**changes: object) -> dict[str, object]:
    value = {"x": 10, "y": 25, "width": 20, "height": 50, "rotation": 0, "rectanglelabels": ["person"]}
    result = {"type": "rectanglelabels", "original_width": 320, "original_height": 240, "value": {**value, **changes}}
    return {"id": 5, "data": {"image": "/data/upload/1/0a1b2c3d-one.jpg"}, "annotations": [{"result": [result]}]}


@pytest.fixture
def pictures(tmp_path: Path) -> Path:
    for name in ("one", "two"):
        cv2.imwrite(str(tmp_path / f"{name}.jpg"), np.full((240, 320, 3), 90, np.uint8))
    return tmp_path


@pytest.fixture
def video(tmp_path: Path) -> Path:
    path = tmp_path / "clip.avi"
    writer = cv2.VideoWriter(str(path), cv2.VideoWriter.fourcc(*"MJPG"), 10, SIZE)
    for number in range(8):
        writer.write(np.full((240, 320, 3), 20 * number, np.uint8))
    writer.release()
    return path


def test_cvat_pictures_come_in_with_the_empty_one(pictures: Path, tmp_path: Path) -> None:
    (tmp_path / "a.xml").write_text(CVAT_IMAGES)
    out = tmp_path / "out"
    options = ["--format", "cvat", "--out", str(out), "--camera", "gate", "--licence", "office", "--day", "2026-03-02"]
    result = CliRunner().invoke(cli.app, ["import", str(tmp_path / "a.xml"), *options, "--json"])
    assert result.exit_code == 0, result.output
    assert json.loads(result.output) == {"folder": str(out), "pictures": 2, "boxes": 2}
    assert yolofiles.read(out / "images/two.jpg")[1] == []
    boat = yolofiles.read(out / "images/one.jpg")[1][1]
    assert (boat.number, round(boat.x2)) == (6, 320)  # cut at the picture's edge
    assert str(provenance.read(out).day) == "2026-03-02"


def test_cvat_tracks_are_filled_in_and_end_where_the_person_leaves(video: Path, tmp_path: Path) -> None:
    (tmp_path / "v.xml").write_text(CVAT_VIDEO)
    found = cvat.of_video(tmp_path / "v.xml", SIZE)
    assert sorted(found) == [1, 2, 3, 4, 5, 6]
    assert found[3][0].x1 == pytest.approx(30)
    assert folder.import_cvat(tmp_path / "v.xml", tmp_path / "out", video=video, images=tmp_path) == (6, 6)


def test_label_studio_percentages_become_pixels(pictures: Path, tmp_path: Path) -> None:
    skipped = {"id": 6, "data": {"image": "two.jpg"}, "annotations": [{"was_cancelled": True, "result": []}]}
    (tmp_path / "l.json").write_text(json.dumps([rectangle(), skipped]))
    assert folder.import_label_studio(tmp_path / "l.json", tmp_path / "out", video=None, images=tmp_path) == (1, 1)
    (box,) = yolofiles.read(tmp_path / "out/images/one.jpg")[1]
    assert (box.x1, box.y1, box.x2, box.y2) == pytest.approx((32, 60, 96, 180), abs=0.01)


def test_label_studio_video_rectangles_are_filled_in(tmp_path: Path) -> None:
    sequence = [
        {"frame": 2, "enabled": True, "x": 0, "y": 0, "width": 10, "height": 50, "rotation": 0},
        {"frame": 4, "enabled": False, "x": 20, "y": 0, "width": 10, "height": 50, "rotation": 0},
        {"frame": 7, "enabled": False, "x": 20, "y": 0, "width": 10, "height": 50, "rotation": 0},
    ]
    result = {"type": "videorectangle", "value": {"sequence": sequence, "labels": ["person"]}}
    (tmp_path / "l.json").write_text(json.dumps([{"data": {"video": "v.mp4"}, "annotations": [{"result": [result]}]}]))
    found = label_studio.of_video(tmp_path / "l.json", SIZE)
    assert sorted(found) == [2, 3, 4, 7]
    assert found[3][0].x1 == pytest.approx(32)


@pytest.mark.parametrize(
    ("reader", "content", "sentence"),
    [
        pytest.param(cvat.of_images, "<annotations>", "line 1: not XML", id="cvat-cut"),
        pytest.param(cvat.of_images, "<annotations/>", "holds no image", id="cvat-empty"),
        pytest.param(cvat.of_images, "<!DOCTYPE a [<!ENTITY b 'c'>]><a/>", "document type", id="cvat-entities"),
        pytest.param(cvat.of_images, CVAT_IMAGES.replace('xtl="10"', ""), "no 'xtl'", id="cvat-no-edge"),
        pytest.param(cvat.of_images, CVAT_IMAGES.replace('"ship"', '"whale"'), "'whale' is unknown", id="cvat-label"),
        pytest.param(cvat.of_images, CVAT_IMAGES.replace('xtl="10"', 'xtl="ten"'), "'ten' is not a", id="cvat-word"),
        pytest.param(label_studio.of_images, "{", "line 1: not JSON", id="ls-cut"),
        pytest.param(label_studio.of_images, "{}", "not a list of tasks", id="ls-other"),
        pytest.param(label_studio.of_images, '[{"id": 3}]', "task 3: has no list of annotations", id="ls-min"),
        pytest.param(label_studio.of_images, "[]", "no labelled picture", id="ls-empty"),
        pytest.param(label_studio.of_images, json.dumps([rectangle(rotation=8)]), "draw it upright", id="ls-turned"),
        pytest.param(
            label_studio.of_images, json.dumps([rectangle(rectanglelabels=["a", "b"])]), "must have one", id="ls-labels"
        ),
        pytest.param(label_studio.of_images, json.dumps([rectangle(width=0)]), "is empty", id="ls-empty-box"),
    ],
)
def test_broken_exports_are_explained(tmp_path: Path, reader: object, content: str, sentence: str) -> None:
    (tmp_path / "labels").write_text(content)
    with pytest.raises(TapalError, match=sentence):
        reader(tmp_path / "labels")  # type: ignore[operator]  # a function of the table
