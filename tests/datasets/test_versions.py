"""Dataset versions: the same in is the same out, no camera's day in two splits, and deletion reaches them."""

import json
import shutil
from collections import Counter
from datetime import date
from pathlib import Path
from zlib import crc32

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from typer.testing import CliRunner

from tapal_contract.errors import TapalError
from tapal_datasets import cli, provenance, yolofiles
from tapal_datasets.provenance import Provenance
from tapal_datasets.versions import build, checking, manifest, splitting, stats
from tapal_datasets.versions.build import Recipe
from tapal_datasets.yolofiles import Image, Label


def scene(seed: int, grey: int = 120) -> Image:
    """A picture that looks like no other of another seed."""
    noise = np.random.default_rng(seed).integers(0, 60, (9, 12, 3))
    return np.asarray(np.clip(cv2.resize(noise.astype(np.float32), (320, 240)) + grey - 30, 0, 255), np.uint8)


def folder(tmp_path: Path, camera: str, day: int, *, pictures: int = 6, grey: int = 120, **changes: object) -> Path:
    out = tmp_path / f"{camera}-{day}"
    for number in range(pictures):
        boxes = [Label(0, 10 + number, 20, 60 + number, 120)] if number % 2 == 0 else [Label(6, 100, 100, 200, 180)]
        yolofiles.write(out, f"f{number}", scene(crc32(f"{camera} {day} {number}".encode()), grey), boxes)
    known = {"camera": camera, "day": date(2026, 3, day), "licence": "office", "origin": "test"}
    provenance.write(out, Provenance.model_validate({**known, **changes}))
    return out


def days(tmp_path: Path) -> list[Path]:
    return [folder(tmp_path, camera, day, grey=55 * day - 15) for camera in ("gate", "pier") for day in (1, 2, 3)]


def test_the_same_folders_give_the_same_version_byte_for_byte(tmp_path: Path) -> None:
    folders = days(tmp_path)
    first = build.build(folders, tmp_path / "a", Recipe(name="site"))
    second = build.build(folders[::-1], tmp_path / "b", Recipe(name="site"))
    assert first.name == second.name
    files = sorted(path.relative_to(first) for path in first.rglob("*") if path.is_file())
    assert files == sorted(path.relative_to(second) for path in second.rglob("*") if path.is_file())
    assert all((first / file).read_bytes() == (second / file).read_bytes() for file in files)


def test_another_label_is_another_version(tmp_path: Path) -> None:
    folders = days(tmp_path)
    first = build.build(folders, tmp_path / "out", Recipe(name="site"))
    (folders[0] / "labels/f0.txt").write_text("2 0.5 0.5 0.2 0.2\n")
    assert build.build(folders, tmp_path / "out", Recipe(name="site")).name != first.name


def test_no_camera_day_lies_in_two_splits_and_each_split_has_every_label(tmp_path: Path) -> None:
    made = manifest.read(build.build(days(tmp_path), tmp_path / "out", Recipe(name="site", val=0.3)))
    splits: dict[tuple[str, object], set[str]] = {}
    for item in made.items:
        splits.setdefault((item.camera, item.day), set()).add(item.split)
    assert all(len(found) == 1 for found in splits.values())
    assert made.counts("train").keys() == made.counts("val").keys() == {"person", "boat"}
    assert {item.light for item in made.items} == {"dark", "dim", "bright"}


group = st.tuples(st.sampled_from("abcdef"), st.sampled_from(["1", "2", "3"]))
strata = st.dictionaries(
    group, st.dictionaries(st.sampled_from(["dark/person", "bright/boat"]), st.integers(1, 50), min_size=1), min_size=3
)


@given(strata)
def test_every_group_gets_a_split_and_every_split_a_group(given_strata: dict[tuple[str, str], dict[str, int]]) -> None:
    counted = {one: Counter(row) for one, row in given_strata.items()}
    found = splitting.by_group(counted, {"train": 0.7, "val": 0.2, "test": 0.1})
    assert found.keys() == counted.keys()
    assert set(found.values()) == {"train", "val", "test"}
    assert splitting.by_group(dict(reversed(counted.items())), {"train": 0.7, "val": 0.2, "test": 0.1}) == found


def test_one_camera_day_is_split_only_when_asked_and_then_says_so(tmp_path: Path) -> None:
    one = folder(tmp_path, "gate", 1, pictures=20)
    with pytest.raises(TapalError, match="1 camera days cannot make 2 splits"):
        build.build([one], tmp_path / "out", Recipe(name="site"))
    made = manifest.read(
        build.build([one], tmp_path / "out", Recipe(name="s", split_within_a_day=True, val=0.25, gap=2))
    )
    assert made.split_within_a_day
    assert "flatter" in stats.text(stats.figures(made))
    order = [item.split for item in sorted(made.items, key=lambda item: item.name)]
    assert order == sorted(order)  # train comes before val: time is cut once
    assert len(made.items) == 18  # less the gap


