"""A period in figures: traffic against the log, alerts and outcomes, response times, alarm load, blindness."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from math import ceil
from statistics import median
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Row, Select, func, or_, select
from sqlalchemy.orm import Session

from tapal_server.alerts.states import Outcome
from tapal_server.audit.log import AuditLog
from tapal_server.correlation.types import Site
from tapal_server.db.database import Database
from tapal_server.db.tables import AlertRow, EventRow, NodeRow, PassageRow
from tapal_server.errors import InvalidError
from tapal_server.gates import Learned
from tapal_server.people.actor import Actor
from tapal_server.people.roles import Permission
from tapal_server.reconciliation.pair import ReconcilePair
from tapal_server.reconciliation.service import ReconciliationService
from tapal_server.reports.agencies import AgencyDifference, agency_differences
from tapal_server.reports.load import AlarmLoad, alarm_load
from tapal_server.reports.movements import PlannedTotal, planned_totals
from tapal_server.tallies import of_period

__all__ = ["GateRecall", "GateTraffic", "KindCount", "Report", "ReportService", "Uptime"]

LONGEST = timedelta(days=100)
Counted = Row[str, str | None, str, datetime, datetime | None, datetime | None]
_COUNTED = (
    AlertRow.kind,
    AlertRow.outcome,
    AlertRow.severity,
    AlertRow.raised_at,
    AlertRow.acknowledged_at,
    AlertRow.resolved_at,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class GateTraffic:
    """Crossings seen and persons logged at a gate; `difference` is seen minus logged."""

    site: str
    direction: str
    seen: int
    logged: int

    @property
    def difference(self) -> int:
        """More seen than logged, or less."""
        return self.seen - self.logged


@dataclass(frozen=True, slots=True, kw_only=True)
class KindCount:
    """Alerts of a kind and what they turned out to be."""

    kind: str
    raised: int
    confirmed: int
    welfare: int
    false_alarm: int
    explained: int
    open: int

    @property
    def precision(self) -> float | None:
        """Share of judged leads that were right; explained ones closed themselves and are left out."""
        judged = self.confirmed + self.welfare + self.false_alarm
        return (self.confirmed + self.welfare) / judged if judged else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Uptime:
    """A camera, node or feed: how long it was blind, as its alerts tell, and the share of the time it was not."""

    source: str
    name: str
    blind_minutes: float
    share: float


@dataclass(frozen=True, slots=True, kw_only=True)
class GateRecall:
    """The share of those who pass that a gate's camera sees, as learned by now."""

    site: str
    line: str
    direction: str
    recall: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """A period in figures; times in minutes."""

    since: datetime
    until: datetime
    sites: tuple[str, ...]
    traffic: tuple[GateTraffic, ...]
    kinds: tuple[KindCount, ...]
    acknowledged_after: float | None
    acknowledged_late: float | None
    resolved_after: float | None
    load: AlarmLoad
    blind_minutes: dict[str, float]
    load_by_hour: tuple[int, ...] = ()
    uptime: tuple[Uptime, ...] = ()
    recall: tuple[GateRecall, ...] = ()
    agencies: tuple[AgencyDifference, ...] = ()
    planned: tuple[PlannedTotal, ...] = ()

    @property
    def busiest_hour(self) -> int:
        """Alerts of the clock hour that had most."""
        return self.load.busiest_hour

    @property
    def hours_over_budget(self) -> int:
        """Clock hours with more alerts than an officer can handle."""
        return self.load.hours_over_budget


