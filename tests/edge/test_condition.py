"""Judged on real frames: what was done to them must be named, what happens every day must not be."""

import copy
from collections.abc import Iterator
from pathlib import Path

import cv2
import numpy as np
import pytest

from tapal_edge.condition import LEARNING_LOOKS, Examiner, Limits, Reference

RECORDINGS = ["pets09-s2l1.avi", "one-by-one.mp4", "cars.mp4", "boats.mp4"]
RNG = np.random.default_rng(7)


def play(path: Path, count: int | None = None) -> Iterator[tuple[float, np.ndarray]]:
    video = cv2.VideoCapture(str(path))
    rate = video.get(cv2.CAP_PROP_FPS)
    for number in range(count or 10**9):
        good, frame = video.read()
        if not good:
            return
        yield number / rate, frame
    video.release()


@pytest.fixture(scope="module")
def yard(shared: Path) -> list[np.ndarray]:
    return [frame for _, frame in play(shared / "data" / RECORDINGS[0], 200)][::10]


@pytest.fixture(scope="module")
def learned(yard: list[np.ndarray]) -> Examiner:
    one = Examiner()
    for number, frame in enumerate(yard):
        one.look(frame, number * 2.0)
    assert one.learned
    return one


@pytest.fixture
def examiner(learned: Examiner) -> Examiner:
    """An examiner that has learned the yard."""
    return copy.deepcopy(learned)


def noisy(image: np.ndarray, deviation: float) -> np.ndarray:
    return np.clip(image + RNG.normal(0, deviation, image.shape), 0, 255).astype(np.uint8)


def soft(image: np.ndarray, sigma: float) -> np.ndarray:
    return cv2.GaussianBlur(image, (0, 0), sigma)


def rainy(image: np.ndarray) -> np.ndarray:
    wet = image.copy()
    for x, y in RNG.uniform(0, 1, (400, 2)) * [image.shape[1], image.shape[0]]:
        cv2.line(wet, (int(x), int(y)), (int(x) + 4, int(y) + 25), (200, 200, 200), 1)
    return wet


def recoded(image: np.ndarray) -> np.ndarray:
    return cv2.imdecode(cv2.imencode(".jpg", image, [cv2.IMWRITE_JPEG_QUALITY, 20])[1], 1)


CHANGES = [
    pytest.param(lambda image: noisy(image * 0.04, 4), "dark", id="lamp-failed-at-night"),
    pytest.param(
        lambda image: noisy(
            cv2.resize(cv2.resize(image, (4, 3), interpolation=cv2.INTER_AREA), image.shape[1::-1]) * 0.6, 3
        ),
        "covered",
        id="cloth-over-the-lens",
    ),
    pytest.param(lambda image: noisy(np.full_like(image, 120), 3), "covered", id="paint-on-the-lens"),
    pytest.param(lambda image: soft(image, 2), "defocused", id="out-of-focus"),
    pytest.param(lambda image: soft(image, 5), "defocused", id="far-out-of-focus"),
    pytest.param(lambda image: np.roll(image, 40, axis=1), "moved", id="pushed-aside"),
    pytest.param(lambda image: np.roll(image, 60, axis=0), "moved", id="sagging"),
    pytest.param(lambda image: image[::-1], "moved", id="upside-down"),
    pytest.param(lambda image: (255 * (image / 255) ** 0.5).astype(np.uint8), "fine", id="brighter"),
    pytest.param(lambda image: (255 * (image / 255) ** 2).astype(np.uint8), "fine", id="darker"),
    pytest.param(lambda image: (image * 0.33).astype(np.uint8), "fine", id="dusk"),
    pytest.param(lambda image: np.clip(image * 0.35 + 150, 0, 255).astype(np.uint8), "fine", id="fog"),
    pytest.param(lambda image: noisy(image, 12), "fine", id="noise"),
    pytest.param(rainy, "fine", id="rain"),
    pytest.param(recoded, "fine", id="poor-bitrate"),
]


