"""Duties dealt out among servers by advisory locks of PostgreSQL, which end with the connection that holds them.

Every server holds one lock that says it is there, so each sees who lives, and all agree by a hash whose a duty is
(rendezvous hashing: when one dies, only its own duties move). The lock of the duty, not the agreement, makes sure that
only one does it. A server that stands still may go on writing for a moment after its lock is another's; what must not
be written then is guarded by a term beside what is written (see the correlator).
"""

import asyncio
import hashlib
import logging
import random
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from psycopg import AsyncConnection, Error
from psycopg.conninfo import make_conninfo
from sqlalchemy.engine import URL

from tapal_server.replicas.ownership import Work

__all__ = ["Elected", "connection_to", "owner_among"]

log = logging.getLogger(__name__)

LOOK_EVERY_S = 1.0
_ANSWER_WITHIN_S = 5.0
_MEMBERS, _DUTIES = 0x7A9A5, 0x7A9A6
# The database finds out within about five seconds that a machine is gone whose end closed no connection.
_ALIVE = {"keepalives_idle": 2, "keepalives_interval": 1, "keepalives_count": 3}
_WATCHED = " ".join(f"-c tcp_{key}={value}" for key, value in _ALIVE.items())
_WHO = (
    "SELECT objid FROM pg_locks WHERE locktype = 'advisory' AND classid = %s AND granted "
    "AND database = (SELECT oid FROM pg_database WHERE datname = current_database())"
)


@dataclass(slots=True)
class _Duty:
    name: str
    held: bool = False
    resting: asyncio.Event = field(default_factory=asyncio.Event)
    mine: asyncio.Event = field(default_factory=asyncio.Event)
    lost: asyncio.Event = field(default_factory=asyncio.Event)

    def __post_init__(self) -> None:
        self.resting.set()
        self.lost.set()

    def take(self) -> None:
        self.held = True
        self.lost.clear()
        self.mine.set()

    def drop(self) -> None:
        self.held = False
        self.mine.clear()
        self.lost.set()


class Elected:
    """One server among several."""

    def __init__(self, url: URL, *, look_every_s: float = LOOK_EVERY_S) -> None:
        self._url = url
        self._look_every_s = look_every_s
        self._number = random.getrandbits(31)
        self._duties: dict[str, _Duty] = {}

    def owns(self, duty: str) -> bool:
        """Whether this server does it now, as far as it knows."""
        known = self._duties.get(duty)
        return known is not None and known.held

    async def keep(self, duty: str, work: Work) -> None:
        """Do the work whenever the duty is this server's, until cancelled."""
        own = self._duties[duty] = _Duty(duty)
        while True:
            await own.mine.wait()
            log.info("%s is this server's now", duty)
            own.resting.clear()
            try:
                await _until(own.lost, work)
            finally:
                own.resting.set()
            log.info("%s is no longer this server's", duty)

    async def run(self) -> None:
        """Take part until cancelled."""
        while True:
            try:
                async with connection_to(self._url) as connection:
                    await self._serve(connection)
            except (Error, OSError, TimeoutError) as error:
                log.warning("the database that holds the duties does not answer: %s", error or type(error).__name__)
            finally:
                for duty in self._duties.values():
                    duty.drop()
            await asyncio.sleep(self._look_every_s * random.uniform(0.5, 1.5))  # noqa: S311 - spreads, keeps no secret

    async def _serve(self, connection: AsyncConnection) -> None:
        await connection.execute("SELECT pg_advisory_lock(%s, %s)", (_MEMBERS, self._number))
        while True:
            async with asyncio.timeout(_ANSWER_WITHIN_S):
                found = await (await connection.execute(_WHO, (_MEMBERS,))).fetchall()
                members = sorted(int(row[0]) for row in found)
                for duty in list(self._duties.values()):
                    if owner_among(members, duty.name) == self._number:
                        await self._claim(connection, duty)
                    elif duty.held:
                        duty.drop()
                        await duty.resting.wait()
                        await connection.execute("SELECT pg_advisory_unlock(%s, %s)", (_DUTIES, _key(duty.name)))
            await asyncio.sleep(self._look_every_s)

    async def _claim(self, connection: AsyncConnection, duty: _Duty) -> None:
        if duty.held:
            return
        asked = await connection.execute("SELECT pg_try_advisory_lock(%s, %s)", (_DUTIES, _key(duty.name)))
        row = await asked.fetchone()
        if row is not None and row[0]:
            duty.take()


@asynccontextmanager
async def connection_to(url: URL) -> AsyncIterator[AsyncConnection]:
    """A connection beside the pool, each statement for itself; its end is noticed at both ends within seconds."""
    plain = url.set(drivername="postgresql").render_as_string(hide_password=False)
    keeping = {key: str(value) for key, value in _ALIVE.items()}
    conninfo = make_conninfo(plain, options=_WATCHED, connect_timeout="5", **keeping)
    connection = await AsyncConnection.connect(conninfo, autocommit=True)
    try:
        yield connection
    finally:
        await connection.close()


def owner_among(members: Sequence[int], duty: str) -> int | None:
    """Whose a duty is, if these are all; every server finds the same."""
    return max(members, key=lambda member: hashlib.sha256(f"{member}/{duty}".encode()).digest(), default=None)


def _key(duty: str) -> int:
    return int.from_bytes(hashlib.sha256(duty.encode()).digest()[:4], "big", signed=True)


async def _until(lost: asyncio.Event, work: Work) -> None:
    """Do the work until it is lost; what the work raises is raised, and work that is done is not begun again."""
    working = asyncio.ensure_future(work())
    losing = asyncio.ensure_future(lost.wait())
    try:
        await asyncio.wait({working, losing}, return_when=asyncio.FIRST_COMPLETED)
        if working.done():
            working.result()
            await losing
    finally:
        for task in (working, losing):
            task.cancel()
        await asyncio.gather(working, losing, return_exceptions=True)