class ReportService:
    """Makes reports of the sites one sees."""

    def __init__(
        self,
        database: Database,
        sites: Sequence[Site],
        learned: Learned,
        *,
        audit: AuditLog,
        reconciliation: ReconciliationService | None = None,
        pairs: Sequence[ReconcilePair] = (),
        budget: int = 6,
    ) -> None:
        self._database = database
        self._sites = sites
        self._learned = learned
        self._audit = audit
        self._reconciliation = reconciliation
        self._pairs = pairs
        self._budget = budget

    def period(self, actor: Actor, since: datetime, until: datetime, *, site: str | None = None) -> Report:
        """Figures of a period.

        Raises:
            InvalidError: the period is empty or longer than 100 days.
            NotFoundError: the site is none of this person's.
        """
        actor.require(Permission.REPORT)
        if not timedelta(0) < until - since <= LONGEST:
            raise InvalidError("a report covers up to 100 days, and ends after it begins", field="until")
        if site is not None:
            actor.require_site(site)
        sites = [one for one in self._sites if actor.sees(one.id) and site in {None, one.id}]
        names = [one.id for one in sites]
        self._audit.record(
            actor, "report.view", "report:period", since=since.isoformat(), until=until.isoformat(), site=site
        )
        with self._database.read() as session:  # a write would keep everybody else from writing meanwhile
            # Columns, not objects: of thousands of alerts only a few words count.
            alerts = session.execute(
                select(*_COUNTED).where(
                    AlertRow.site.in_(names), AlertRow.raised_at >= since, AlertRow.raised_at < until
                )
            ).all()
            compared = frozenset(pair.second for pair in self._pairs)
            traffic = _traffic(session, sites, since, until, compared=compared)
            blind = session.scalars(
                select(AlertRow).where(
                    AlertRow.site.in_(names),
                    AlertRow.kind == "blind",
                    AlertRow.time < until,
                    or_(AlertRow.closed_at.is_(None), AlertRow.closed_at > since),
                )
            ).all()
            nodes = session.scalars(select(NodeRow).where(NodeRow.site.in_(names))).all()
            planned = planned_totals(session, names, since, until)
        leads = [one for one in alerts if one.kind != "blind"]
        load = alarm_load([(one.raised_at, one.severity) for one in leads], budget=self._budget)
        return Report(
            since=since,
            until=until,
            sites=tuple(names),
            traffic=traffic,
            kinds=tuple(_kind(kind, alerts) for kind in sorted({one.kind for one in alerts})),
            acknowledged_after=_after([(one.raised_at, one.acknowledged_at) for one in leads]),
            resolved_after=_after([(one.raised_at, one.resolved_at) for one in leads]),
            load=load,
            agencies=self._agencies(actor, names, since, until),
            acknowledged_late=_after([(one.raised_at, one.acknowledged_at) for one in leads], late=True),
            blind_minutes=_blindness(blind, since, until),
            load_by_hour=_load(leads, ZoneInfo(sites[0].timezone if sites else "UTC")),
            uptime=_uptime(blind, nodes, since, until),
            recall=self._recall(sites),
            planned=planned,
        )

    def _agencies(
        self, actor: Actor, names: Sequence[str], since: datetime, until: datetime
    ) -> tuple[AgencyDifference, ...]:
        if self._reconciliation is None:
            return ()
        return agency_differences(self._reconciliation, actor, self._pairs, names, (since, until))

    def _recall(self, sites: Sequence[Site]) -> tuple[GateRecall, ...]:
        found = []
        for site in sites:
            for gate in site.gates if site.checkpoint else ():
                params = self._learned.params(site.id, gate.line, gate.direction)
                if params is not None:
                    found.append(
                        GateRecall(site=site.id, line=gate.line, direction=gate.direction, recall=params.recall)
                    )
        return tuple(found)


def _load(leads: Sequence[Counted], zone: ZoneInfo) -> tuple[int, ...]:
    """Alerts by the local hour they were raised in."""
    hours = Counter(one.raised_at.astimezone(zone).hour for one in leads)
    return tuple(hours[hour] for hour in range(24))


def _uptime(
    blind: Sequence[AlertRow], nodes: Sequence[NodeRow], since: datetime, until: datetime
) -> tuple[Uptime, ...]:
    spans: dict[tuple[str, str], list[tuple[datetime, datetime]]] = {("node", node.node): [] for node in nodes}
    for node in nodes:
        spans |= {("camera", str(camera["camera"])): [] for camera in (node.health or {}).get("cameras", ())}
    for one in blind:
        data = one.reason["data"]
        span = max(one.time, since), min(one.closed_at or until, until)
        spans.setdefault((str(data.get("source", "")), str(data.get("name", ""))), []).append(span)
    whole = (until - since).total_seconds()
    found = []
    for (source, name), mine in sorted(spans.items()):
        seconds = _covered(mine)
        found.append(Uptime(source=source, name=name, blind_minutes=seconds / 60, share=1 - seconds / whole))
    return tuple(found)


