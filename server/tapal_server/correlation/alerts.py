"""The book of alerts: one per cause, never more than the budget an hour without one surge alert that says so."""

import uuid
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from tapal_server.correlation.types import (
    Alert,
    AlertClosed,
    AlertRaised,
    AlertUpdated,
    Change,
    Data,
    Direction,
    Explanation,
    Kind,
    Reason,
)

_SPACE = uuid.UUID("8b2f2b52-7d0f-5c0e-9d59-3f6a2f0c7a11")
HOUR = 3600.0


def alert_id(kind: str, *parts: str) -> str:
    """Return an id that depends on nothing but what the alert is about."""
    return str(uuid.uuid5(_SPACE, "\x1f".join((kind, *parts))))


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """What a rule wants the officer to know. Findings with one `cause` become one alert."""

    kind: Kind
    site: str
    cause: str
    time: float
    probability: float
    reason: Reason
    line: str | None = None
    direction: Direction | None = None
    events: Mapping[str, float] = field(default_factory=dict)
    records: tuple[str, ...] = ()
    low: float | None = None
    high: float | None = None
    innocent: tuple[Explanation, ...] = ()


class Book:
    """Open alerts by cause, and the changes since they were last taken."""

    def __init__(self, per_hour: int) -> None:
        self.per_hour = per_hour
        self.open: dict[str, Alert] = {}
        self._cause: dict[str, str] = {}
        self._raised: dict[str, deque[float]] = {}
        self._changes: list[Change] = []
        self._again: dict[str, int] = {}

    @property
    def changed(self) -> bool:
        """Whether there are changes to take."""
        return bool(self._changes)

    def take(self) -> list[Change]:
        """Return the changes since the last call."""
        changes, self._changes = self._changes, []
        return changes

    def find(self, cause: str) -> Alert | None:
        """Return the open alert of a cause."""
        key = self._cause.get(cause)
        return None if key is None else self.open[key]

    def report(self, finding: Finding, now: float) -> Alert:
        """Raise an alert, or bring the open one of the same cause up to date."""
        known = self.find(finding.cause)
        events = tuple(sorted(finding.events, key=lambda event: (finding.events[event], event)))
        if known is not None:
            alert = replace(
                known,
                probability=finding.probability,
                reason=finding.reason,
                time=min(known.time, finding.time),
                event_ids=events,
                record_ids=finding.records,
                low=finding.low,
                high=finding.high,
                innocent=finding.innocent,
            )
            if alert != known:
                self._store(alert, AlertUpdated(alert))
            return alert
        turn = self._again.get(finding.cause, 0)
        self._again[finding.cause] = turn + 1
        alert = Alert(
            id=alert_id(finding.kind, finding.site, finding.cause, *([str(turn)] if turn else [])),
            kind=finding.kind,
            site=finding.site,
            line=finding.line,
            direction=finding.direction,
            status="open",
            probability=finding.probability,
            time=finding.time,
            raised_at=now,
            reason=finding.reason,
            event_ids=events,
            record_ids=finding.records,
            low=finding.low,
            high=finding.high,
            innocent=finding.innocent,
        )
        self._cause[finding.cause] = alert.id
        surge = self._budget(alert, now)
        alert = replace(alert, surge=surge)
        self._store(alert, AlertRaised(alert))
        if surge is not None:
            self._join(alert, now)
        return alert

    def close(self, cause: str, because: Reason, now: float) -> None:
        """Close the open alert of a cause as explained; nothing happens without one."""
        key = self._cause.pop(cause, None)
        if key is None:
            return
        alert = replace(self.open.pop(key), status="explained", closed_at=now)
        self._changes.append(AlertClosed(alert, because))

    def close_alert(self, key: str, because: Reason, now: float) -> None:
        """Close an open alert by its id."""
        for cause, known in list(self._cause.items()):
            if known == key:
                self.close(cause, because, now)

    def forget(self, cause: str) -> Alert | None:
        """Stop following an alert that has outlived the engine's memory; it stays open for the officer."""
        self._again.pop(cause, None)
        key = self._cause.pop(cause, None)
        return None if key is None else self.open.pop(key)

    def _store(self, alert: Alert, change: Change) -> None:
        self.open[alert.id] = alert
        self._changes.append(change)

    def _budget(self, alert: Alert, now: float) -> str | None:
        """Count an alert against the hour of its site; the id of the surge it belongs to when that is full."""
        if alert.kind in {"surge", "blind"}:
            return None
        recent = self._raised.setdefault(alert.site, deque())
        while recent and recent[0] <= now - HOUR:
            recent.popleft()
        recent.append(now)
        if len(recent) <= self.per_hour:
            self.close(f"surge:{alert.site}", Reason("surge_over"), now) if len(recent) == 1 else None
            return None
        known = self.find(f"surge:{alert.site}")
        return known.id if known else "new"

    def _join(self, alert: Alert, now: float) -> None:
        cause = f"surge:{alert.site}"
        known = self.find(cause)
        members = (*(known.members if known else ()), alert.id)
        data: dict[str, Data] = {"alerts": len(members), "per_hour": self.per_hour}
        if known is None:
            whole = self.report(
                Finding(
                    kind="surge",
                    site=alert.site,
                    cause=cause,
                    time=alert.time,
                    probability=alert.probability,
                    reason=Reason("surge", data),
                ),
                now,
            )
            alert = replace(alert, surge=whole.id)
            self._store(alert, AlertUpdated(alert))
            known = whole
        whole = replace(
            known,
            members=members,
            probability=max(known.probability, alert.probability),
            reason=Reason("surge", data),
        )
        self._store(whole, AlertUpdated(whole))
