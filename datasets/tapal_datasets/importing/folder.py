"""Labelled clips into a folder of pictures with labels beside them, from which datasets are built."""

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import cv2
import numpy as np
import yaml

from tapal_contract.errors import TapalError
from tapal_datasets import yolofiles
from tapal_datasets.importing import cvat, formats, label_studio
from tapal_datasets.importing.boxes import NAMES, Box
from tapal_datasets.yolofiles import Image, Label

PICTURES = (".jpg", ".jpeg", ".png", ".bmp")
JPEG = (".jpg", ".jpeg")


def import_mot(labels: Path, video: Path, out: Path, *, every: int = 1) -> tuple[int, int]:
    """Import a video with MOT labels; return how many pictures and boxes. Unlabelled frames between are kept, empty."""
    return _import_video(video, lambda size: formats.mot(labels, size), labels, out, every)


def import_cvat(labels: Path, out: Path, *, video: Path | None, images: Path, every: int = 1) -> tuple[int, int]:
    """Import "CVAT for images" or, with the video, "CVAT for video"."""
    if video is not None:
        return _import_video(video, lambda size: cvat.of_video(labels, size), labels, out, every)
    return _write(out, ((images / name, boxes) for name, boxes in sorted(cvat.of_images(labels).items())))


def import_label_studio(
    labels: Path, out: Path, *, video: Path | None, images: Path, every: int = 1
) -> tuple[int, int]:
    """Import Label Studio's JSON: rectangles in pictures or, with the video, rectangles through it."""
    if video is not None:
        return _import_video(video, lambda size: label_studio.of_video(labels, size), labels, out, every)
    return _write(out, ((images / name, boxes) for name, boxes in sorted(label_studio.of_images(labels).items())))


def _import_video(
    video: Path, read: Callable[[formats.Size], Mapping[int, list[Box]]], labels: Path, out: Path, every: int
) -> tuple[int, int]:
    capture = cv2.VideoCapture(str(video))
    if not capture.isOpened():
        raise TapalError(f"video {str(video)!r} cannot be read: give the path of a video file that OpenCV can open")
    try:
        size = (int(capture.get(cv2.CAP_PROP_FRAME_WIDTH)), int(capture.get(cv2.CAP_PROP_FRAME_HEIGHT)))
        boxes = read(size)
        pictures = count = 0
        for number in range(1, max(boxes) + 1):
            good, frame = capture.read()
            if not good:
                raise TapalError(f"video {str(video)!r} has {number - 1} frames but {labels} goes to {max(boxes)}")
            if (number - 1) % every == 0:
                here = boxes.get(number, [])
                yolofiles.write(out, f"{video.stem}-{number:06d}", np.asarray(frame, np.uint8), numbered(here))
                pictures, count = pictures + 1, count + len(here)
    finally:
        capture.release()
    return pictures, count


def import_coco(labels: Path, images: Path, out: Path) -> tuple[int, int]:
    """Import pictures with a COCO instances file."""
    return _write(out, ((images / name, boxes) for name, boxes in sorted(formats.coco(labels).items())))


def import_yolo(data: Path, out: Path) -> tuple[int, int]:
    """Import a YOLO dataset: a data.yaml, or a folder with images/ and labels/ in our own order of labels."""
    names = _names(data) if data.is_file() else None
    folder = data.parent if data.is_file() else data
    pictures = sorted(path for path in folder.rglob("*") if path.suffix.lower() in PICTURES)
    if not pictures:
        raise TapalError(f"no pictures under {str(folder)!r}: a YOLO dataset has images/ and labels/ beside each other")

    def labelled() -> Iterator[tuple[Path, list[Box]]]:
        for path in pictures:
            parts = ["labels" if part == "images" else part for part in path.parts]
            text = Path(*parts).with_suffix(".txt")
            height, width = _read(path).shape[:2]
            yield path, formats.yolo(text, (width, height), names) if text.is_file() else []

    return _write(out, labelled())


def _names(data: Path) -> dict[int, str]:
    try:
        names = (yaml.safe_load(formats.read_text(data)) or {}).get("names")
    except (yaml.YAMLError, AttributeError) as error:
        raise TapalError(f"{str(data)!r} is not a data.yaml of Ultralytics: it needs a key names") from error
    if isinstance(names, list):
        return {number: str(name) for number, name in enumerate(names)}
    if isinstance(names, Mapping):
        return {int(number): str(name) for number, name in names.items()}
    raise TapalError(f"{str(data)!r} has no names: list the labels as names: {{0: person, ...}}")


def _write(out: Path, labelled: Iterator[tuple[Path, list[Box]]]) -> tuple[int, int]:
    pictures = count = 0
    seen: dict[str, Path] = {}
    for path, boxes in labelled:
        if path.stem in seen:
            raise TapalError(f"two pictures are called {path.stem!r} ({seen[path.stem]} and {path}): rename one")
        seen[path.stem] = path
        packed = path.read_bytes() if path.suffix.lower() in JPEG else None  # packed again it would lose a little
        yolofiles.write(out, path.stem, _read(path), numbered(boxes), packed=packed)
        pictures, count = pictures + 1, count + len(boxes)
    return pictures, count


def _read(path: Path) -> Image:
    image = cv2.imread(str(path))
    if image is None:
        raise TapalError(f"picture {str(path)!r} is missing or cannot be read: add it or delete its labels")
    return np.asarray(image, np.uint8)


def numbered(boxes: list[Box]) -> list[Label]:
    """Boxes with the class numbers of our taxonomy."""
    return [Label(NAMES.index(box.label), box.x1, box.y1, box.x2, box.y2) for box in boxes]
