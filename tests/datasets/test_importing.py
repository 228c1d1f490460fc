"""Labels of other tools come in, and broken ones are named by file and row."""

import json
from pathlib import Path

import cv2
import numpy as np
import pytest
from typer.testing import CliRunner

from tapal_contract.errors import TapalError
from tapal_datasets import cli, yolofiles
from tapal_datasets.importing import folder, formats

SIZE = (320, 240)


@pytest.fixture
def picture(tmp_path: Path) -> Path:
    path = tmp_path / "set/images/one.jpg"
    path.parent.mkdir(parents=True)
    cv2.imwrite(str(path), np.full((240, 320, 3), 90, np.uint8))
    return path


def coco_file(tmp_path: Path, **changes: object) -> Path:
    content = {
        "images": [{"id": 7, "file_name": "images/one.jpg", "width": 320, "height": 240}],
        "categories": [{"id": 1, "name": "Pedestrian"}, {"id": 9, "name": "ship"}],
        "annotations": [
            {"image_id": 7, "category_id": 1, "bbox": [10, 20, 30, 40]},
            {"image_id": 7, "category_id": 9, "bbox": [300, 200, 60, 60]},
            {"image_id": 7, "category_id": 1, "bbox": [0, 0, 320, 240], "iscrowd": 1},
        ],
    }
    path = tmp_path / "set/labels.json"
    path.parent.mkdir(exist_ok=True)
    path.write_text(json.dumps({**content, **changes}))
    return path


def test_coco_boxes_get_our_names_and_stay_in_the_picture(tmp_path: Path, picture: Path) -> None:
    assert folder.import_coco(coco_file(tmp_path), tmp_path / "set", tmp_path / "out") == (1, 2)
    _, labels = yolofiles.read(tmp_path / "out/images/one.jpg")
    assert [label.number for label in labels] == [0, 6]
    assert (labels[0].x1, labels[0].y2) == pytest.approx((10, 60), abs=0.01)
    assert (labels[1].x2, labels[1].y2) == pytest.approx((320, 240), abs=0.01)


def test_yolo_classes_follow_the_names_of_their_own_data_yaml(tmp_path: Path, picture: Path) -> None:
    (tmp_path / "set/labels").mkdir()
    (tmp_path / "set/labels/one.txt").write_text("1 0.5 0.5 0.5 0.5\n")
    (tmp_path / "set/data.yaml").write_text("names: [car, boat]\n")
    assert folder.import_yolo(tmp_path / "set/data.yaml", tmp_path / "out") == (1, 1)
    _, labels = yolofiles.read(tmp_path / "out/images/one.jpg")
    assert labels[0].number == 6
    assert (labels[0].x1, labels[0].y2) == pytest.approx((80, 180), abs=0.01)


def test_pictures_and_labels_that_are_ours_already_come_in_as_they_are(tmp_path: Path, picture: Path) -> None:
    """A JPEG packed again loses a little, a box cut at the edge by a rounding moves a little: with every import."""
    noise = np.random.default_rng(1).integers(0, 255, (240, 320, 3), np.uint8)
    cv2.imwrite(str(picture), noise, [cv2.IMWRITE_JPEG_QUALITY, 60])
    text = "0 0.604818 0.163194 0.082031 0.326389\n6 0.916666 0.500000 0.166669 0.100000\n"
    (tmp_path / "set/labels").mkdir()
    (tmp_path / "set/labels/one.txt").write_text(text)
    folder.import_yolo(tmp_path / "set", tmp_path / "out")
    assert (tmp_path / "out/images/one.jpg").read_bytes() == picture.read_bytes()
    assert (tmp_path / "out/labels/one.txt").read_text() == text


