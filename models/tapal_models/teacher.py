"""Labels from a teacher: the starting weights at several sizes, mirrored too, merged; what they know is kept."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt

from tapal_contract.errors import TapalError
from tapal_models import extra, slicing
from tapal_models.labels import LABELS

Boxes = npt.NDArray[np.float64]
SIZES = (640, 448, 320)
SURE = 0.35
"""Merged confidence from which a teacher's box becomes a label."""


def label_folder(
    folder: Path, weights: Path, *, sizes: Sequence[int] = SIZES, tick: Callable[[int, int], object] | None = None
) -> int:
    """Write labels/NAME.txt for every images/NAME.jpg of `folder`; return how many boxes were found."""
    images = sorted((folder / "images").glob("*.jpg"))
    if not images:
        raise TapalError(f"no images/*.jpg in {str(folder)!r}: extract frames first with tapal dataset frames")
    model = _predictor(weights)
    (folder / "labels").mkdir(exist_ok=True)
    total = 0
    for number, path in enumerate(images, start=1):
        image = cv2.imread(str(path))
        if image is None:
            raise TapalError(f"image {str(path)!r} cannot be read: remove it or write it again")
        boxes = merge([_view(model, image, size, mirror=mirror) for size in sizes for mirror in (False, True)])
        sure = boxes[boxes[:, 4] >= SURE]
        total += len(sure)
        (folder / "labels" / f"{path.stem}.txt").write_text(_rows(sure, image.shape), encoding="utf-8")
        if tick:
            tick(number, len(images))
    return total


def _predictor(weights: Path) -> Any:
    import tempfile  # noqa: PLC0415

    from tapal_models.exporting import save_checkpoint  # noqa: PLC0415

    with tempfile.TemporaryDirectory() as folder:
        checkpoint = Path(folder) / "teacher.pt"
        save_checkpoint(slicing.load_sliced(weights, LABELS), checkpoint)
        return extra.ultralytics().YOLO(str(checkpoint))


def _view(model: Any, image: npt.NDArray[Any], size: int, *, mirror: bool) -> Boxes:
    """Boxes (x1, y1, x2, y2, confidence, class) of one pass."""
    seen = np.ascontiguousarray(image[:, ::-1]) if mirror else image
    found = model.predict(seen, imgsz=size, conf=0.1, iou=0.6, verbose=False)[0].boxes.data.cpu().numpy().astype(float)
    if mirror:
        found[:, [0, 2]] = image.shape[1] - found[:, [2, 0]]
    return np.asarray(found, np.float64)


def merge(views: Sequence[Boxes], *, overlap: float = 0.6) -> Boxes:
    """Weighted box fusion: boxes of one class that overlap become their mean, as sure as the two surest views.

    What a single view sees counts half.
    """
    pool = np.concatenate(list(views)) if views else np.zeros((0, 6))
    pool = pool[np.argsort(-pool[:, 4], kind="stable")]
    fused = []
    while len(pool):
        first = pool[0]
        same = (pool[:, 5] == first[5]) & (_iou(first[:4], pool[:, :4]) >= overlap)
        group = pool[same]
        weight = group[:, 4:5]
        box = (group[:, :4] * weight).sum(axis=0) / weight.sum()
        confidence = group[:2, 4].sum() / min(2, len(views))
        fused.append([*box, confidence, first[5]])
        pool = pool[~same]
    return np.array(fused, np.float64).reshape(-1, 6)


def _iou(box: Boxes, others: Boxes) -> Boxes:
    low, high = np.maximum(box[:2], others[:, :2]), np.minimum(box[2:], others[:, 2:])
    inner = np.clip(high - low, 0, None).prod(axis=1)
    area = (others[:, 2:] - others[:, :2]).prod(axis=1) + (box[2:] - box[:2]).prod()
    return np.asarray(inner / (area - inner), np.float64)


def _rows(boxes: Boxes, shape: tuple[int, ...]) -> str:
    height, width = shape[:2]
    lines = []
    for x1, y1, x2, y2, _, number in boxes:
        centre = f"{(x1 + x2) / 2 / width:.6f} {(y1 + y2) / 2 / height:.6f}"
        lines.append(f"{int(number)} {centre} {(x2 - x1) / width:.6f} {(y2 - y1) / height:.6f}\n")
    return "".join(lines)
