"""Which weights are gone on with, and that every current head can be trained, compared and exported."""

import json
from pathlib import Path
from typing import Any

import pytest
import yaml
from typer.testing import CliRunner

from tapal_contract.errors import TapalError
from tapal_detector.detector import Detector
from tapal_models import choosing, cli, exporting, slicing
from tapal_models.choosing import Trial
from tapal_models.exam import Slice
from tapal_models.labels import LABELS


def trial(name: str, crossings: float | None, boxes: float | None, speed: float | None = 10.0) -> Trial:
    return Trial(start=name, sha256="0", parameters=1, crossings=crossings, map50_95=boxes, frames_a_second=speed)


@pytest.mark.parametrize(
    ("trials", "least", "expected"),
    [
        pytest.param([trial("a", 0.90, 0.7), trial("b", 0.95, 0.5)], 0, "b", id="crossings-first"),
        pytest.param([trial("a", 0.949, 0.7), trial("b", 0.95, 0.5)], 0, "a", id="as-good-so-boxes"),
        pytest.param([trial("a", 0.95, 0.6, 9), trial("b", 0.95, 0.604, 5)], 0, "a", id="as-good-so-speed"),
        pytest.param([trial("a", 0.90, 0.5, 20), trial("b", 0.95, 0.5, 5)], 10, "a", id="fast-enough-first"),
        pytest.param([trial("a", None, 0.5), trial("b", None, 0.6)], 0, "b", id="an-exam-without-scenes"),
        pytest.param([trial("a", 0.9, None, None), trial("b", 0.8, None, None)], 0, "a", id="an-exam-without-clips"),
    ],
)
def test_what_decides(trials: list[Trial], least: float, expected: str) -> None:
    assert choosing.best(trials, least=least).start == expected


def test_none_fast_enough_is_said() -> None:
    with pytest.raises(TapalError, match=r"30 frames a processor second here, the fastest at 10\.0"):
        choosing.best([trial("a", 1, 1)], least=30)


def test_a_trial_is_the_mean_of_its_slices(tmp_path: Path) -> None:
    (tmp_path / "a.pt").write_bytes(b"weights")
    rows = [
        Slice("gate: person, all", size, 0.8, 0.9, detail={"map50_95": [own, other]})
        for size, own, other in ((320, 0.4, 0.5), (480, 0.6, 0.7))
    ]
    rows.append(Slice("gate: person, size small", 320, 0.1, 0.1, detail={"map50_95": [0.1, 0.1]}))
    rows.append(Slice("gate: crossings", 320, 0.7, 0.6))
    rows.append(Slice("all scenes: crossings", 320, 0.9, 1.0, whole=True))
    rows.append(Slice("gate: speed, frames a processor second", 320, 20.0, 30.0))
    own = choosing._trial(tmp_path / "a.pt", 7, rows)
    assert (own.start, own.crossings, own.map50_95, own.frames_a_second) == ("a.pt", 0.9, 0.5, 20.0)
    other = choosing._trial(tmp_path / "a.pt", 7, rows, champion=True)
    assert (other.crossings, other.map50_95, other.frames_a_second) == (1.0, 0.6, 30.0)


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        pytest.param("{", "is no choice.json", id="not-json"),
        pytest.param("[]", "is no choice.json", id="no-record"),
        pytest.param('{"chosen": "a", "trials": [{"start": "a"}]}', "is no choice.json", id="no-trial"),
        pytest.param('{"chosen": "a", "trials": []}', "none of its trials", id="chose-another"),
    ],
)
def test_a_broken_record_is_explained(tmp_path: Path, text: str, sentence: str) -> None:
    (tmp_path / "choice.json").write_text(text)
    with pytest.raises(TapalError, match=sentence):
        choosing.read(tmp_path / "choice.json")


def test_one_start_is_no_choice(tmp_path: Path) -> None:
    options = ["--start", "a.pt", "--exam", "exam.yaml", "--out", str(tmp_path)]
    made = CliRunner().invoke(cli.app, ["choose", "data.yaml", *options])
    assert made.exit_code == 2
    assert "two starts or more" in made.stderr


