"""Places to choose by: what their files say of boxes and crossings is what is in the pictures."""

from pathlib import Path

import cv2
import numpy as np
import pytest

from tapal_contract.errors import TapalError
from tapal_datasets import places, sample, yolofiles
from tapal_datasets.cutouts import Cutout
from tapal_datasets.yolofiles import Label
from tapal_detector.detections import Detections
from tapal_models import crossings, evaluation, exam

SECONDS = 12


@pytest.fixture(scope="module")
def people() -> list[Cutout]:
    rgba = np.full((120, 40, 4), 255, np.uint8)
    rgba[..., :3] = (30, 60, 160)
    return [Cutout(5, frame, rgba) for frame in sample.WALKING[5]]


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """An empty road, and one with somebody on it already."""
    folder = tmp_path_factory.mktemp("base")
    grey = np.full((216, 384, 3), 128, np.uint8)
    yolofiles.write(folder, "empty", grey, [Label(2, 10, 20, 110, 60)])
    yolofiles.write(folder, "walked", grey // 2, [Label(0, 10, 20, 30, 60)])
    return sorted((folder / "images").glob("*.jpg"))


@pytest.fixture(scope="module")
def made(people: list[Cutout], base: list[Path], tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("places")
    return places.make(base, people, out, count=2, seconds=SECONDS, seed=3, sizes=[320])


def test_the_exam_asks_for_every_place(made: Path) -> None:
    asked = exam.read(made)
    assert asked.sizes == [320]
    assert [one.camera for one in asked.clips] == ["place-1", "place-2"]
    assert len(asked.scenes) == 2
    assert all((made.parent / name).is_file() for one in asked.clips for name in (one.video, one.truth))


def test_whoever_follows_the_true_boxes_counts_the_true_crossings(made: Path) -> None:
    """The feet of a box that others cover move a little, so one may come out late; none may come from nowhere."""
    for scene in exam.read(made).scenes:
        video = made.parent / scene.video
        clip = evaluation.read_clip(video, video.with_suffix(".gt.txt"))
        shown = [(frame.shape, clip.truth.get(number, ())) for number, frame in evaluation.frames_of(video, None)]
        assert len(shown) == SECONDS * places.FPS
        seen = [(shape, Detections.of([[*box] for box in boxes], ["person"] * len(boxes))) for shape, boxes in shown]
        counted = crossings.total(exam.crossed(seen, made.parent, scene))
        assert counted.right >= 3
        assert counted.f1 > 0.8


def test_a_box_holds_somebody(made: Path) -> None:
    """Where a box is, the picture differs from the empty ground (its median over the clip)."""
    video = made.parent / "place-2.mp4"
    clip = evaluation.read_clip(video, video.with_suffix(".gt.txt"))
    frames = [cv2.cvtColor(frame, cv2.COLOR_BGR2GRAY) for _, frame in evaluation.frames_of(video, None)]
    ground = np.median(np.stack(frames), axis=0)
    inside, whole = [], []
    for number, boxes in clip.truth.items():
        apart = np.abs(frames[number - 1] - ground)
        whole.append(apart.mean())
        inside += [apart[int(y1) : int(y2), int(x1) : int(x2)].mean() for x1, y1, x2, y2 in boxes]
    assert np.mean(inside) > 3 * np.mean(whole)


def test_the_same_seed_gives_the_same_truth(people: list[Cutout], base: list[Path], tmp_path: Path, made: Path) -> None:
    for seed, same in ((3, True), (4, False)):
        out = tmp_path / str(seed)
        places.make(base, people, out, count=1, seconds=SECONDS, seed=seed, sizes=[320])
        for name in ("place-1.gt.txt", "place-1.yaml"):
            assert ((out / name).read_bytes() == (made.parent / name).read_bytes()) is same


@pytest.mark.parametrize("seed", range(3))
def test_somebody_passes_in_the_shortest_clip(
    people: list[Cutout], base: list[Path], tmp_path: Path, seed: int
) -> None:
    for scene in exam.read(places.make(base, people, tmp_path, count=2, seconds=1, seed=seed, sizes=[320])).scenes:
        _, _, moments = crossings.read_crossings(tmp_path / scene.crossings)
        assert moments["gate"]
        assert evaluation.read_clip(tmp_path / scene.video, (tmp_path / scene.video).with_suffix(".gt.txt")).truth


def test_landings_are_asked_for_by_their_names(people: list[Cutout], tmp_path: Path) -> None:
    made = places.make([], people, tmp_path, count=1, seconds=2, seed=3, sizes=[320, 480], landings=True)
    asked = exam.read(made)
    assert [one.video for one in (*asked.clips, *asked.scenes)] == ["landing-1.mp4"] * 2
    assert (tmp_path / "landing-1.gt.txt").read_text()


def test_who_is_mostly_covered_does_not_count() -> None:
    behind, before = np.zeros((40, 40), bool), np.zeros((40, 40), bool)
    behind[10:30, 10:20] = True
    before[10:30, 10:17] = True
    found = [*places._seen([(1, behind), (2, before)])]
    assert found == [(2, (10, 10, 17, 30), True), (1, (10, 10, 20, 30), False)]
    assert [*places._seen([(1, behind)])] == [(1, (10, 10, 20, 30), True)]


@pytest.mark.parametrize("walking", [pytest.param(True, id="people-on-every-ground"), pytest.param(False, id="nobody")])
def test_what_is_lacking_is_said(people: list[Cutout], base: list[Path], tmp_path: Path, walking: bool) -> None:
    standing = [Cutout(5, sample.STANDING[5], people[0].rgba)]
    who, where = (people, base[1:]) if walking else (standing, base)
    with pytest.raises(TapalError, match="pictures without people" if walking else "people who walk"):
        places.make(where, who, tmp_path, count=1, seconds=1, seed=1, sizes=[320])
