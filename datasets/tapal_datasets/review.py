"""Pictures of a server's review into folders, one for each camera's day: labelled, or with the edge's boxes."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Protocol

import cv2
import numpy as np

from tapal_contract.errors import TapalError
from tapal_contract.serverapi import PAGE, pages
from tapal_datasets import provenance, yolofiles
from tapal_datasets.importing.boxes import NAMES
from tapal_datasets.provenance import Provenance
from tapal_datasets.yolofiles import Image, Label

Tick = Callable[[int, int], object]


class Api(Protocol):
    """The server's API as far as a review needs it; the token's scope is see."""

    def json(self, path: str, **query: str | int | list[str]) -> Any:
        """The answer to a GET."""

    def raw(self, path: str) -> bytes:
        """The body of a GET."""


def reviewed(
    api: Api, out: Path, *, since: datetime, licence: str, origin: str, tick: Tick | None = None
) -> dict[str, int]:
    """Write OUT/CAMERA-DAY folders of what people labelled in the review; returns how many pictures each got.

    Raises:
        TapalError: no answer, a picture that cannot be read, or a folder that holds boxes nobody has looked at.
    """
    items = [one for one in pages(api, "/review", state="done", order="newest") if _moment(one["taken_at"]) >= since]
    source = Provenance(camera="any", licence=licence, origin=origin, blurred=True)
    written: dict[str, int] = {}
    for number, item in enumerate(items, start=1):
        picture = picture_of(api, f"/review/{item['id']}/picture", item["id"])
        boxes = [_label(box, picture) for box in api.json(f"/review/{item['id']}")["boxes"]]
        folder = _keep(out, item, picture, boxes, source)
        written[folder] = written.get(folder, 0) + 1
        if tick:
            tick(number, len(items))
    return written


def deleted(api: Api, since: datetime) -> list[str]:
    """Events whose pictures the server deleted from then on."""
    return [str(one) for one in api.json("/review/deleted", since=since.isoformat())["events"]]


def _keep(out: Path, item: dict[str, Any], picture: Image, boxes: list[Label], source: Provenance) -> str:
    event, frame = str(item["event_id"] or item["clip"]), item.get("frame")  # a server may not know of clips yet
    name = f"{'negative' if item['negative'] else item['why']}-{event}{'' if frame is None else f'-{frame:04d}'}"
    camera, day = str(item["camera"]), _moment(item["taken_at"]).astimezone(UTC).date()
    folder = out / f"{camera}-{day}"
    known = provenance.read(folder) if (folder / provenance.NAME).is_file() else source
    if known.state != "labelled":
        raise TapalError(f"folder {str(folder)!r} holds boxes that nobody has looked at: give another --out")
    yolofiles.write(folder, name, picture, boxes)
    clips = {**known.clips, name: event}
    provenance.write(folder, source.model_copy(update={"camera": camera, "day": day, "clips": clips}))
    return folder.name


def _label(box: dict[str, Any], picture: Image) -> Label:
    height, width = picture.shape[:2]
    sides = box["x1"] * width, box["y1"] * height, box["x2"] * width, box["y2"] * height
    return Label(NAMES.index(box["label"]), *sides)


def _moment(text: str) -> datetime:
    return datetime.fromisoformat(text)


def export(
    api: Api, out: Path, *, since: datetime, licence: str, origin: str, tick: Tick | None = None
) -> dict[str, int]:
    """Write OUT/CAMERA-DAY folders of what was judged since then; returns how many pictures each got.

    A picture of a false alarm may show nothing that the labels name: it is kept as a hard negative to be, its box with
    it, because only a person can say which. Pictures that retention has removed are passed over.
    """
    alerts = list(_judged(api, since))
    source = Provenance(camera="any", licence=licence, origin=origin, blurred=True, state="proposed")
    written: dict[str, int] = {}
    for number, alert in enumerate(alerts, start=1):
        detail = api.json(f"/alerts/{alert['id']}")
        for crossing in detail["crossings"]:
            if crossing["member"] and crossing["picture"]:
                folder = _write(api, out, alert, crossing, source)
                written[folder] = written.get(folder, 0) + 1
        if tick:
            tick(number, len(alerts))
    return written


def _judged(api: Api, since: datetime) -> Iterator[dict[str, Any]]:
    outcomes = ["confirmed", "false_alarm", "explained"]
    yield from pages(api, "/alerts", outcome=outcomes, since=since.isoformat(), sort="raised_at")


def _write(api: Api, out: Path, alert: dict[str, Any], crossing: dict[str, Any], source: Provenance) -> str:
    event_id, camera = str(crossing["event_id"]), str(crossing["camera"])
    moment = datetime.fromisoformat(crossing["time"])
    picture = picture_of(api, f"/media/{event_id}", event_id)
    name = f"{alert['outcome']}-{event_id}"
    day = moment.astimezone(UTC).date()
    folder = out / f"{camera}-{day}"
    yolofiles.write(folder, name, picture, _proposals(api, event_id, alert, moment, picture))
    known = provenance.read(folder).clips if (folder / provenance.NAME).is_file() else {}
    clips = {**known, name: event_id}
    provenance.write(folder, source.model_copy(update={"camera": camera, "day": day, "clips": clips}))
    return folder.name


def picture_of(api: Api, path: str, name: str) -> Image:
    """A picture of the server.

    Raises:
        TapalError: what came is none.
    """
    image = cv2.imdecode(np.frombuffer(api.raw(path), np.uint8), cv2.IMREAD_COLOR)
    if image is None:
        raise TapalError(f"the picture of {name} cannot be read: the server's media store may be damaged")
    return np.asarray(image, np.uint8)


def _proposals(api: Api, event_id: str, alert: dict[str, Any], moment: datetime, image: Image) -> list[Label]:
    """The box that the edge saw, as far as the server still has the event."""
    around = {
        "since": (moment - timedelta(seconds=1)).isoformat(),
        "until": (moment + timedelta(seconds=1)).isoformat(),
    }
    page = api.json("/events", site=alert["site"], size=PAGE, **around)
    body = next((one["body"] for one in page["items"] if one["id"] == event_id), None)
    if body is None or body.get("label") not in NAMES or "box" not in body:
        return []
    height, width = image.shape[:2]
    x1, y1, x2, y2 = body["box"]
    return [Label(NAMES.index(body["label"]), x1 * width, y1 * height, x2 * width, y2 * height)]
