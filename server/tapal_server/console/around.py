"""What else an officer wants beside an alert: where in the picture, the other cameras then, alerts like it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from tapal_server.alerts.states import State
from tapal_server.alerts.views import AlertFilter, AlertView
from tapal_server.console.ports import AlertRow, Person
from tapal_server.console.subjects import actor_of
from tapal_server.observations import EventFilter, EventView
from tapal_server.paging import Paging
from tapal_server.services import Services

__all__ = ["Around", "Drawing", "Near", "around"]

SPAN = timedelta(minutes=2)
MOST_NEAR = 6
MOST_SIMILAR = 5
MANY = Paging(1, 200)


@dataclass(frozen=True, slots=True)
class Drawing:
    """What to draw over the picture, in fractions of the frame: the box of the one who crossed, the line, the way."""

    box: tuple[float, float, float, float] | None = None
    line: tuple[tuple[float, float], tuple[float, float]] | None = None
    path: tuple[tuple[float, float], ...] = ()


@dataclass(frozen=True, slots=True)
class Near:
    """What another camera of the place saw at about that time."""

    event_id: str
    camera: str
    at: datetime
    label: str
    has_picture: bool


@dataclass(frozen=True, slots=True)
class Around:
    """All of it."""

    drawing: Drawing
    near: tuple[Near, ...]
    similar: tuple[AlertView, ...]


def around(services: Services, person: Person, alert: AlertRow) -> Around:
    """Look it up for one alert."""
    actor = actor_of(person)
    wanted = EventFilter(site=alert.site, since=alert.time - SPAN, until=alert.time + SPAN)
    events = services.observations.page(actor, MANY, wanted).items
    mine = next((event for event in events if event.id == (alert.picture or alert.film)), None)
    near, similar = _near(services, events, mine, alert), _similar(services, alert, person)
    return Around(_drawing(services, person, mine), near, similar)


def _drawing(services: Services, person: Person, event: EventView | None) -> Drawing:
    if event is None:
        return Drawing()
    lines = (
        line
        for node in services.nodes.all(actor_of(person))
        if node.node == event.node
        for camera in (node.health or {}).get("cameras", ())
        if camera["camera"] == event.camera
        for line in camera.get("lines") or ()
        if line["id"] == event.line
    )
    box = event.body.get("box")
    path = tuple((float(x), float(y)) for x, y in event.body.get("path") or ())
    return Drawing(tuple(box) if box else None, _ends(next(lines, None)), path)


def _ends(line: Mapping[str, Any] | None) -> tuple[tuple[float, float], tuple[float, float]] | None:
    if line is None:
        return None
    (x1, y1), (x2, y2) = line["from"], line["to"]
    return (x1, y1), (x2, y2)


def _near(
    services: Services, events: tuple[EventView, ...], mine: EventView | None, alert: AlertRow
) -> tuple[Near, ...]:
    others = [
        event
        for event in events
        if event.type != "camera" and (mine is None or (event.node, event.camera) != (mine.node, mine.camera))
    ]
    nearest = sorted(others, key=lambda event: abs(event.time - alert.time))[:MOST_NEAR]
    pictures = services.media.has(tuple(event.id for event in nearest))
    return tuple(
        Near(event.id, f"{event.node} · {event.camera}", event.time, event.label or event.type, event.id in pictures)
        for event in nearest
    )


def _similar(services: Services, alert: AlertRow, person: Person) -> tuple[AlertView, ...]:
    """The last ones of this kind at this gate that somebody judged."""
    judged = AlertFilter(
        states=frozenset({State.RESOLVED}), kinds=frozenset({alert.kind}), sites=frozenset({alert.site})
    )
    found = services.alerts.page(actor_of(person), Paging(1, 50), judged).items
    same = [one for one in found if one.id != alert.id and (one.line, one.direction) == (alert.line, alert.direction)]
    return tuple(same[:MOST_SIMILAR])
