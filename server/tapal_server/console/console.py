"""What every page shares."""

from dataclasses import dataclass

from tapal_server.console.live import Live
from tapal_server.console.office import Office
from tapal_server.console.ports import Desk


@dataclass(frozen=True, slots=True)
class Console:
    """The services behind the console, and the one who tells pages that something changed."""

    desk: Desk
    live: Live
    office: Office | None = None
