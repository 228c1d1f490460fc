"""The edge's detector gives what Ultralytics gives for the same ONNX file, box by box. Needs the train extra."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest

from tapal_detector.detector import Detector
from tapal_models import exporting, slicing
from tapal_models.labels import LABELS

pytestmark = [
    pytest.mark.train,
    pytest.mark.filterwarnings("ignore"),  # torch and ultralytics warn about themselves
]

CONFIDENCE = 0.25
pytest.importorskip("ultralytics", reason="the train extra (ultralytics, torch) is not installed")


@pytest.fixture(autouse=True)
def quiet_home(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Ultralytics writes its settings into its own folder, not into the user's."""
    monkeypatch.setenv("YOLO_CONFIG_DIR", str(tmp_path))


def frames_of(video: Path, wanted: list[int]) -> Iterator[np.ndarray]:
    capture = cv2.VideoCapture(str(video))
    for number in range(max(wanted) + 1):
        good, frame = capture.read()
        assert good
        if number in wanted:
            yield frame
    capture.release()


@pytest.fixture(scope="module")
def images(root: Path) -> list[np.ndarray]:
    """Real pictures: the sample, and the yard and the strait where the recordings are at hand."""
    found = [*frames_of(root / "datasets/sample/pier.mp4", [60, 150])]
    data = root.parent / "shared/data"
    if data.is_dir():
        found += frames_of(data / "pets09-s2l1.avi", [10, 200])
        found += frames_of(data / "boats.mp4", [5])
    return found


def random_model(kind: str, image: np.ndarray) -> Any:
    """A model of another head, never trained, set so that a few dozen boxes of the picture pass."""
    import torch
    from ultralytics import YOLO

    torch.manual_seed(7)
    model = slicing.slice_labels(YOLO(f"{kind}n.yaml").model, LABELS)
    small = cv2.copyMakeBorder(cv2.resize(image, (480, 270)), 9, 9, 0, 0, cv2.BORDER_CONSTANT, value=(114, 114, 114))
    picture = torch.from_numpy(small[..., ::-1].copy()).permute(2, 0, 1)[None].float() / 255
    batch_norms = [module for module in model.modules() if isinstance(module, torch.nn.BatchNorm2d)]
    with torch.no_grad():
        for module in batch_norms:  # statistics of a real picture, or every place looks the same to random weights
            module.reset_running_stats()
            module.momentum = None
        model.train()
        model(picture)
        model.eval()
        head = model.model[-1]
        for name in ("cv3", "one2one_cv3"):
            for branch in getattr(head, name, None) or []:
                _make_talkative(model, branch, picture)
    return model


def _make_talkative(model: Any, branch: Any, picture: Any) -> None:
    """Stretch a class branch so that its dozen surest places pass the threshold and the others do not."""
    said: list[Any] = []
    hook = branch.register_forward_hook(lambda _module, _input, out: said.append(out.flatten()))
    model(picture)
    hook.remove()
    scale = 0.4 / float(said[0].std())
    high = float(said[0].sort().values[-12])
    branch[-1].bias.copy_((branch[-1].bias - high) * scale - 0.8)
    branch[-1].weight.mul_(scale)


@pytest.fixture(scope="module")
def exports(root: Path, images: list[np.ndarray], tmp_path_factory: pytest.TempPathFactory) -> Any:
    folder = tmp_path_factory.mktemp("exports")
    made: dict[tuple[str, bool, bool], Path] = {}

    def export(kind: str, *, dynamic: bool, half: bool) -> Path:
        key = (kind, dynamic, half)
        if key not in made:
            weights = root.parent / "shared/models/yolov8n-coco.pt"
            if kind == "yolov8" and not weights.is_file():
                pytest.skip("no starting weights at ../shared/models")
            model = slicing.load_sliced(weights, LABELS) if kind == "yolov8" else random_model(kind, images[0])
            out = folder / f"{kind}-{dynamic}-{half}.onnx"
            made[key] = exporting.export_onnx(model, out, size=480, dynamic=dynamic, half=half)
        return made[key]

    return export


def theirs(path: Path, frame: np.ndarray) -> np.ndarray:
    from ultralytics import YOLO

    result = YOLO(str(path), task="detect").predict(frame, imgsz=480, conf=CONFIDENCE, verbose=False, device="cpu")[0]
    return np.asarray(result.boxes.data.cpu().numpy(), np.float64)


def compare(path: Path, frames: list[np.ndarray]) -> tuple[int, int]:
    """How many of their boxes have an equal among ours, and how many boxes the two have at most."""
    detector = Detector.load(path, size=480 if "True" in path.stem.split("-")[1] else None, confidence=CONFIDENCE)
    numbers = {name: number for number, name in enumerate(LABELS)}
    same = total = 0
    for frame in frames:
        ours, wanted = detector.detect(frame), theirs(path, frame)
        mine = np.column_stack([ours.boxes, ours.confidences, [numbers[name] for name in ours.labels]]).reshape(-1, 6)
        total += max(len(mine), len(wanted))
        for box in wanted:
            apart = np.abs(mine[:, :4] - box[:4]).max(axis=1)
            unsure = np.abs(mine[:, 4] - box[4])
            same += bool(((apart <= 1) & (unsure <= 0.01) & (mine[:, 5] == box[5])).any())
    return same, total


KINDS = [("yolov8", False), ("yolov8", True), ("yolo11", False), ("yolo26", False)]
"""Float16 only with trained weights: random ones blow the rounding of float16 inputs up."""


@pytest.mark.parametrize("dynamic", [False, True], ids=["fixed", "dynamic"])
@pytest.mark.parametrize(("kind", "half"), KINDS)
def test_same_boxes(exports: Any, images: list[np.ndarray], kind: str, dynamic: bool, half: bool) -> None:
    path = exports(kind, dynamic=dynamic, half=half)
    same, total = compare(path, images if kind == "yolov8" else images[:2])
    assert total > 10
    assert same == total


def test_the_shipped_weights_too(root: Path, images: list[np.ndarray], tmp_path: Path) -> None:
    copy = tmp_path / "default-True.onnx"
    copy.write_bytes((root / "models/weights/default.onnx").read_bytes())
    same, total = compare(copy, images)
    assert same == total > 10


def test_slicing_keeps_every_score(root: Path, shared: Path, images: list[np.ndarray]) -> None:
    import torch
    from ultralytics import YOLO

    weights = shared / "models/yolov8n-coco.pt"
    whole, sliced = YOLO(str(weights)).model.float().eval(), slicing.load_sliced(weights, LABELS).eval()
    picture = torch.from_numpy(cv2.resize(images[0], (320, 320))).permute(2, 0, 1)[None].float() / 255
    with torch.no_grad():
        before, after = whole(picture)[0], sliced(picture)[0]
    rows = [0, 1, 2, 3, *(4 + number for number in LABELS.values())]
    assert torch.allclose(before[:, rows], after, atol=1e-5)
