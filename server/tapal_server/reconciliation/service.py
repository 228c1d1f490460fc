"""Reconciliation between agencies: reads two sources, compares them, and raises what matters."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from tapal_contract.times import from_seconds
from tapal_server.audit.log import AuditLog
from tapal_server.clock import Clock
from tapal_server.correlation.alerts import alert_id
from tapal_server.correlation.types import (
    Alert,
    AlertClosed,
    AlertRaised,
    AlertUpdated,
    Change,
    Explanation,
    Reason,
    Site,
)
from tapal_server.db.database import Database
from tapal_server.db.tables import AlertRow, PassageRow
from tapal_server.errors import InvalidError, NotFoundError
from tapal_server.events import Bus
from tapal_server.live.inbox import record_key
from tapal_server.live.ledger import Ledger
from tapal_server.people.actor import Actor
from tapal_server.people.roles import Permission
from tapal_server.reconciliation.core import Comparison, Entry, compare
from tapal_server.reconciliation.views import Difference, ReconciliationView

__all__ = ["ReconciliationService"]

LONGEST = timedelta(days=31)
MOST_RECORDS = 20_000
WITHIN_S = 600.0  # two clerks write one passage down at most so far apart
TOLERANCE_S = 60.0  # a smaller difference of times is not worth a word
MATTERS_LEAST, MATTERS_SHARE = 3, 0.02
_MOST_NAMED = 200


class ReconciliationService:
    """Compares sources; who may see a site's records may see how they differ."""

    def __init__(
        self, database: Database, sites: Iterable[Site], *, ledger: Ledger, audit: AuditLog, clock: Clock, bus: Bus
    ) -> None:
        self._database = database
        self._sites = {site.id: site for site in sites}
        self._ledger = ledger
        self._audit = audit
        self._clock = clock
        self._bus = bus

    def sources(self, actor: Actor, site: str) -> tuple[str, ...]:
        """Sources that have records of the site."""
        actor.require(Permission.REPORT)
        checkpoint = self._checkpoint(actor, site)
        query = select(PassageRow.source).where(PassageRow.checkpoint == checkpoint).distinct()
        with self._database.read() as session:
            return tuple(session.scalars(query.order_by(PassageRow.source)))

    def compare(
        self,
        actor: Actor,
        site: str,
        sources: tuple[str, str],
        since: datetime,
        until: datetime,
        *,
        within_s: float = WITHIN_S,
    ) -> ReconciliationView:
        """Compare two sources over a window of at most 31 days."""
        actor.require(Permission.REPORT)
        checkpoint = self._checkpoint(actor, site)
        first, second = sources
        if first == second:
            raise InvalidError("choose two different sources", field="second")
        if not timedelta(0) < until - since <= LONGEST:
            raise InvalidError(f"the window lasts up to {LONGEST.days} days and ends after it starts", field="since")
        if not 1 <= within_s <= 7200:
            raise InvalidError("records pair from 1 to 7200 seconds apart; choose another limit", field="within_s")
        with self._database.read() as session:
            one, other = (_entries(session, source, checkpoint, since, until) for source in sources)
        found = compare(one, other, within_s=within_s)
        return _view(found, (site, checkpoint), sources, (since, until), (one, other))

    def timezone(self, site: str) -> str:
        """The clock of a site, for times on paper."""
        known = self._sites.get(site)
        return known.timezone if known else "UTC"

    def export(
        self, actor: Actor, site: str, sources: tuple[str, str], since: datetime, until: datetime
    ) -> ReconciliationView:
        """The same as `compare`, for a file that leaves the server: that is audited."""
        view = self.compare(actor, site, sources, since, until)
        detail = {"first": view.first, "second": view.second, "since": since.isoformat(), "until": until.isoformat()}
        self._audit.record(actor, "reconciliation.export", f"site:{site}", **detail)
        return view

    def raise_alert(
        self, actor: Actor, site: str, sources: tuple[str, str], since: datetime, until: datetime
    ) -> ReconciliationView:
        """Compare, and raise a `record_conflict` where it matters; where it no longer does, that alert closes."""
        actor.require(Permission.PASSAGES)
        view = self.compare(actor, site, sources, since, until)
        change = self._change(view)
        if change is not None:
            with self._database.write() as session:
                told = self._ledger.write(session, [change])
                if told:
                    detail = {"first": view.first, "second": view.second, "matters": view.matters}
                    self._audit.append(session, actor, "reconciliation.alert", f"site:{site}", detail)
            self._bus.publish(*told)
        return view

    def _change(self, view: ReconciliationView) -> Change | None:
        now = self._clock.now().timestamp()
        alert = _alert(view, now)
        with self._database.read() as session:
            known = session.scalar(select(AlertRow.status).where(AlertRow.id == alert.id))
        if known is None:
            return AlertRaised(alert) if view.matters else None
        if known != "open":
            return None
        if view.matters:
            return AlertUpdated(alert)
        closed = replace(alert, status="explained", closed_at=now)
        return AlertClosed(closed, Reason("agencies_agree", alert.reason.data))

    def _checkpoint(self, actor: Actor, site: str) -> str:
        actor.require_site(site)
        known = self._sites.get(site)
        if known is None:
            raise NotFoundError(f"site {site!r} is not known")
        if known.checkpoint is None:
            raise InvalidError(f"site {site!r} has no checkpoint, so no log; choose one that has", field="site")
        return known.checkpoint