@pytest.mark.shared
@pytest.mark.parametrize(("change", "expected"), CHANGES)
def test_what_was_done_to_a_real_view_is_named(examiner: Examiner, yard: list[np.ndarray], change, expected) -> None:
    changed = [change(frame) for frame in yard[:3]]
    told = [
        verdict.condition
        for number in range(60)
        if (verdict := examiner.look(changed[number % 3], 100 + number * 2.0)) is not None
    ]
    assert told == ([] if expected == "fine" else [expected])


@pytest.mark.shared
@pytest.mark.parametrize("name", RECORDINGS)
def test_no_false_one_over_a_recording(shared: Path, name: str) -> None:
    """All of each recording, with no time to hold on, so that not even one look may be wrong."""
    strict = Examiner(Limits(every_s=0.5, hold_s=dict.fromkeys(Limits().hold_s, 0.0)))
    told = [verdict for seconds, frame in play(shared / "data" / name) if (verdict := strict.look(frame, seconds))]
    assert told == []


@pytest.mark.shared
def test_a_view_that_comes_back_is_told_once(examiner: Examiner, yard: list[np.ndarray]) -> None:
    told = []
    for number in range(100):
        image = soft(yard[number % len(yard)], 4) if number < 50 else yard[number % len(yard)]
        verdict = examiner.look(image, 100 + number * 2.0)
        if verdict is not None:
            told.append(verdict.condition)
    assert told == ["defocused", "fine"]


@pytest.mark.shared
def test_somebody_close_to_the_lens_for_a_moment_raises_nothing(examiner: Examiner, yard: list[np.ndarray]) -> None:
    hand = np.full_like(yard[0], 90)
    looks = [hand if 10 <= number < 15 else yard[number % len(yard)] for number in range(40)]
    assert [examiner.look(image, 100 + number * 2.0) for number, image in enumerate(looks)] == [None] * 40


@pytest.mark.shared
def test_a_camera_turned_while_the_node_was_off_is_noticed(
    examiner: Examiner, yard: list[np.ndarray], tmp_path: Path
) -> None:
    assert examiner.reference is not None
    examiner.reference.save(tmp_path / "views" / "yard.npz")
    later = Examiner(reference=Reference.load(tmp_path / "views" / "yard.npz"))
    told = [later.look(np.roll(yard[number % 20], 90, axis=1), number * 2.0) for number in range(40)]
    verdicts = [verdict for verdict in told if verdict]
    assert [verdict.condition for verdict in verdicts] == ["moved"]
    assert "across" in verdicts[0].detail


def test_a_reference_that_cannot_be_read_is_learned_anew(tmp_path: Path) -> None:
    (tmp_path / "bad.npz").write_bytes(b"PK\x03\x04 not really")
    assert Reference.load(tmp_path / "bad.npz") is None
    assert Reference.load(tmp_path / "none.npz") is None


def test_nothing_but_darkness_and_cover_is_judged_before_the_view_is_learned() -> None:
    fresh = Examiner()
    image = RNG.integers(0, 256, (480, 640, 3), np.uint8)
    for number in range(LEARNING_LOOKS - 2):
        assert fresh.look(np.roll(image, 50 * number, axis=1), number * 2.0) is None
    assert not fresh.learned


def place(seed: int) -> np.ndarray:
    """A picture full of edges, another for each seed."""
    coarse = np.random.default_rng(seed).integers(0, 256, (24, 40, 3), np.uint8)
    return cv2.resize(coarse, (640, 384), interpolation=cv2.INTER_NEAREST)


def test_a_view_that_is_learned_anew_is_how_it_should_be_from_then_on() -> None:
    one, now = Examiner(), iter(np.arange(0.0, 600.0, 2.0))
    told = [one.look(place(1), next(now)) for _ in range(LEARNING_LOOKS + 2)]
    told += [one.look(place(2), next(now)) for _ in range(25)]
    assert [verdict.condition for verdict in told if verdict] == ["moved"]
    one.learn_anew()
    verdicts = [verdict for verdict in (one.look(place(2), next(now)) for _ in range(25)) if verdict]
    assert [verdict.condition for verdict in verdicts] == ["fine"]
    assert one.learned
    assert [verdict.condition for verdict in (one.look(place(1), next(now)) for _ in range(25)) if verdict] == ["moved"]
