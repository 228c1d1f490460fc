"""Alerts for crossings without a record: raised over the threshold, kept up to date, closed when explained."""

from collections.abc import Callable
from dataclasses import dataclass, field

from tapal_server.correlation.alerts import Book, Finding
from tapal_server.correlation.pool import Pool
from tapal_server.correlation.quick import Seen
from tapal_server.correlation.types import Crossing, Explanation, Reason, Site

LONGEST_GROUP_S = 600.0
HARDLY = 0.01  # of records take longer than what an officer is told as the longest
LET_GO = 0.8  # a lesson closes an open alert only below this share of the threshold, so that it does not flutter
WORTH_TELLING = 0.05  # smaller changes of a probability are not news


@dataclass(slots=True)
class Group:
    """People without a record who passed together."""

    cause: str
    members: dict[str, Seen] = field(default_factory=dict)


class Unlogged:
    """The alerts of one gate."""

    def __init__(self, site: Site, pool: Pool, book: Book) -> None:
        self._site, self._pool, self._book = site, pool, book
        self._group_of: dict[str, Group] = {}
        self._last: list[Group] = []

    def update(self, touched: list[Seen], now: float, *, strict: bool = False, lesson: bool = False) -> None:
        """Bring alerts in line with fresh posteriors.

        What arrived decides alone, in whatever order it came; only a `lesson` meets some slack.
        """
        settings = self._pool.settings
        changed: dict[str, Group] = {}
        for seen in touched:
            group = self._group_of.get(seen.crossing.id)
            if group is None and seen.suspect(settings) and not self._pool.doubtful(seen.crossing.time):
                group = self._group_for(seen)
                group.members[seen.crossing.id] = seen
                self._group_of[seen.crossing.id] = group
            elif group is not None and self._let_go(seen, strict=strict, lesson=lesson):
                del group.members[seen.crossing.id]
                del self._group_of[seen.crossing.id]
            if group is not None:
                changed[group.cause] = group
        for group in changed.values():
            self._tell(group, now)

    def excuse(self, why: Callable[[Crossing], Reason | None], now: float) -> None:
        """Take out whom a plan entered since explains, and close what has nobody left."""
        for crossing_id, group in list(self._group_of.items()):
            because = why(group.members[crossing_id].crossing)
            if because is not None:
                del group.members[crossing_id]
                del self._group_of[crossing_id]
                self._tell(group, now, because)

    def _let_go(self, seen: Seen, *, strict: bool, lesson: bool) -> bool:
        """Whether a member no longer belongs; in the end (`strict`) as if it had never been raised."""
        if not seen.suspect(self._pool.settings, LET_GO if lesson else 1.0):
            return True
        return strict and self._pool.doubtful(seen.crossing.time)

    def forget(self, crossing_ids: list[str]) -> None:
        """Stop following crossings that the engine no longer remembers; their alerts stay open."""
        for crossing_id in crossing_ids:
            group = self._group_of.pop(crossing_id, None)
            if group is not None:
                self._book.forget(group.cause)
                self._last = [other for other in self._last if other is not group]

    def _group_for(self, seen: Seen) -> Group:
        gap = self._pool.settings.group_gap_s
        for group in self._last:
            times = [other.crossing.time for other in group.members.values()]
            near = any(abs(seen.crossing.time - time) <= gap for time in times)
            if near and max(abs(seen.crossing.time - time) for time in times) <= LONGEST_GROUP_S:
                return group
        group = Group(f"unlogged:{seen.crossing.id}")
        self._last = [*self._last[-7:], group]
        return group

    def _tell(self, group: Group, now: float, because: Reason | None = None) -> None:
        if not group.members:
            self._last = [other for other in self._last if other is not group]
            self._book.close(group.cause, because or Reason("record_arrived"), now)
            return
        members = list(group.members.values())
        surest = max(members, key=lambda seen: seen.unlogged)
        first = min(members, key=lambda seen: seen.crossing.time)
        known = self._book.find(group.cause)
        if (
            known is not None
            and set(known.event_ids) == set(group.members)
            and abs(known.probability - surest.unlogged) < WORTH_TELLING
        ):
            return
        self._book.report(
            Finding(
                kind="unlogged_crossing",
                site=self._site.id,
                line=self._pool.gate.line,
                direction=self._pool.gate.direction,
                cause=group.cause,
                time=first.crossing.time,
                probability=surest.unlogged,
                events={seen.crossing.id: seen.crossing.time for seen in members},
                reason=Reason(
                    "no_record",
                    {
                        "people": len(members),
                        "expected": sum(seen.unlogged for seen in members),
                        "waited_s": now - first.crossing.time,
                        "usual_s": self._pool.quick.age_at(0.5),
                        "longest_s": self._pool.quick.age_at(HARDLY),
                    },
                ),
                innocent=self._innocent(surest),
            ),
            now,
        )

    def _innocent(self, seen: Seen) -> tuple[Explanation, ...]:
        late = max(1.0 - seen.unlogged / seen.standing, 0.0) if seen.standing else 0.0
        other = max(seen.unmatched - seen.unlogged - late, 0.0)
        return (
            Explanation("record_matched_elsewhere", 1.0 - seen.unmatched),
            Explanation("false_or_double_count", other),
            Explanation("record_late", late),
        )