def _entries(session: Session, source: str, checkpoint: str, since: datetime, until: datetime) -> list[Entry]:
    query = select(PassageRow).where(
        PassageRow.source == source,
        PassageRow.checkpoint == checkpoint,
        PassageRow.recorded_at >= since,
        PassageRow.recorded_at < until,
        PassageRow.withdrawn_at.is_(None),
    )
    count = session.scalar(query.with_only_columns(func.count())) or 0
    if count > MOST_RECORDS:
        raise InvalidError(
            f"{source!r} has {count} records there, more than {MOST_RECORDS}; shorten the window", field="since"
        )
    return [
        Entry(
            id=row.record_id,
            time=row.recorded_at.timestamp(),
            direction=row.direction,
            persons=row.persons,
            voyage_id=row.voyage_id,
            document_hash=row.document_hash,
        )
        for row in session.scalars(query)
    ]


def _view(
    found: Comparison,
    place: tuple[str, str],
    sources: tuple[str, str],
    window: tuple[datetime, datetime],
    entries: tuple[list[Entry], list[Entry]],
) -> ReconciliationView:
    late = [pair for pair in found.pairs if abs(pair.seconds) > TOLERANCE_S]
    odd = [pair for pair in found.pairs if pair.persons]
    alone = len(found.only_first) + len(found.only_second)
    one, other = entries
    least = max(MATTERS_LEAST, MATTERS_SHARE * max(len(one), len(other)))
    return ReconciliationView(
        site=place[0],
        checkpoint=place[1],
        first=sources[0],
        second=sources[1],
        since=window[0],
        until=window[1],
        first_records=len(one),
        second_records=len(other),
        first_persons=sum(entry.persons for entry in one),
        second_persons=sum(entry.persons for entry in other),
        paired=len(found.pairs),
        paired_by_document=sum(pair.by == "document" for pair in found.pairs),
        agreeing=len(found.pairs) - len({pair.first.id for pair in (*late, *odd)}),
        only_first=len(found.only_first),
        only_second=len(found.only_second),
        times_differ=len(late),
        persons_differ=len(odd),
        # A log that says nothing at all is silent, which its feed's own alert says.
        matters=bool(one) and bool(other) and alone + len(odd) >= least,
        differences=tuple(sorted(_differences(found), key=lambda difference: difference.at)),
    )


def _differences(found: Comparison) -> Iterable[Difference]:
    for pair in found.pairs:
        one, other = pair.first, pair.second
        kind = "persons_differ" if pair.persons else "times_differ" if abs(pair.seconds) > TOLERANCE_S else None
        if kind is not None:
            yield Difference(
                kind="persons_differ" if kind == "persons_differ" else "times_differ",
                direction=one.direction,
                first_id=one.id,
                first_at=from_seconds(one.time),
                first_persons=one.persons,
                second_id=other.id,
                second_at=from_seconds(other.time),
                second_persons=other.persons,
                voyage_id=one.voyage_id or other.voyage_id,
                by=pair.by,
            )
    for one in found.only_first:
        yield Difference(
            kind="only_first",
            direction=one.direction,
            first_id=one.id,
            first_at=from_seconds(one.time),
            first_persons=one.persons,
            voyage_id=one.voyage_id,
        )
    for other in found.only_second:
        yield Difference(
            kind="only_second",
            direction=other.direction,
            second_id=other.id,
            second_at=from_seconds(other.time),
            second_persons=other.persons,
            voyage_id=other.voyage_id,
        )


def _alert(view: ReconciliationView, now: float) -> Alert:
    window = (view.since.isoformat(), view.until.isoformat())
    records = [
        record_key(source, record)
        for one in view.differences
        for source, record in ((view.first, one.first_id), (view.second, one.second_id))
        if record is not None and one.kind != "times_differ"
    ]
    return Alert(
        id=alert_id("record_conflict", view.site, "agencies", view.first, view.second, *window),
        kind="record_conflict",
        site=view.site,
        line=None,
        direction=None,
        status="open",
        probability=0.9,
        time=view.since.timestamp(),
        raised_at=now,
        reason=Reason(
            "agencies_differ",
            {
                "first": view.first,
                "second": view.second,
                "only_first": view.only_first,
                "only_second": view.only_second,
                "persons_differ": view.persons_differ,
            },
        ),
        record_ids=tuple(records[:_MOST_NAMED]),
        innocent=(Explanation("records_late"), Explanation("typing_error")),
    )
