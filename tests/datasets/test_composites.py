"""Composites and the files they are written to."""

from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest

from tapal_contract.errors import TapalError
from tapal_datasets import composites, yolofiles
from tapal_datasets.cutouts import Cutout
from tapal_datasets.yolofiles import Label


@pytest.fixture
def people() -> list[Cutout]:
    rgba = np.full((120, 40, 4), 255, np.uint8)
    rgba[..., :3] = (30, 60, 160)
    return [Cutout(1, 0, rgba)]


@pytest.fixture
def grey() -> np.ndarray:
    return np.full((240, 320, 3), 128, np.uint8)


def test_labels_survive_the_file(tmp_path: Path, grey: np.ndarray) -> None:
    yolofiles.write(tmp_path, "one", grey, [Label(2, 10, 20, 110, 60)])
    _, labels = yolofiles.read(tmp_path / "images/one.jpg")
    assert [label.number for label in labels] == [2]
    assert (labels[0].x1, labels[0].y2) == pytest.approx((10, 60), abs=0.01)


def test_a_broken_row_is_named(tmp_path: Path, grey: np.ndarray) -> None:
    yolofiles.write(tmp_path, "one", grey, [])
    (tmp_path / "labels/one.txt").write_text("0 .5 .5 .1 .1\nperson 1 2\n")
    with pytest.raises(TapalError, match="line 2"):
        yolofiles.read(tmp_path / "images/one.jpg")


def test_same_seed_same_picture(people: list[Cutout], grey: np.ndarray) -> None:
    one, two = (composites.compose(grey, [], people, np.random.default_rng(3)) for _ in range(2))
    assert np.array_equal(one[0], two[0])
    assert one[1] == two[1]
    assert one[1]


def test_labels_lie_on_what_was_pasted(people: list[Cutout], grey: np.ndarray) -> None:
    for seed in range(8):
        picture, labels = composites.compose(grey, [], people, np.random.default_rng(seed))
        changed = (picture != grey).any(axis=2)
        for label in labels:
            assert changed[int(label.y1) : int(label.y2), int(label.x1) : int(label.x2)].mean() > 0.5


def test_a_covered_label_goes(people: list[Cutout], grey: np.ndarray) -> None:
    whole = composites._Layer(Label(2, 0, 0, 100, 100), np.pad(np.ones((100, 100), bool), ((0, 140), (0, 220))))
    over = composites._Layer(Label(0, 0, 0, 100, 90), np.pad(np.ones((90, 100), bool), ((0, 150), (0, 220))))
    assert [label.number for label in composites._visible([whole, over], whole=1)] == [0]


def test_mirrored_labels_follow_the_picture(grey: np.ndarray) -> None:
    grey[50:60, 10:30] = 255
    picture, labels = composites.mirrored(grey, [Label(0, 10, 50, 30, 60)])
    assert (picture[50:60, int(labels[0].x1) : int(labels[0].x2)] == 255).all()


def test_worse_light_keeps_the_size(grey: np.ndarray) -> None:
    for seed in range(12):
        assert composites.worsened(grey, np.random.default_rng(seed)).shape == grey.shape


@pytest.mark.parametrize(
    ("name", "settings"),
    [
        pytest.param("plain", {}, id="as-default@1-learned-from"),
        pytest.param("things", {"smallest": 28, "cluttered": composites.Clutter(held_out=False)}, id="with-things"),
    ],
)
def test_a_seed_draws_what_it_drew(
    tmp_path: Path, people: list[Cutout], grey: np.ndarray, name: str, settings: dict[str, Any]
) -> None:
    """A model that ships is made again from these: whoever wants other pictures adds an option, and changes no old one.

    Labels are compared as they are, pictures by the means of some 200 pixels, as processors may round differently.
    """
    yolofiles.write(tmp_path / "base", "one", grey, [Label(2, 10, 20, 110, 60)])
    composites.make([tmp_path / "base/images/one.jpg"], people, tmp_path, count=8, seed=1, **settings)
    was = Path(__file__).parent / f"drawn/{name}.png"
    labels = "\n".join(path.read_text() for path in sorted((tmp_path / "labels").iterdir()))
    assert labels == was.with_suffix(".txt").read_text()
    pictures = [np.asarray(cv2.imread(str(path))) for path in sorted((tmp_path / "images").iterdir())]
    small = np.vstack([cv2.resize(one, (48, 27), interpolation=cv2.INTER_AREA) for one in pictures]).astype(int)
    assert np.abs(small - np.asarray(cv2.imread(str(was)), int)).max() <= 2
