"""Readers of MOT, COCO and YOLO labels; each gives boxes by picture and says exactly what is broken."""

import json
import math
from pathlib import Path
from typing import Any

from tapal_contract.errors import TapalError
from tapal_datasets.importing.boxes import NAMES, Box, boxed, lines

Size = tuple[int, int]
MOT_CLASSES = {1: "person", 3: "car", 4: "bicycle", 5: "motorcycle"}
"""Classes of MOT16 and later; -1 or none (MOT15) is a person. Others are not of our taxonomy and are left out."""


def read_text(path: Path) -> str:
    """The text of a label file.

    Raises:
        TapalError: there is none, or it is no UTF-8 text.
    """
    try:
        return path.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise TapalError(f"labels {str(path)!r} cannot be read ({error.strerror}): give a label file") from error
    except UnicodeDecodeError as error:
        raise TapalError(f"labels {str(path)!r} are not UTF-8 text: give a label file") from error


def mot(path: Path, size: Size) -> dict[int, list[Box]]:
    """Boxes by frame (from 1) of a MOT ground-truth file; rows marked 0 and foreign classes are left out."""
    found: dict[int, list[Box]] = {}
    for line, where in lines(read_text(path), path):
        values = [number(cell, where) for cell in line.split(",")]
        if len(values) < 6:
            raise TapalError(f"{where}: {len(values)} columns, at least 6 are needed: frame,id,x,y,w,h")
        frame, _, x, y, w, h = values[:6]
        if frame < 1 or frame != int(frame):
            raise TapalError(f"{where}: frame {frame:g} is not a whole number from 1 on: MOT counts frames from 1")
        considered = len(values) < 7 or values[6] != 0
        kind = int(values[7]) if len(values) == 9 else -1  # MOT16 has 9 columns, MOT15 10 with coordinates last
        label = "person" if kind < 0 else MOT_CLASSES.get(kind)
        if considered and label:
            found.setdefault(int(frame), []).append(boxed(label, (x, y, x + w, y + h), size, where))
    if not found:
        raise TapalError(f"labels {str(path)!r} hold no box to import: is it a MOT file (frame,id,x,y,w,h,...)?")
    return found


def number(cell: str, where: str) -> float:
    """A finite number written in a cell.

    Raises:
        TapalError: it is none.
    """
    try:
        value = float(cell)
    except ValueError as error:
        raise TapalError(f"{where}: {cell.strip()!r} is not a number: correct the row") from error
    if not math.isfinite(value):
        raise TapalError(f"{where}: {cell.strip()!r} is not a finite number: correct the row")
    return value


def yolo(path: Path, size: Size, names: dict[int, str] | None = None) -> list[Box]:
    """Boxes of one YOLO label file; `names` are the dataset's own, default ours."""
    classes = names or dict(enumerate(NAMES))
    found = []
    for line, where in lines(read_text(path), path):
        cells = line.split()
        if len(cells) != 5:
            raise TapalError(f"{where}: {len(cells)} values, a box has 5 (class x y width height): correct the row")
        kind, x, y, w, h = (number(cell, where) for cell in cells)
        if kind not in classes:
            raise TapalError(f"{where}: class {kind:g} is not in names ({sorted(classes)}): correct it or data.yaml")
        if max(x, y, w, h) > 1 or min(x, y, w, h) < 0:
            raise TapalError(f"{where}: values must be fractions of the picture, 0 to 1: these look like pixels")
        sides = ((x - w / 2) * size[0], (y - h / 2) * size[1], (x + w / 2) * size[0], (y + h / 2) * size[1])
        found.append(boxed(classes[int(kind)], sides, size, where))
    return found


def coco(path: Path) -> dict[str, list[Box]]:
    """Boxes by file name of a COCO instances file; pictures without boxes are kept, crowds are left out."""
    try:
        content = json.loads(read_text(path))
    except json.JSONDecodeError as error:
        raise TapalError(f"{path}, line {error.lineno}: not JSON ({error.msg}): export the labels again") from error
    categories = {int(c["id"]): str(c["name"]) for c in _rows(content, "categories", ("id", "name"), path)}
    images = {int(i["id"]): i for i in _rows(content, "images", ("id", "file_name", "width", "height"), path)}
    found: dict[str, list[Box]] = {str(image["file_name"]): [] for image in images.values()}
    for place, row in enumerate(_rows(content, "annotations", ("image_id", "category_id", "bbox"), path)):
        where = f"{path}, annotations[{place}]"
        if row.get("iscrowd"):
            continue
        if row["image_id"] not in images:
            raise TapalError(f"{where}: image_id {row['image_id']!r} is not among images: export the labels again")
        if row["category_id"] not in categories:
            raise TapalError(f"{where}: category_id {row['category_id']!r} is not among categories: export again")
        image = images[row["image_id"]]
        if not isinstance(row["bbox"], list) or len(row["bbox"]) != 4:
            raise TapalError(f"{where}: bbox {row['bbox']!r} is not [x, y, width, height]: correct it")
        x, y, w, h = (number(str(value), where) for value in row["bbox"])
        size = (int(image["width"]), int(image["height"]))
        found[str(image["file_name"])].append(boxed(categories[row["category_id"]], (x, y, x + w, y + h), size, where))
    return found


def _rows(content: Any, key: str, needed: tuple[str, ...], path: Path) -> list[dict[str, Any]]:
    rows = content.get(key) if isinstance(content, dict) else None
    if not isinstance(rows, list):
        raise TapalError(f"labels {str(path)!r} have no list {key!r}: is it a COCO instances file?")
    for place, row in enumerate(rows):
        missing = [name for name in needed if not isinstance(row, dict) or name not in row]
        if missing:
            raise TapalError(f"{path}, {key}[{place}]: {', '.join(missing)} is missing: export the labels again")
    return rows
