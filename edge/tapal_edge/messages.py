"""Turns what a scene saw, and what became of a camera, into messages of the contract."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Literal

from tapal_contract.events import CameraEvent, Crossing, VesselEvent, ZoneEvent
from tapal_contract.ids import new_id
from tapal_detector.seen import CrossingSeen, Seen, ZoneSeen

Event = Crossing | ZoneEvent | VesselEvent | CameraEvent
CameraChange = Literal["online", "offline", "dark", "covered", "defocused", "moved"]
_START = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Draft:
    """A message that lacks only its ``seq``."""

    model: type[Event]
    fields: Mapping[str, Any]

    @property
    def id(self) -> str:
        """The id of the message, the same in every copy."""
        return str(self.fields["id"])

    @property
    def kind(self) -> str:
        """What happened and where, for counting when it cannot be kept."""
        names = ("camera", "line", "zone", "berth", "direction", "event")
        return " ".join(str(self.fields[name]) for name in names if name in self.fields)

    def numbered(self, seq: int) -> Event:
        """Return the message with its number."""
        return self.model.model_validate({**self.fields, "seq": seq})


@dataclass(frozen=True, slots=True)
class Author:
    """Who writes: a camera of a node, in this start of it, with this model, which may change while it runs."""

    node: str
    site: str
    camera: str
    boot: str
    model: str | Callable[[], str]

    def seen(self, seen: Seen, utc_s: float, path: Sequence[tuple[float, float]] = ()) -> Draft:
        """Draft what the scene saw, at a moment in UTC seconds; `path` is the way of who crossed."""
        if isinstance(seen, CrossingSeen):
            fields = {
                "line": seen.line,
                "direction": seen.direction,
                "label": seen.label,
                "confidence": _share(seen.confidence),
                "visited": {zone: round(seconds, 2) for zone, seconds in seen.visited.items()},
                "path": tuple((_share(x), _share(y)) for x, y in path),
            }
            return self._draft(Crossing, utc_s, track=seen.track, box=_rounded(seen.box), **fields)
        if isinstance(seen, ZoneSeen):
            fields = {
                "zone": seen.zone,
                "event": seen.event,
                "label": seen.label,
                "seconds": round(max(0.0, seen.seconds), 2),
            }
            return self._draft(ZoneEvent, utc_s, track=seen.track, box=_rounded(seen.box), **fields)
        fields = {"berth": seen.berth, "event": seen.event}
        return self._draft(VesselEvent, utc_s, track=seen.track, box=_rounded(seen.box), **fields)

    def camera_changed(self, event: CameraChange, detail: str, utc_s: float) -> Draft:
        """Draft that the view of the camera changed."""
        return self._draft(CameraEvent, utc_s, event=event, detail=detail[:500])

    def _draft(self, model: type[Event], utc_s: float, **fields: Any) -> Draft:
        common = {
            "id": new_id(),
            "node": self.node,
            "boot": self.boot,
            "site": self.site,
            "camera": self.camera,
            "time": _START + timedelta(seconds=utc_s),
            "sent_at": datetime.now(UTC),
            "model": self.model() if callable(self.model) else self.model,
        }
        return Draft(model, common | fields)


def _share(value: float) -> float:
    return round(min(1.0, max(0.0, float(value))), 4)


def _rounded(box: tuple[float, float, float, float]) -> tuple[float, float, float, float]:
    x1, y1, x2, y2 = (_share(value) for value in box)
    return x1, y1, max(x1, x2), max(y1, y2)
