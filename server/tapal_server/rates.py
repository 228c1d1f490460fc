"""How often one may ask: a bucket of calls for each person, and one for each address that strangers come from.

Buckets are of this process and forgotten at its end: of several replicas each gives everybody the whole of both limits.
They guard the machine against programs that run wild, not an account against guessing; failed attempts to sign in are
counted in the database, by name (:mod:`tapal_server.people.auth`).
"""

import ipaddress
import logging
import math
import threading
import time
from collections import OrderedDict
from collections.abc import Callable

from tapal_server.errors import TooManyAttemptsError

__all__ = ["Buckets", "Rates"]

log = logging.getLogger(__name__)

MOST = 10_000
_NOTED_FOR_S = 60.0


class Buckets:
    """For each key a bucket that holds a minute's calls and fills up again as time goes by."""

    def __init__(self, per_minute: int, *, clock: Callable[[], float] = time.monotonic, most: int = MOST) -> None:
        self._per_minute = per_minute
        self._clock = clock
        self._most = most
        self._level: OrderedDict[str, tuple[float, float]] = OrderedDict()  # the one asked for longest ago comes first
        self._lock = threading.Lock()

    def take(self, key: str) -> float:
        """Take one call; return 0, or the seconds until there is one."""
        with self._lock:
            now = self._clock()
            level, at = self._level.pop(key, (float(self._per_minute), now))
            level = min(float(self._per_minute), level + (now - at) * self._per_minute / 60)
            wait = 0.0 if level >= 1 else (1 - level) * 60 / self._per_minute
            self._level[key] = (level if wait else level - 1, now)
            if len(self._level) > self._most:
                self._level.popitem(last=False)
            return wait

    def __len__(self) -> int:
        return len(self._level)


class Rates:
    """The limits of one server; None is none."""

    def __init__(
        self, of_person: int | None, of_stranger: int | None, *, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._people = Buckets(of_person, clock=clock) if of_person is not None else None
        self._strangers = Buckets(of_stranger, clock=clock) if of_stranger is not None else None
        self._clock = clock
        self._noted: dict[str, float] = {}

    def person(self, name: str) -> None:
        """Somebody who is signed in asks, in any session or with any token.

        Raises:
            TooManyAttemptsError: too often.
        """
        self._require(self._people, name, f"{name!r} asks too often")

    def stranger(self, address: str) -> None:
        """Somebody at this address asks without being signed in, or wants to be.

        Raises:
            TooManyAttemptsError: too often.
        """
        if address:
            what = "too many calls from this address without a valid sign-in"
            self._require(self._strangers, _network(address), what)

    def _require(self, buckets: Buckets | None, key: str, what: str) -> None:
        wait = buckets.take(key) if buckets is not None else 0.0
        if wait:
            self._note(key, what)
            seconds = math.ceil(wait)
            raise TooManyAttemptsError(f"{what}; try again in {seconds} s", retry_after_s=seconds)

    def _note(self, key: str, what: str) -> None:
        """Into the log, once a minute for each: whoever asks without end must not fill it."""
        now = self._clock()
        if now - self._noted.get(key, -math.inf) < _NOTED_FOR_S:
            return
        if len(self._noted) >= MOST:
            self._noted.clear()
        self._noted[key] = now
        log.warning("slowed down: %s (%.60s)", what, key)


def _network(address: str) -> str:
    """Whoever has one address of IPv6 has all of its network."""
    try:
        parsed = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return address[:64]
    if parsed.version == 4:
        return str(parsed)
    return str(ipaddress.ip_network((parsed, 64), strict=False))
