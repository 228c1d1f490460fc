"""Images with YOLO labels beside them: images/NAME.jpg and labels/NAME.txt, one box a line."""

from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt

from tapal_contract.errors import TapalError

Image = npt.NDArray[np.uint8]


@dataclass(frozen=True, slots=True)
class Label:
    """A box of class `number`, in pixels."""

    number: int
    x1: float
    y1: float
    x2: float
    y2: float


def write(
    folder: Path, name: str, image: Image, labels: list[Label], *, quality: int = 92, packed: bytes | None = None
) -> None:
    """Write one image and its labels into a folder; an image that came as a JPEG stays as it was `packed`."""
    height, width = image.shape[:2]
    for part in ("images", "labels"):
        (folder / part).mkdir(parents=True, exist_ok=True)
    file = folder / "images" / f"{name}.jpg"
    if packed is None:
        cv2.imwrite(str(file), image, [cv2.IMWRITE_JPEG_QUALITY, quality])
    else:
        file.write_bytes(packed)
    rows = (
        f"{label.number} {(label.x1 + label.x2) / 2 / width:.6f} {(label.y1 + label.y2) / 2 / height:.6f} "
        f"{(label.x2 - label.x1) / width:.6f} {(label.y2 - label.y1) / height:.6f}\n"
        for label in labels
    )
    (folder / "labels" / f"{name}.txt").write_text("".join(rows), encoding="utf-8")


def read(image_path: Path) -> tuple[Image, list[Label]]:
    """Read an image and the labels beside it; an image without a label file shows nothing."""
    image = cv2.imread(str(image_path))
    if image is None:
        raise TapalError(f"image {str(image_path)!r} cannot be read: remove it or write it again")
    height, width = image.shape[:2]
    path = image_path.parent.parent / "labels" / f"{image_path.stem}.txt"
    labels = []
    for number, row in enumerate(path.read_text(encoding="utf-8").splitlines() if path.is_file() else [], start=1):
        try:
            kind, x, y, w, h = row.split()
            cx, cy, bw, bh = float(x) * width, float(y) * height, float(w) * width, float(h) * height
            labels.append(Label(int(kind), cx - bw / 2, cy - bh / 2, cx + bw / 2, cy + bh / 2))
        except ValueError as error:
            raise TapalError(f"{path}, line {number}: {row!r} is not 'class x y width height': correct it") from error
    return np.asarray(image, np.uint8), labels
