"""Judged alerts of a server into folders of pictures with the edge's boxes as proposals, one for each camera's day."""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Protocol
from urllib.error import HTTPError, URLError
from urllib.parse import urlencode, urlsplit
from urllib.request import Request, urlopen

import cv2
import numpy as np

from tapal_contract.errors import TapalError
from tapal_datasets import provenance, yolofiles
from tapal_datasets.importing.boxes import NAMES
from tapal_datasets.provenance import Provenance
from tapal_datasets.yolofiles import Image, Label

Tick = Callable[[int, int], object]
PAGE = 100
ANSWER_S = 30.0
LARGEST = 32 * 1024 * 1024


class Api(Protocol):
    """The server's API as far as a review needs it."""

    def json(self, path: str, **query: str | int | list[str]) -> Any:
        """The answer to a GET."""

    def bytes(self, path: str) -> bytes:
        """The body of a GET."""


@dataclass(frozen=True, slots=True)
class HttpApi:
    """The API of a server, with a token of its own (scope: see)."""

    server: str
    token: str

    def __post_init__(self) -> None:
        if urlsplit(self.server).scheme not in {"http", "https"} or not urlsplit(self.server).netloc:
            raise TapalError(f"server {self.server!r} is not an address like https://tapal.example: give its full URL")

    def json(self, path: str, **query: str | int | list[str]) -> Any:
        """The answer to a GET."""
        return json.loads(self.bytes(f"{path}?{urlencode(query, doseq=True)}" if query else path))

    def bytes(self, path: str) -> bytes:
        """The body of a GET.

        Raises:
            TapalError: no answer, or a refusal.
        """
        request = Request(  # noqa: S310 - the scheme was checked
            f"{self.server.rstrip('/')}/api/v1{path}", headers={"Authorization": f"Bearer {self.token}"}
        )
        try:
            with urlopen(request, timeout=ANSWER_S) as answer:  # noqa: S310 - the scheme was checked
                body: bytes = answer.read(LARGEST)
        except HTTPError as error:
            asked = path.partition("?")[0]
            raise TapalError(
                f"server {self.server!r} answers {error.code} to {asked}: check the token and its scopes"
            ) from error
        except (URLError, TimeoutError) as error:
            raise TapalError(f"server {self.server!r} does not answer ({error}): check its address") from error
        return body


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
    wanted: dict[str, Any] = {"outcome": ["confirmed", "false_alarm", "explained"], "since": since.isoformat()}
    number = pages = 1
    while number <= pages:
        page = api.json("/alerts", **wanted, page=number, size=PAGE, sort="raised_at")
        yield from page["items"]
        number, pages = number + 1, page["pages"]


def _write(api: Api, out: Path, alert: dict[str, Any], crossing: dict[str, Any], source: Provenance) -> str:
    event_id, camera = str(crossing["event_id"]), str(crossing["camera"])
    moment = datetime.fromisoformat(crossing["time"])
    jpeg = api.bytes(f"/media/{event_id}")
    image = cv2.imdecode(np.frombuffer(jpeg, np.uint8), cv2.IMREAD_COLOR)
    if image is None:
        raise TapalError(f"the picture of event {event_id} cannot be read: the server's media store may be damaged")
    name = f"{alert['outcome']}-{event_id}"
    day = moment.astimezone(UTC).date()
    folder = out / f"{camera}-{day}"
    picture = np.asarray(image, np.uint8)
    yolofiles.write(folder, name, picture, _proposals(api, event_id, alert, moment, picture))
    known = provenance.read(folder).clips if (folder / provenance.NAME).is_file() else {}
    clips = {**known, name: event_id}
    provenance.write(folder, source.model_copy(update={"camera": camera, "day": day, "clips": clips}))
    return folder.name


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