def test_mot_labels_of_the_sample_come_in_whole(root: Path, tmp_path: Path) -> None:
    source = root / "datasets/sample"
    pictures, boxes = folder.import_mot(source / "pier.gt.txt", source / "pier.mp4", tmp_path, every=50)
    frames = [int(line.split(",")[0]) for line in (source / "pier.gt.txt").read_text().splitlines()]
    assert boxes == sum((frame - 1) % 50 == 0 for frame in frames)
    assert pictures == len(list((tmp_path / "labels").iterdir()))


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        pytest.param("1,1,10,10,5\n", "line 1: 5 columns", id="too-few-columns"),
        pytest.param("1,1,10,10,5,5\n\n1,2,ten,10,5,5\n", "line 3: 'ten' is not a number", id="not-a-number"),
        pytest.param("0,1,10,10,5,5\n", "frame 0 is not", id="frame-from-0"),
        pytest.param("1,1,10,10,nan,5\n", "not a finite number", id="nan"),
        pytest.param("1,1,10,10,0,5\n", "is empty", id="no-width"),
        pytest.param("1,1,900,10,5,5\n", "outside the picture", id="outside"),
        pytest.param("1,1,10,10,5,5,0\n", "hold no box", id="all-ignored"),
    ],
)
def test_broken_mot_rows(tmp_path: Path, text: str, sentence: str) -> None:
    (tmp_path / "gt.txt").write_text(text)
    with pytest.raises(TapalError, match=sentence):
        formats.mot(tmp_path / "gt.txt", SIZE)


def test_labels_that_are_not_there_are_not_called_badly_written(tmp_path: Path) -> None:
    (tmp_path / "gt.txt").write_bytes(b"\xff\xfe")
    for name, sentence in (("gt.txt", "are not UTF-8 text"), ("none.txt", "cannot be read .No such file")):
        with pytest.raises(TapalError, match=sentence):
            formats.mot(tmp_path / name, SIZE)


def test_mot16_classes_that_are_not_ours_are_left_out(tmp_path: Path) -> None:
    (tmp_path / "gt.txt").write_text("1,1,10,10,5,5,1,1,1.0\n1,2,10,10,5,5,1,3,1.0\n1,3,10,10,5,5,1,12,0.5\n")
    assert [box.label for box in formats.mot(tmp_path / "gt.txt", SIZE)[1]] == ["person", "car"]


@pytest.mark.parametrize(
    ("row", "sentence"),
    [
        pytest.param("0 .5 .5 .1", "4 values", id="too-few"),
        pytest.param("9 .5 .5 .1 .1", "class 9", id="unknown-class"),
        pytest.param("0 160 120 20 20", "look like pixels", id="pixels"),
    ],
)
def test_broken_yolo_rows(tmp_path: Path, row: str, sentence: str) -> None:
    (tmp_path / "one.txt").write_text(f"0 .5 .5 .1 .1\n{row}\n")
    with pytest.raises(TapalError, match=f"line 2: .*{sentence}"):
        formats.yolo(tmp_path / "one.txt", SIZE)


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        pytest.param({"images": None}, "no list 'images'", id="no-images"),
        pytest.param({"annotations": [{"image_id": 7, "category_id": 1}]}, r"\[0\]: bbox is missing", id="no-bbox"),
        pytest.param(
            {"annotations": [{"image_id": 8, "category_id": 1, "bbox": [1, 1, 5, 5]}]}, "image_id 8", id="no-image"
        ),
        pytest.param({"categories": [{"id": 1, "name": "dog"}]}, "label 'dog' is unknown", id="unknown-label"),
    ],
)
def test_broken_coco_files(tmp_path: Path, changes: dict[str, object], sentence: str) -> None:
    with pytest.raises(TapalError, match=sentence):
        formats.coco(coco_file(tmp_path, **changes))


def test_json_that_is_none_names_its_line(tmp_path: Path) -> None:
    (tmp_path / "x.json").write_text('{"images":\n oops}')
    with pytest.raises(TapalError, match="line 2: not JSON"):
        formats.coco(tmp_path / "x.json")


def test_mot_without_its_video_is_one_sentence_and_status_2(tmp_path: Path) -> None:
    result = CliRunner().invoke(cli.app, ["import", "gt.txt", "--format", "mot", "--out", str(tmp_path)])
    assert result.exit_code == 2
    assert "--video" in result.stderr
