"""The shipped sample, and the code that knows where its people walk."""

from pathlib import Path

import cv2
import numpy as np
import pytest
import yaml

from tapal_contract.geometry import LineSpec, ZoneSpec
from tapal_datasets import cutouts, pier, sample
from tapal_datasets.walkers import Stop, Walker, cast


@pytest.fixture(scope="module")
def folder(root: Path) -> Path:
    return root / "datasets/sample"


def test_clip_is_small_and_as_long_as_its_yaml_says(folder: Path) -> None:
    about = yaml.safe_load((folder / "pier.yaml").read_text())
    assert (folder / "pier.mp4").stat().st_size <= 3_000_000
    capture = cv2.VideoCapture(str(folder / "pier.mp4"))
    assert [int(capture.get(k)) for k in (cv2.CAP_PROP_FRAME_WIDTH, cv2.CAP_PROP_FRAME_HEIGHT)] == about["size"]
    assert int(capture.get(cv2.CAP_PROP_FRAME_COUNT)) == about["frames"]
    assert capture.get(cv2.CAP_PROP_FPS) == about["fps"]


def test_yaml_speaks_the_contract(folder: Path) -> None:
    about = yaml.safe_load((folder / "pier.yaml").read_text())
    assert [LineSpec.model_validate(line).id for line in about["lines"]] == ["gate"]
    assert [ZoneSpec.model_validate(zone).kind for zone in about["zones"]] == ["counter"]


def test_truth_is_what_the_walkers_do(folder: Path) -> None:
    about = yaml.safe_load((folder / "pier.yaml").read_text())
    walked = sorted((t, d, w.name) for w in cast() for t, d in w.crossings(sample.FPS))
    assert [(c["time_s"], c["direction"], c["person"]) for c in about["crossings"]] == [
        (round(t, 3), d, n) for t, d, n in walked
    ]
    assert {c["direction"] for c in about["crossings"]} == {"inbound", "outbound"}


def test_clip_is_empty_at_both_ends_so_that_it_loops(folder: Path) -> None:
    frames = {int(line.split(",")[0]) for line in (folder / "pier.gt.txt").read_text().splitlines()}
    assert min(frames) > 3
    assert max(frames) < sample.SECONDS * sample.FPS - 3


def test_attribution_names_source_licence_and_changes(folder: Path) -> None:
    text = (folder / "ATTRIBUTION.txt").read_text()
    assert text == sample.ATTRIBUTION
    assert "CC BY 4.0" in text
    assert "Changes made" in text


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        pytest.param([Stop(0, 400), Stop(960, 400)], ["inbound"], id="to-the-right"),
        pytest.param([Stop(960, 400), Stop(0, 400)], ["outbound"], id="to-the-left"),
        pytest.param([Stop(0, 400), Stop(400, 400)], [], id="turns-before-the-line"),
        pytest.param([Stop(0, 400), Stop(900, 400, 2.0), Stop(0, 380)], ["inbound", "outbound"], id="comes-back"),
    ],
)
def test_crossings_of_a_path(path: list[Stop], expected: list[str]) -> None:
    assert [direction for _, direction in Walker(1, 1, 0.0, path).crossings(10)] == expected


def test_feet_move_with_the_ground() -> None:
    walker = Walker(1, 1, 0.0, [Stop(0, 400), Stop(700, 400)], speed=1.4)
    before, after = walker.at(1.0), walker.at(2.0)
    assert before is not None
    assert after is not None
    assert after.metres - before.metres == pytest.approx(1.4)
    assert after.x - before.x == pytest.approx(1.4 * pier.pixels_per_metre(400))


def test_scene_is_the_same_every_time_and_its_water_moves() -> None:
    one, two = pier.draw(), pier.draw()
    assert np.array_equal(one.frame(0.25), two.frame(0.25))
    assert not np.array_equal(one.frame(0.0), one.frame(0.25))
    assert np.array_equal(one.frame(0.0)[pier.DECK :], one.frame(0.25)[pier.DECK :])


def test_a_cut_out_is_the_thing_that_was_not_there_before() -> None:
    background = np.full((200, 200, 3), 180, np.uint8)
    frame = background.copy()
    frame[40:180, 80:120] = (40, 60, 120)
    rgba = cutouts.cut(frame, background)
    assert rgba.shape[0] == pytest.approx(140, abs=6)
    assert (rgba[70:120, 10:30, 3] > 250).all()


def test_a_blurred_head_holds_no_detail() -> None:
    board = np.indices((200, 80)).sum(axis=0) // 4 % 2 * 255
    rgba = np.dstack([board.astype(np.uint8)] * 3 + [np.full((200, 80), 255, np.uint8)])
    blurred = cutouts.blur_head(rgba)
    assert blurred[5:25, 5:-5, :3].std() < 8
    assert np.array_equal(blurred[60:], rgba[60:])


@pytest.mark.shared
def test_the_sample_is_made_again_frame_for_frame(shared: Path, folder: Path, tmp_path: Path) -> None:
    sample.build(shared / "data/one-by-one.mp4", tmp_path, seconds=5)
    made, shipped = cv2.VideoCapture(str(tmp_path / "pier.mp4")), cv2.VideoCapture(str(folder / "pier.mp4"))
    for _ in range(0, 50, 10):
        (_, a), (_, b) = made.read(), shipped.read()
        assert np.abs(a.astype(int) - b).mean() < 2
