"""Which film the review asks a node for next, and why others wait. No clock, no database: it reads as a table."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import groupby
from operator import attrgetter
from typing import Literal

__all__ = ["AGAIN_AFTER", "BACKLOG", "RANK", "TRIES", "WAITS_AT_MOST", "Film", "Hold", "Node", "Step", "Why", "steps"]

Why = Literal["missed", "false_alarm", "confirmed", "explained"]
Hold = Literal["next", "away", "sending", "turn", "share", "again"]

RANK: tuple[Why, ...] = ("missed", "false_alarm", "confirmed", "explained")
"""What the edge missed teaches most, then what it took for somebody, then what it saw."""
DAY = timedelta(days=1)
WAITS_AT_MOST = timedelta(days=2)
"""A node keeps its films for three days unless told otherwise."""
AGAIN_AFTER = timedelta(minutes=15)
TRIES = 3
BACKLOG = 5
"""Events and pictures that a node may have left to send: some are always on their way."""
ALIKE = timedelta(seconds=5)
"""Of two moments of a camera nearer than this one film shows both; people say only about when they missed somebody."""
PASSING = frozenset({"busy", "offline", "silent", "stalled", "broken"})
"""What may be otherwise the next time."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Film:
    """A film that was asked for, or is to be; `why` is empty where a person asked."""

    event_id: str
    node: str
    camera: str
    at: datetime
    why: str
    wished_at: datetime
    asked_at: datetime | None = None
    tries: int = 0
    state: str = "waiting"
    cause: str = ""

    @property
    def wanted(self) -> bool:
        """Whether the review still has to do something about it."""
        return bool(self.why) and (self.state == "waiting" or (self.state == "failed" and self.passes))

    @property
    def passes(self) -> bool:
        """Whether it may come at another try."""
        return self.cause in PASSING and self.tries < TRIES

    @property
    def under_way(self) -> bool:
        """Whether its node is at it."""
        return self.state in {"asked", "coming"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Node:
    """How a node fares: whether it is in reach, and how much of what it saw it has still to send."""

    online: bool
    backlog: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """What becomes of a film: its node is asked for it, it waits, or it is given up."""

    event_id: str
    what: Literal["ask", "hold", "end"]
    word: str = ""


def steps(films: Sequence[Film], nodes: Mapping[str, Node], per_day: int, now: datetime) -> tuple[Step, ...]:
    """What becomes of each film that the review wants; of a node at most one is asked for at a time."""
    found: list[Step] = []
    for node, of_node in groupby(sorted(films, key=attrgetter("node")), key=attrgetter("node")):
        found += _of_node(list(of_node), nodes.get(node, Node(online=False, backlog=0)), per_day, now)
    return tuple(found)


def _of_node(films: Sequence[Film], node: Node, per_day: int, now: datetime) -> Iterable[Step]:
    shown = [film for film in films if film.under_way or film.state == "here"]
    hold = _hold(films, node, per_day, now)
    for film in sorted((film for film in films if film.wanted), key=_order):
        end = "late" if now - film.wished_at >= WAITS_AT_MOST else "twice" if _is_shown(film, shown) else ""
        if end:
            yield Step(event_id=film.event_id, what="end", word=end)
        elif hold is not None:
            yield Step(event_id=film.event_id, what="hold", word=hold)
        elif film.asked_at is not None and now - film.asked_at < AGAIN_AFTER:
            yield Step(event_id=film.event_id, what="hold", word="again")
        else:
            hold = "turn"
            shown.append(film)
            yield Step(event_id=film.event_id, what="ask")


def _hold(films: Sequence[Film], node: Node, per_day: int, now: datetime) -> Hold | None:
    """Why nothing is asked of a node now; None where it may be asked."""
    if sum(_took_its_share(film, now) for film in films) >= per_day:
        return "share"
    if not node.online:
        return "away"
    if any(film.under_way for film in films):
        return "turn"
    return "sending" if node.backlog > BACKLOG else None


def _took_its_share(film: Film, now: datetime) -> bool:
    """Whether it took of the day's share: a refusal costs nothing."""
    if not film.why or film.asked_at is None or now - film.asked_at >= DAY:
        return False
    return film.state in {"asked", "coming", "here"} or film.cause in {"stalled", "broken"}


def _is_shown(film: Film, shown: Iterable[Film]) -> bool:
    wide = film.why == "missed"
    of_camera = (one for one in shown if one.camera == film.camera and (one.why == "missed" or not wide))
    return any(abs(one.at - film.at) < ALIKE for one in of_camera)


def _order(film: Film) -> tuple[int, float]:
    """The order in which they are asked for: by what is learned, then the newest, which are surely still there."""
    rank = RANK.index(film.why) if film.why in RANK else len(RANK)
    return rank, -film.at.timestamp()