@pytest.fixture(scope="module")
def heads(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """Weights of two current heads that were never trained: none of their files is fetched from anywhere."""
    torch = pytest.importorskip("torch", reason="the train extra (ultralytics, torch) is not installed")
    ultralytics = pytest.importorskip("ultralytics")
    folder, made = tmp_path_factory.mktemp("heads"), []
    for kind in ("yolo11n", "yolo26n"):
        torch.manual_seed(7)
        model = slicing.slice_labels(ultralytics.YOLO(f"{kind}.yaml").model, LABELS)
        exporting.save_checkpoint(model, folder / f"{kind}.pt")
        made.append(folder / f"{kind}.pt")
    return made


@pytest.mark.train
@pytest.mark.timeout(900)
@pytest.mark.filterwarnings("ignore")  # torch and ultralytics warn about themselves
def test_two_heads_are_tried_and_one_is_chosen(root: Path, heads: list[Path], tmp_path: Path) -> None:
    sample = root / "datasets/sample"
    for part in ("train", "val"):
        (tmp_path / f"data/images/{part}").mkdir(parents=True)
        (tmp_path / f"data/labels/{part}").mkdir(parents=True)
    pictures(sample, tmp_path / "data")
    data = {"path": str(tmp_path / "data"), "train": "images/train", "val": "images/val"}
    (tmp_path / "data.yaml").write_text(yaml.safe_dump(data | {"names": dict(enumerate(LABELS))}))
    clip = {"video": str(sample / "pier.mp4"), "truth": str(sample / "pier.gt.txt"), "every": 100, "camera": "pier"}
    scene = {"video": str(sample / "pier.mp4"), "crossings": str(sample / "pier.yaml")}
    (tmp_path / "exam.yaml").write_text(yaml.safe_dump({"sizes": [64], "clips": [clip], "scenes": [scene]}))
    options = ["--exam", str(tmp_path / "exam.yaml"), "--out", str(tmp_path / "out"), "--size", "64", "--batch", "4"]
    starts = [part for head in heads for part in ("--start", str(head))]
    made = CliRunner().invoke(cli.app, ["choose", str(tmp_path / "data.yaml"), *starts, *options, "--json"])
    assert made.exit_code == 0, f"{made.output}\n{made.exception!r}"
    found = json.loads(made.stdout)
    assert [one["start"] for one in found["trials"]] == ["yolo11n.pt", "yolo26n.pt"]
    assert found["chosen"] in {"yolo11n.pt", "yolo26n.pt"}
    assert {one["crossings"] for one in found["trials"]} == {0.0}, "heads that were never trained see nothing"
    assert all(one["frames_a_second"] > 0 and one["parameters"] > 2e6 for one in found["trials"])
    for head in heads:
        assert list(Detector.load(tmp_path / "out" / head.stem / f"{head.stem}.onnx", size=64).names) == list(LABELS)
        record = json.loads((tmp_path / "out" / head.stem / "run.json").read_text())
        assert record["settings"]["seed"] == 1


def pictures(sample: Path, data: Path) -> None:
    """A few frames of the sample feed with their boxes."""
    import cv2

    from tapal_models import evaluation

    clip = evaluation.read_clip(sample / "pier.mp4", sample / "pier.gt.txt")
    for number, frame in evaluation.frames_of(clip.video, 200):
        if number % 20:
            continue
        part, (height, width) = "val" if number > 160 else "train", frame.shape[:2]
        cv2.imwrite(str(data / f"images/{part}/{number}.jpg"), frame)
        rows = []
        for x1, y1, x2, y2 in clip.truth.get(number, ()):
            middle = (x1 + x2) / 2 / width, (y1 + y2) / 2 / height
            rows.append(f"0 {middle[0]:.5f} {middle[1]:.5f} {(x2 - x1) / width:.5f} {(y2 - y1) / height:.5f}\n")
        (data / f"labels/{part}/{number}.txt").write_text("".join(rows))


@pytest.mark.train
@pytest.mark.filterwarnings("ignore")
def test_a_model_of_two_heads_holds_on_in_both(heads: list[Path]) -> None:
    """The loss that follows the start is nothing where the model is the start, and pulls on both heads where not."""
    import torch

    from tapal_models import training

    model: Any = slicing.load_sliced(heads[1], LABELS).train()
    teacher: Any = slicing.load_sliced(heads[1], LABELS).eval()
    picture = torch.rand(1, 3, 64, 64)
    for module in model.modules():
        if isinstance(module, torch.nn.BatchNorm2d):
            module.eval()
    with torch.no_grad():
        wanted = teacher(picture)[1]
    for moved in (False, True):
        if moved:
            with torch.no_grad():
                for parameter in model.model[-1].parameters():
                    parameter.mul_(1.2)
        pairs = zip(training._heads(model(picture)), training._heads(wanted), strict=True)
        apart = [[float(one) for one in training._distance(torch, *pair)] for pair in pairs]
        assert len(apart) == 2
        for labels, sides, _ in apart:
            assert (labels > 1e-4, sides > 1e-4) == (moved, moved)
