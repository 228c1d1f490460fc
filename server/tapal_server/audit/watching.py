"""Who watches what: written down once, not at each of the looks that a browser takes."""

import threading
from datetime import datetime, timedelta

from tapal_server.people.actor import Actor

__all__ = ["Watching"]

EVERY = timedelta(minutes=10)


class Watching:
    """Remembers, in this process, whose watching was written down of late."""

    def __init__(self) -> None:
        self._since: dict[tuple[str, str, str], datetime] = {}
        self._lock = threading.Lock()

    def is_news(self, actor: Actor, what: str, now: datetime) -> bool:
        """Whether it is to be written down that this one, in this session, watches it."""
        key = (actor.name, actor.session_id or "", what)
        with self._lock:
            recent = {one: at for one, at in self._since.items() if now - at < EVERY}
            self._since = {key: now} | recent
            return key not in recent
