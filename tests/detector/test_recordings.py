"""Counting on real recordings; the whole benchmark is benchmarks/counting.py."""

from pathlib import Path

import cv2
import pytest
import yaml

from benchmarks.counting import SPARED, Score, counted, pets, score
from tapal_contract.geometry import LineSpec
from tapal_detector.catalogue import find
from tapal_detector.detections import Detections
from tapal_detector.detector import Detector
from tapal_detector.tracker import TrackerSettings


def detections(video: Path, size: int, frames: int) -> tuple[list[Detections], tuple[int, int]]:
    detector = Detector.load(find("default"), size=size, labels=["person"], confidence=TrackerSettings().unsure)
    capture, found, frame_size = cv2.VideoCapture(str(video)), [], (0, 0)
    for _ in range(frames):
        read, frame = capture.read()
        if not read:
            break
        frame_size = (frame.shape[1], frame.shape[0])
        found.append(detector.detect(frame))
    capture.release()
    return found, frame_size


@pytest.mark.shared
def test_people_crossing_a_yard_looked_at_always_or_only_where_it_tells_something(shared: Path) -> None:
    recording, until = pets(), 250
    found, frame_size = detections(recording.video, 320, until)
    every, rest_fps = SPARED
    for how in ({}, {"every": every, "rest_fps": rest_fps}):
        crossings, share = counted(recording.lines, found, frame_size, recording.fps, **how)
        total = Score(0, 0, 0)
        for line in recording.lines:
            truth = [one for one in recording.truth[line.id] if one[0] < (until - 4) / recording.fps]
            total += score(crossings[line.id], truth)
        assert total.f1 >= 0.97
        assert share == 1 if not how else share < 0.45


def test_the_sample_feed(root: Path) -> None:
    card = yaml.safe_load((root / "datasets/sample/pier.yaml").read_text())
    lines = [LineSpec.model_validate(line) for line in card["lines"]]
    found, frame_size = detections(root / "datasets/sample/pier.mp4", 320, card["frames"])
    truth = [(one["time_s"], one["direction"]) for one in card["crossings"]]
    for rest_fps in (None, 2.0):
        crossings, share = counted(lines, found, frame_size, card["fps"], rest_fps=rest_fps)
        assert score(crossings[lines[0].id], truth).f1 >= 0.96
        assert share < (1.01 if rest_fps is None else 0.5)
