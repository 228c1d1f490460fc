"""Reader of CVAT's own XML, "CVAT for images 1.1" and "CVAT for video 1.1"."""

from collections.abc import Iterator
from pathlib import Path
from xml.etree.ElementTree import Element, ParseError, fromstring  # DTDs, the danger of XML, are refused below

from tapal_contract.errors import TapalError
from tapal_datasets.importing.boxes import Box, boxed
from tapal_datasets.importing.formats import Size, number, read_text
from tapal_datasets.importing.through import Drawn, between

EDGES = ("xtl", "ytl", "xbr", "ybr")


def of_images(path: Path) -> dict[str, list[Box]]:
    """Boxes by picture name; pictures without boxes are kept.

    Raises:
        TapalError: not such a file, or a box in it is broken.
    """
    found: dict[str, list[Box]] = {}
    for image in _root(path).iter("image"):
        name = _text(image, "name", f"{path}, an image")
        where = f"{path}, image {name!r}"
        size = int(number(_text(image, "width", where), where)), int(number(_text(image, "height", where), where))
        found[name] = [boxed(_text(box, "label", where), _sides(box, where), size, where) for box in image.iter("box")]
    if not found:
        raise TapalError(f"{str(path)!r} holds no image: export 'CVAT for images 1.1', or give the video with --video")
    return found


def of_video(path: Path, size: Size) -> dict[int, list[Box]]:
    """Boxes by frame (from 1) of its tracks; boxes between keyframes are filled in where the file leaves them out.

    Raises:
        TapalError: not such a file, or a box in it is broken.
    """
    found: dict[int, list[Box]] = {}
    for track in _root(path).iter("track"):
        where = f"{path}, track {track.get('id', '?')}"
        label = _text(track, "label", where)
        for frame, sides in between(list(_drawn(track, where))):
            found.setdefault(frame, []).append(boxed(label, sides, size, f"{where}, frame {frame - 1}"))
    if not found:
        raise TapalError(
            f"{str(path)!r} holds no track: export 'CVAT for video 1.1', or leave --video away for pictures"
        )
    return found


def _drawn(track: Element, where: str) -> Iterator[Drawn]:
    for box in track.iter("box"):
        frame = number(_text(box, "frame", where), where)
        if frame < 0 or frame != int(frame):
            raise TapalError(f"{where}: frame {frame:g} is not a whole number from 0 on: export the labels again")
        inside = box.get("outside") != "1"
        yield Drawn(int(frame) + 1, _sides(box, f"{where}, frame {frame:g}"), seen=inside, stays=inside)


def _root(path: Path) -> Element:
    text = read_text(path)
    if "<!DOCTYPE" in text or "<!ENTITY" in text:
        raise TapalError(f"{str(path)!r} declares a document type, which CVAT never writes: export the labels again")
    try:
        return fromstring(text)  # noqa: S314 - no entities can be declared without a document type
    except ParseError as error:
        raise TapalError(f"{path}, line {error.position[0]}: not XML ({error}): export the labels again") from error


def _sides(box: Element, where: str) -> tuple[float, float, float, float]:
    x1, y1, x2, y2 = (number(_text(box, edge, where), where) for edge in EDGES)
    return x1, y1, x2, y2


def _text(element: Element, key: str, where: str) -> str:
    value = element.get(key)
    if value is None:
        raise TapalError(f"{where}: a <{element.tag}> has no {key!r}: export the labels again")
    return value
