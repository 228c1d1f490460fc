from pathlib import Path

import numpy as np
import pytest

from tapal_contract.errors import TapalError
from tapal_detector.detector import Detector
from tests.support import toymodel

FRAME = np.zeros((64, 64, 3), np.uint8)


@pytest.mark.parametrize(
    "options",
    [
        pytest.param({}, id="fixed-float32"),
        pytest.param({"half": True}, id="fixed-float16"),
        pytest.param({"shape": ("batch", 3, "height", "width")}, id="dynamic"),
        pytest.param({"shape": ("batch", 3, "height", "width"), "half": True}, id="dynamic-float16"),
        pytest.param({"shape": (4, 3, 64, 64)}, id="fixed-batch-of-four"),
    ],
)
def test_raw_head_gives_one_box_for_each_thing(tmp_path: Path, options: dict) -> None:
    detector = Detector.load(toymodel.save(tmp_path / "toy.onnx", **options), threads=1)
    for found in detector.detect_batch([FRAME, FRAME, FRAME]):
        assert found.labels == ("person", "boat", "person")
        np.testing.assert_allclose(found.confidences, [0.9, 0.7, 0.6], atol=1e-3)
        np.testing.assert_allclose(found.boxes[0], [15, 10, 25, 30], atol=0.1)


def test_end_to_end_head_is_only_filtered(tmp_path: Path) -> None:
    found = Detector.load(toymodel.save(tmp_path / "toy.onnx", output=toymodel.ROWS), threads=1).detect(FRAME)
    assert found.labels == ("person", "boat")
    np.testing.assert_allclose(found.boxes, [[15, 10, 25, 30]] * 2)


def test_boxes_come_back_in_pixels_of_the_frame(tmp_path: Path) -> None:
    detector = Detector.load(toymodel.save(tmp_path / "toy.onnx"), threads=1)
    wide = detector.detect(np.zeros((100, 200, 3), np.uint8))
    # 200 x 100 fits 64 x 64 at 0.32 with 16 rows above and below.
    np.testing.assert_allclose(wide.boxes[0], [15 / 0.32, 0, 25 / 0.32, 14 / 0.32], atol=0.1)


def test_frames_of_different_sizes_in_one_batch_keep_their_order(tmp_path: Path) -> None:
    path = toymodel.save(tmp_path / "toy.onnx", shape=("batch", 3, "height", "width"))
    detector = Detector.load(path, threads=1)
    frames = [np.zeros((64, 64, 3), np.uint8), np.zeros((32, 64, 3), np.uint8), np.zeros((128, 128, 3), np.uint8)]
    together = detector.detect_batch(frames)
    for frame, found in zip(frames, together, strict=True):
        np.testing.assert_array_equal(found.boxes, detector.detect(frame).boxes)


def test_only_wanted_labels(tmp_path: Path) -> None:
    found = Detector.load(toymodel.save(tmp_path / "toy.onnx"), labels=["boat"], threads=1).detect(FRAME)
    assert found.labels == ("boat",)


def test_confidence_is_a_strict_bound(tmp_path: Path) -> None:
    found = Detector.load(toymodel.save(tmp_path / "toy.onnx"), confidence=0.75, threads=1).detect(FRAME)
    assert found.labels == ("person",)


def test_size_of_a_dynamic_model_is_rounded_up_to_its_stride(tmp_path: Path) -> None:
    path = toymodel.save(tmp_path / "toy.onnx", shape=("batch", 3, "height", "width"))
    assert Detector.load(path, size=70, threads=1).size == (96, 96)
    assert Detector.load(path, threads=1).size == (64, 64)


def test_version_is_told_apart_by_content_or_by_the_card(tmp_path: Path) -> None:
    plain = Detector.load(toymodel.save(tmp_path / "pier.onnx"), threads=1).name_version
    assert plain.startswith("pier@")
    assert len(plain) == len("pier@") + 8
    named = toymodel.save(tmp_path / "x.onnx", metadata=toymodel.without(tapal_name="pier", tapal_version="1.2.0"))
    assert Detector.load(named, threads=1).name_version == "pier@1.2.0"


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        pytest.param({"metadata": {}}, "carries no 'names'", id="no-metadata"),
        pytest.param({"metadata": toymodel.without(task="pose")}, "the task 'pose'", id="wrong-task"),
        pytest.param({"metadata": toymodel.without(names="{0: 'a'")}, "unreadable 'names'", id="broken-names"),
        pytest.param({"metadata": toymodel.without(names="{1: 'a'}")}, "count from 0", id="names-from-one"),
        pytest.param({"metadata": toymodel.without(imgsz="'big'")}, "unusable 'imgsz'", id="broken-size"),
        pytest.param({"metadata": toymodel.without(names="{0: 'a'}")}, "gives 1x6x5, not 1x5xA", id="wrong-labels"),
        pytest.param({"output": np.zeros((3, 3), np.float32)}, "gives 1x3x3", id="wrong-head"),
        pytest.param({"shape": (1, 1, 64, 64)}, "takes 1 channels", id="grey"),
    ],
)
def test_a_model_that_is_no_detect_export_is_one_sentence(tmp_path: Path, options: dict, sentence: str) -> None:
    path = toymodel.save(tmp_path / "toy.onnx", **options)
    with pytest.raises(TapalError, match=r"^model '.*toy\.onnx' [^\n]*yolo export format=onnx`$") as error:
        Detector.load(path, threads=1)
    assert sentence in str(error.value)


def test_a_file_that_is_no_onnx_is_one_sentence(tmp_path: Path) -> None:
    path = tmp_path / "weights.onnx"
    path.write_bytes(b"PK\x03\x04 a torch checkpoint")
    with pytest.raises(TapalError, match=r"^model '.*weights\.onnx' is not an ONNX file[^\n]*$"):
        Detector.load(path)


def test_a_missing_file_is_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(TapalError, match=r"no\.onnx' cannot be read"):
        Detector.load(tmp_path / "no.onnx")


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        pytest.param({"size": 128}, "is fixed to 64x64 and cannot run at 128x128", id="size-of-a-fixed-model"),
        pytest.param({"labels": ["ghost"]}, "does not know the label 'ghost'; choose among person, boat", id="label"),
        pytest.param({"providers": ["tpu"]}, "provider 'tpu' is not available", id="provider"),
    ],
)
def test_an_option_the_model_cannot_do_is_one_sentence(tmp_path: Path, options: dict, sentence: str) -> None:
    path = toymodel.save(tmp_path / "toy.onnx")
    with pytest.raises(TapalError) as error:
        Detector.load(path, **options)
    assert sentence in str(error.value)
