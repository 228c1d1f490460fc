"""Alerts for crossings without a record: raised over the threshold, kept up to date, closed when explained."""

from collections.abc import Callable

from tapal_server.correlation.alerts import Book, Finding
from tapal_server.correlation.doubt import OUTAGE_S, REST_S, log_filling
from tapal_server.correlation.groups import Group, Groups
from tapal_server.correlation.near import WORTH_TELLING
from tapal_server.correlation.pool import Pool
from tapal_server.correlation.seen import Seen
from tapal_server.correlation.types import Crossing, Explanation, Reason, Site

DAY_S = 86400.0
LET_GO = 0.8  # for a day, and by a lesson at any time, an alert closes only below this share of the two bounds
YOUNG = 0.25  # while the neighbours' records may still be on their way, below this: till then the row may be theirs


class Unlogged:
    """The alerts of one gate."""

    def __init__(self, site: Site, pool: Pool, book: Book) -> None:
        self._site, self._pool, self._book = site, pool, book
        self._groups: Groups[Seen] = Groups("unlogged", pool.settings.group_gap_s)

    def update(self, touched: list[Seen], now: float, *, strict: bool = False, lesson: bool = False) -> None:
        """Bring alerts in line with fresh posteriors.

        An alert that stands closes only when it is clearly no longer one: for as long as the neighbours' records may
        still come, for a day, and by a `lesson`. After that what arrived decides alone, in whatever order it came.
        """
        pool, groups = self._pool, self._groups
        settings = pool.settings
        for seen in touched:
            time, key = seen.crossing.time, seen.crossing.id
            if key not in groups:
                if seen.suspect(settings) and not (pool.doubtful(time) or (not strict and self._too_soon(seen, now))):
                    groups.add(time, key, seen)
            elif self._let_go(seen, now, strict=strict, lesson=lesson):
                self._remove(seen)
            else:
                groups.touch(time, key)
        self._settle(now, Reason("record_arrived"))

    def excuse(self, why: Callable[[Crossing], Reason | None], now: float) -> None:
        """Take out whom a plan entered since explains, and close what has nobody left."""
        for seen in self._groups.everybody():
            because = why(seen.crossing)
            if because is not None:
                self._remove(seen)
                self._settle(now, because)

    def _remove(self, seen: Seen) -> None:
        self._groups.remove(seen.crossing.time, seen.crossing.id)
        self._pool.crossings.leave(seen)

    def _settle(self, now: float, because: Reason) -> None:
        """Tell of the groups that changed; whose members went over to another group says so."""
        if not self._groups.changed:
            return
        left, gone = self._groups.settle()
        for group in gone:
            self._book.close(group.cause, Reason("joined") if group.joined else because, now)
        for group in left:
            self._tell(group, now)

    def _too_soon(self, seen: Seen, now: float) -> bool:
        """Whether the log is being filled in just now about a crossing; it is looked at again when that rests."""
        pool, time = self._pool, seen.crossing.time
        far = max(OUTAGE_S, 3.0 * (pool.high - pool.low))
        filling = log_filling(pool.records, (time - far, time + far), now)
        if filling:
            pool.agenda.ask(now + REST_S, time, seen.handle)
        return filling

    def _let_go(self, seen: Seen, now: float, *, strict: bool, lesson: bool) -> bool:
        """Whether a member no longer belongs; in the end (`strict`) as if it had never been raised."""
        pool, time = self._pool, seen.crossing.time
        if strict:
            return not seen.suspect(pool.settings) or pool.doubtful(time)
        settles = time + max(pool.unsettled, DAY_S)
        slack = YOUNG if now < time + pool.unsettled else LET_GO if lesson or now < settles else 1.0
        if not seen.suspect(pool.settings, slack):
            return True
        if now < settles and not seen.suspect(pool.settings):
            pool.agenda.ask(settles, time, seen.handle)
        return False

    def forget(self, before: float) -> None:
        """Stop following groups that the engine no longer remembers; their alerts stay open."""
        for group in self._groups.forget(before):
            self._book.forget(group.cause)

    def _tell(self, group: Group[Seen], now: float) -> None:
        crossings, members = self._pool.crossings, list(group.members.values())
        crossings.refresh(members)
        surest = max(members, key=lambda seen: seen.unlogged)
        first = min(members, key=lambda seen: seen.crossing.time)
        known = self._book.find(group.cause)
        news = (
            known is None
            or set(known.event_ids) != set(group.members)
            or abs(known.probability - surest.unlogged) >= WORTH_TELLING
        )
        told = surest.unlogged if known is None or news else known.probability
        crossings.follow(members, told)
        if not news:
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
                        "usual_s": self._pool.quick.usual_s,
                        "longest_s": self._pool.quick.longest_s,
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
