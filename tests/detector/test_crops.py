from pathlib import Path

import numpy as np

from tapal_detector.crops import detect_with_regions, merge
from tapal_detector.detections import Detections
from tapal_detector.detector import Detector
from tests.support import toymodel


def test_a_far_person_seen_in_two_views_is_one_person() -> None:
    whole = Detections.of([[100, 100, 110, 130]], ["person"], [0.3])
    region = Detections.of([[101, 100, 110, 131]], ["person"], [0.8])
    found = merge([whole, region])
    assert len(found) == 1
    assert found.confidences[0] == np.float32(0.8)


def test_a_part_of_somebody_is_not_somebody_else() -> None:
    whole = Detections.of([[100, 100, 140, 200]], ["person"], [0.6])
    region = Detections.of([[100, 100, 140, 150]], ["person"], [0.9])
    np.testing.assert_allclose(merge([whole, region]).boxes, [[100, 100, 140, 200]])


def test_labels_do_not_hide_each_other() -> None:
    found = merge([Detections.of([[0, 0, 50, 50]], ["boat"]), Detections.of([[10, 10, 20, 30]], ["person"])])
    assert sorted(found.labels) == ["boat", "person"]


def test_nothing_seen_is_nothing() -> None:
    assert len(merge([Detections.none(), Detections.none()])) == 0


def test_region_boxes_lie_in_the_frame_and_cut_ones_are_dropped(tmp_path: Path) -> None:
    rows = np.array([[10, 10, 20, 40, 0.9, 0], [0, 10, 9, 40, 0.8, 0]], np.float32)
    detector = Detector.load(toymodel.save(tmp_path / "toy.onnx", output=rows), threads=1)
    found = detect_with_regions(detector, np.zeros((128, 128, 3), np.uint8), [(0.5, 0.5, 1, 1)])
    boxes = {tuple(float(v) for v in box) for box in found.boxes}
    # The whole frame is shown at half size, so boxes there double; the region is shown as it is, from (64, 64).
    assert boxes == {(20, 20, 40, 80), (0, 20, 18, 80), (74, 74, 84, 104)}
