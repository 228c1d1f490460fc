"""Compares the sources named in the settings day by day, for as long as late rows still come."""

import asyncio
import logging
from collections.abc import Iterable, Iterator
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy.exc import SQLAlchemyError

from tapal_contract.errors import TapalError
from tapal_server.clock import Clock
from tapal_server.correlation.types import Site
from tapal_server.people.actor import SYSTEM
from tapal_server.reconciliation.pair import ReconcilePair
from tapal_server.reconciliation.service import ReconciliationService

__all__ = ["ReconcileRoutine"]

log = logging.getLogger(__name__)

EVERY_S = 3600.0
DAYS = 3


class ReconcileRoutine:
    """One task; each of the last days is compared every hour, so that late rows close what they explain."""

    def __init__(
        self, service: ReconciliationService, pairs: Iterable[ReconcilePair], sites: Iterable[Site], clock: Clock
    ) -> None:
        self._service = service
        self._pairs = tuple(pairs)
        self._zones = {site.id: ZoneInfo(site.timezone) for site in sites}
        self._clock = clock

    async def run(self) -> None:
        """Compare until cancelled."""
        while self._pairs:
            try:
                await asyncio.to_thread(self.work)
            except SQLAlchemyError:
                log.exception("the reconciliation could not use the database; it goes on in an hour")
            await asyncio.sleep(EVERY_S)

    def work(self) -> int:
        """Compare what is due; return how many windows there were."""
        count = 0
        for pair in self._pairs:
            for since, until in self._days(pair):
                try:
                    self._service.raise_alert(SYSTEM, pair.site, (pair.first, pair.second), since, until)
                    count += 1
                except TapalError as error:
                    log.warning("%s and %s are not compared: %s", pair.first, pair.second, error)
        return count

    def _days(self, pair: ReconcilePair) -> Iterator[tuple[datetime, datetime]]:
        now, zone = self._clock.now(), self._zones.get(pair.site, ZoneInfo("UTC"))
        today = now.astimezone(zone).date()
        for back in range(DAYS):
            ends = datetime.combine(today - timedelta(days=back), time(), zone)
            if now - ends >= timedelta(hours=pair.settle_hours):
                yield datetime.combine(today - timedelta(days=back + 1), time(), zone), ends
