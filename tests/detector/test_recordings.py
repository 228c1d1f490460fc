"""Counting on real recordings; the whole benchmark is benchmarks/counting.py."""

from pathlib import Path

import cv2
import pytest
import yaml

from benchmarks.counting import Score, pets, score
from tapal_contract.geometry import LineSpec
from tapal_detector.catalogue import find
from tapal_detector.detector import Detector
from tapal_detector.scene import Scene
from tapal_detector.seen import CrossingSeen
from tapal_detector.tracker import TrackerSettings


def crossings(video: Path, lines: list[LineSpec], fps: float, size: int, frames: int) -> list[CrossingSeen]:
    detector = Detector.load(find("default"), size=size, labels=["person"], confidence=TrackerSettings().unsure)
    capture, scene, found = cv2.VideoCapture(str(video)), None, []
    for number in range(frames):
        read, frame = capture.read()
        if not read:
            break
        scene = scene or Scene(lines, [], (frame.shape[1], frame.shape[0]))
        found += scene.update(detector.detect(frame), number / fps)
    capture.release()
    assert scene is not None
    return [one for one in found + scene.finish() if isinstance(one, CrossingSeen)]


@pytest.mark.shared
def test_people_crossing_a_yard(shared: Path) -> None:
    recording, until = pets(), 250
    found = crossings(recording.video, list(recording.lines), recording.fps, 320, until)
    total = Score(0, 0, 0)
    for line in recording.lines:
        truth = [one for one in recording.truth[line.id] if one[0] < (until - 4) / recording.fps]
        total += score([(one.time_s, one.direction) for one in found if one.line == line.id], truth)
    assert total.f1 >= 0.97


def test_the_sample_feed(root: Path) -> None:
    card = yaml.safe_load((root / "datasets/sample/pier.yaml").read_text())
    lines = [LineSpec.model_validate(line) for line in card["lines"]]
    found = crossings(root / "datasets/sample/pier.mp4", lines, card["fps"], 320, card["frames"])
    truth = [(one["time_s"], one["direction"]) for one in card["crossings"]]
    assert score([(one.time_s, one.direction) for one in found], truth).f1 >= 0.96