def test_what_is_held_back_proves_and_the_rest_trains(tmp_path: Path) -> None:
    gate, pier, again = folder(tmp_path, "gate", 1), folder(tmp_path, "pier", 1), folder(tmp_path / "again", "gate", 1)
    made = manifest.read(build.build([gate], tmp_path / "out", Recipe(name="site"), held=[pier]))
    assert {(item.camera, item.split) for item in made.items} == {("gate", "train"), ("pier", "val")}
    for number, picture in enumerate(sorted((again / "images").iterdir())):
        picture.rename(picture.with_name(f"later{number}.jpg"))
    with pytest.raises(TapalError, match="camera 'gate', 2026-03-01, lies in what is held back and in what trains"):
        build.build([gate], tmp_path / "out", Recipe(name="site"), held=[again])
    consent = Recipe(name="site", split_within_a_day=True, keep_repeats=True)
    found = manifest.read(build.build([gate], tmp_path / "out", consent, held=[again]))
    assert {item.split for item in found.items if "later" in item.name} == {"val"}
    with pytest.raises(TapalError, match="nothing is left"):
        build.build([], tmp_path / "out", Recipe(name="site"), held=[pier])


def test_repeats_are_left_out_but_a_moved_person_is_no_repeat(tmp_path: Path) -> None:
    one, other = folder(tmp_path, "gate", 1), folder(tmp_path, "gate", 2)
    same = scene(7)
    for name, left in (("r1", 50.0), ("r2", 51.0), ("r3", 150.0)):
        yolofiles.write(one, name, same, [Label(0, left, 20, left + 60, 150)])
    made = manifest.read(build.build([one, other], tmp_path / "out", Recipe(name="site")))
    names = {item.name for item in made.items}
    assert made.left_out_as_repeats == 1
    assert {"gate-2026-03-01-r1", "gate-2026-03-01-r3"} <= names
    assert "gate-2026-03-01-r2" not in names


@pytest.mark.parametrize(
    ("spoil", "sentence"),
    [
        pytest.param(lambda f: (f / "source.yaml").unlink(), "has no source.yaml", id="no-provenance"),
        pytest.param(lambda f: shutil.rmtree(f / "images"), "no pictures", id="no-pictures"),
        pytest.param(lambda f: (f / "labels/f0.txt").write_text("9 .5 .5 .1 .1\n"), "class 9", id="foreign-class"),
        pytest.param(lambda f: (f / "labels/f0.txt").write_text("0 .5\n"), "f0.txt, line 1", id="broken-row"),
        pytest.param(lambda f: (f / "images/f0.jpg").write_bytes(b"no"), "cannot be read", id="broken-picture"),
        pytest.param(
            lambda f: (f / "source.yaml").write_text("camera: a b\nlicence: x\norigin: y\n"), "camera", id="bad-camera"
        ),
    ],
)
def test_broken_folders_are_named(tmp_path: Path, spoil: object, sentence: str) -> None:
    folders = days(tmp_path)
    spoil(folders[0])  # type: ignore[operator]  # a lambda of the table
    with pytest.raises(TapalError, match=sentence):
        build.build(folders, tmp_path / "out", Recipe(name="site"))
    assert not (tmp_path / "out").exists() or not any((tmp_path / "out").iterdir())


def test_proposals_are_not_taken_for_labels(tmp_path: Path) -> None:
    with pytest.raises(TapalError, match="look at them first"):
        build.build([folder(tmp_path, "gate", 1, state="proposed")], tmp_path / "out", Recipe(name="site"))


def test_a_deleted_clip_leaves_the_versions_built_with_it(tmp_path: Path) -> None:
    folders = [*days(tmp_path), folder(tmp_path, "gate", 9, clips={"f0": "clip-1", "f1": "clip-1"})]
    made = build.build(folders, tmp_path / "out", Recipe(name="site"))
    before = manifest.read(made)
    assert checking.forget(made, "clip-1") == 2
    after = checking.verify(made)
    assert len(after.items) == len(before.items) - 2
    assert after.withdrawn == ("clip-1",)
    assert not list(made.rglob("gate-2026-03-09-f0*"))
    with pytest.raises(TapalError, match="nothing was deleted"):
        checking.forget(made, "clip-1")


@pytest.mark.parametrize("change", ["edit", "remove", "add"])
def test_an_edited_version_is_found_out(tmp_path: Path, change: str) -> None:
    made = build.build(days(tmp_path), tmp_path / "out", Recipe(name="site"))
    label = min(made.glob("labels/train/*.txt"))
    if change == "edit":
        label.write_text("0 .5 .5 .1 .1\n")
    elif change == "remove":
        label.unlink()
    else:
        (made / "images/train/stranger.jpg").write_bytes(b"x")
    with pytest.raises(TapalError, match="site@"):
        checking.verify(made)


def test_build_and_stats_as_an_analyst_calls_them(tmp_path: Path) -> None:
    folders = [str(path) for path in days(tmp_path)]
    made = CliRunner().invoke(cli.app, ["build", *folders, "--out", str(tmp_path / "out"), "--name", "pier", "--json"])
    assert made.exit_code == 0, made.output
    report = json.loads(made.output)
    assert report["pictures"]["all"]["train"] + report["pictures"]["all"]["val"] == 36
    plot = tmp_path / "plot.svg"
    shown = CliRunner().invoke(cli.app, ["stats", report["folder"], "--plot", str(plot)])
    assert shown.exit_code == 0, shown.output
    assert "boxes: person" in shown.output
    assert plot.read_text().startswith("<svg")
    assert "camera days" in plot.read_text()
    wrong = CliRunner().invoke(cli.app, ["stats", str(tmp_path)])
    assert wrong.exit_code == 2
