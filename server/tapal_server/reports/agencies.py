"""How the logs of two agencies differed in a period, summed over its days."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, fields
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from tapal_contract.errors import TapalError
from tapal_server.people.actor import Actor
from tapal_server.reconciliation.pair import ReconcilePair
from tapal_server.reconciliation.service import ReconciliationService

__all__ = ["AgencyDifference", "agency_differences"]

Period = tuple[datetime, datetime]


@dataclass(frozen=True, slots=True, kw_only=True)
class AgencyDifference:
    """Two sources of one site: records, how many pair and agree, and in which ways the others differ."""

    site: str
    first: str
    second: str
    first_records: int = 0
    second_records: int = 0
    agreeing: int = 0
    only_first: int = 0
    only_second: int = 0
    times_differ: int = 0
    persons_differ: int = 0
    days_left_out: int = 0


_SUMMED = tuple(one.name for one in fields(AgencyDifference))[3:-1]


def agency_differences(
    service: ReconciliationService,
    actor: Actor,
    pairs: Sequence[ReconcilePair],
    sites: Sequence[str],
    period: Period,
) -> tuple[AgencyDifference, ...]:
    """Compare each pair day by day, as its alerts do; a day with more records than can be compared is left out."""
    return tuple(_sum(service, actor, pair, period) for pair in pairs if pair.site in sites)


def _sum(service: ReconciliationService, actor: Actor, pair: ReconcilePair, period: Period) -> AgencyDifference:
    total, left_out = dict.fromkeys(_SUMMED, 0), 0
    for begins, ends in _days(*period, ZoneInfo(service.timezone(pair.site))):
        try:
            view = service.compare(actor, pair.site, (pair.first, pair.second), begins, ends)
        except TapalError:  # counted, and shown as such
            left_out += 1
            continue
        for name in _SUMMED:
            total[name] += getattr(view, name)
    return AgencyDifference(site=pair.site, first=pair.first, second=pair.second, days_left_out=left_out, **total)


def _days(since: datetime, until: datetime, zone: ZoneInfo) -> Iterator[tuple[datetime, datetime]]:
    """The period cut at local midnights."""
    begins = since
    while begins < until:
        day = begins.astimezone(zone).date() + timedelta(days=1)
        ends = min(until, datetime.combine(day, time(), zone))
        yield begins, ends
        begins = ends
