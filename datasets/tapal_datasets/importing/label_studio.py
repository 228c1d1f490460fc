"""Reader of Label Studio's JSON export: rectangle labels of pictures, video rectangles of a video."""

import json
from collections.abc import Iterator
from pathlib import Path, PurePosixPath
from typing import Any

from tapal_contract.errors import TapalError
from tapal_datasets.importing.boxes import Box, boxed
from tapal_datasets.importing.formats import Size, number, read_text
from tapal_datasets.importing.through import Drawn, between

UPLOAD_PREFIX = 9
"""Uploaded files are renamed to eight hexadecimal digits, a dash, and their own name."""


def of_images(path: Path) -> dict[str, list[Box]]:
    """Boxes by picture name; tasks that nobody has labelled are left out, labelled ones without boxes are kept.

    Raises:
        TapalError: not such a file, a rotated or broken rectangle, or no labelled picture.
    """
    found: dict[str, list[Box]] = {}
    for task, results, where in _labelled(path):
        source = next((value for value in _data(task, where).values() if isinstance(value, str)), None)
        if source is None:
            raise TapalError(f"{where}: names no picture under data: export the labels again")
        name = _own_name(source)
        found[name] = [_rectangle(one, where) for one in results if one.get("type") == "rectanglelabels"]
    if not found:
        raise TapalError(f"{str(path)!r} holds no labelled picture: submit the annotations and export as JSON")
    return found


def of_video(path: Path, size: Size) -> dict[int, list[Box]]:
    """Boxes by frame (from 1) of the rectangles drawn through one video.

    Raises:
        TapalError: not such a file, a broken rectangle, or more than one labelled video.
    """
    found: dict[int, list[Box]] = {}
    tasks = list(_labelled(path))
    if len(tasks) > 1:
        raise TapalError(f"{str(path)!r} holds {len(tasks)} labelled videos: export one task at a time")
    for _, results, where in tasks:
        for one in results:
            if one.get("type") == "videorectangle":
                for frame, sides in between(list(_drawn(one, size, where))):
                    found.setdefault(frame, []).append(boxed(_label(one, "labels", where), sides, size, where))
    if not found:
        raise TapalError(
            f"{str(path)!r} holds no rectangle through a video: export the task as JSON, or leave --video away"
        )
    return found


def _labelled(path: Path) -> Iterator[tuple[dict[str, Any], list[dict[str, Any]], str]]:
    try:
        tasks = json.loads(read_text(path))
    except json.JSONDecodeError as error:
        raise TapalError(f"{path}, line {error.lineno}: not JSON ({error.msg}): export the labels again") from error
    if not isinstance(tasks, list):
        raise TapalError(f"{str(path)!r} is not a list of tasks: export as JSON, not as JSON-MIN")
    for place, task in enumerate(tasks):
        where = f"{path}, task {task.get('id', place) if isinstance(task, dict) else place}"
        annotations = task.get("annotations") if isinstance(task, dict) else None
        if not isinstance(annotations, list):
            raise TapalError(f"{where}: has no list of annotations: export as JSON, not as JSON-MIN")
        kept = [one for one in annotations if isinstance(one, dict) and not one.get("was_cancelled")]
        if kept:
            results = kept[-1].get("result")
            yield task, [one for one in results or [] if isinstance(one, dict)], where


def _data(task: dict[str, Any], where: str) -> dict[str, Any]:
    data = task.get("data")
    if not isinstance(data, dict):
        raise TapalError(f"{where}: has no data: export the labels again")
    return data


def _own_name(source: str) -> str:
    name = PurePosixPath(source.split("?", maxsplit=1)[0]).name
    prefix = name[: UPLOAD_PREFIX - 1]
    renamed = (
        len(name) > UPLOAD_PREFIX and name[UPLOAD_PREFIX - 1] == "-" and all(c in "0123456789abcdef" for c in prefix)
    )
    return name[UPLOAD_PREFIX:] if renamed else name


def _rectangle(one: dict[str, Any], where: str) -> Box:
    value = _value(one, where)
    size = int(_figure(one, "original_width", where)), int(_figure(one, "original_height", where))
    return boxed(_label(one, "rectanglelabels", where), _sides(value, size, where), size, where)


def _drawn(one: dict[str, Any], size: Size, where: str) -> Iterator[Drawn]:
    sequence = _value(one, where).get("sequence")
    if not isinstance(sequence, list) or not all(isinstance(shape, dict) for shape in sequence):
        raise TapalError(f"{where}: a video rectangle has no sequence: export the labels again")
    for shape in sequence:
        stays = shape.get("enabled") is not False
        yield Drawn(int(_figure(shape, "frame", where)), _sides(shape, size, where), stays=stays)


def _sides(value: dict[str, Any], size: Size, where: str) -> tuple[float, float, float, float]:
    """Percent of the picture into pixels."""
    if value.get("rotation"):
        raise TapalError(f"{where}: a rectangle is turned by {value['rotation']} degrees: draw it upright")
    x, y, w, h = (_figure(value, key, where) / 100 for key in ("x", "y", "width", "height"))
    return x * size[0], y * size[1], (x + w) * size[0], (y + h) * size[1]


def _value(one: dict[str, Any], where: str) -> dict[str, Any]:
    value = one.get("value")
    if not isinstance(value, dict):
        raise TapalError(f"{where}: a result has no value: export the labels again")
    return value


def _label(one: dict[str, Any], key: str, where: str) -> str:
    labels = _value(one, where).get(key)
    if not isinstance(labels, list) or len(labels) != 1:
        raise TapalError(f"{where}: a rectangle has labels {labels!r}, it must have one: give it one")
    return str(labels[0])


def _figure(value: dict[str, Any], key: str, where: str) -> float:
    if key not in value:
        raise TapalError(f"{where}: a rectangle has no {key!r}: export the labels again")
    return number(str(value[key]), where)