def _covered(spans: Sequence[tuple[datetime, datetime]]) -> float:
    """Seconds that at least one span covers."""
    total, end = 0.0, None
    for start, stop in sorted(spans):
        begin = start if end is None or start > end else end
        if stop > begin:
            total, end = total + (stop - begin).total_seconds(), stop
    return total


def _traffic(
    session: Session, sites: Sequence[Site], since: datetime, until: datetime, *, compared: frozenset[str]
) -> tuple[GateTraffic, ...]:
    """Crossings and records; sources that are only compared hold the same people once more, and are left out."""
    names = [site.id for site in sites]
    checkpoints = [site.checkpoint for site in sites if site.checkpoint]
    seen = of_period(session, "seen", names, since, until, counted=partial(_seen, session, names))
    counted = partial(_logged, session, checkpoints)
    logged = Counter(of_period(session, "logged", checkpoints, since, until, counted=counted))
    if compared:
        logged.subtract(_logged(session, checkpoints, since, until, of=compared))
    return tuple(
        GateTraffic(
            site=site.id,
            direction=direction,
            seen=seen.get((site.id, direction), 0),
            logged=logged[site.checkpoint or "", direction],
        )
        for site in sites
        for direction in ("inbound", "outbound")
    )


def _seen(session: Session, names: list[str], since: datetime, until: datetime) -> dict[tuple[str, str], int]:
    where = (EventRow.type == "crossing", EventRow.time >= since, EventRow.time < until)
    query = select(EventRow.site, EventRow.direction, func.count()).where(EventRow.site.in_(names), *where)
    return _counts(session, query.group_by(EventRow.site, EventRow.direction))


def _logged(
    session: Session, checkpoints: list[str], since: datetime, until: datetime, *, of: frozenset[str] = frozenset()
) -> dict[tuple[str, str], int]:
    place, direction, persons = PassageRow.checkpoint, PassageRow.direction, func.sum(PassageRow.persons)
    where = (PassageRow.recorded_at >= since, PassageRow.recorded_at < until, PassageRow.withdrawn_at.is_(None))
    query = select(place, direction, persons).where(place.in_(checkpoints), *where)
    query = query.where(PassageRow.source.in_(of)) if of else query
    return _counts(session, query.group_by(place, direction))


def _counts(session: Session, query: Select[Any, Any, Any]) -> dict[tuple[str, str], int]:
    return {(at, str(to)): int(count or 0) for at, to, count in session.execute(query)}


def _kind(kind: str, alerts: Sequence[Counted]) -> KindCount:
    mine = [one for one in alerts if one.kind == kind]
    outcomes = Counter(one.outcome for one in mine)
    return KindCount(
        kind=kind,
        raised=len(mine),
        confirmed=outcomes[Outcome.CONFIRMED.value],
        welfare=outcomes[Outcome.WELFARE.value],
        false_alarm=outcomes[Outcome.FALSE_ALARM.value],
        explained=outcomes[Outcome.EXPLAINED.value],
        open=outcomes[None],
    )


def _after(pairs: Sequence[tuple[datetime, datetime | None]], *, late: bool = False) -> float | None:
    """The median wait in minutes, or what nine of ten waits keep below."""
    waits = sorted((end - start).total_seconds() / 60 for start, end in pairs if end is not None)
    if not waits:
        return None
    return round(waits[ceil(0.9 * len(waits)) - 1] if late else median(waits), 1)


def _blindness(alerts: Sequence[AlertRow], since: datetime, until: datetime) -> dict[str, float]:
    minutes: Counter[str] = Counter()
    for one in alerts:
        name = f"{one.reason['data'].get('source', '')} {one.reason['data'].get('name', '')}".strip()
        minutes[name] += round((min(one.closed_at or until, until) - max(one.time, since)).total_seconds() / 60)
    return dict(minutes)
