"""What is played again after its event was deleted.

An event that is stored is known by its id, and one of the node's present sequence by its number. Neither is left of an
event of an earlier epoch that was deleted when its time ended, so its time has to tell: a node sends whatever it still
holds under the start that sends it, so that nothing from an earlier start can be both true and older than events are
kept.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta

from tapal_contract.topics import Topic
from tapal_server.db.tables import NodeRow
from tapal_server.ingest.rows import Told
from tapal_server.ingest.sorting import Incoming, Refused

__all__ = ["Replays"]

OfNode = tuple[NodeRow, Sequence[Told]]


class Replays:
    """Tells what is new from what was played again; `kept_for` is how long events are kept, None for ever."""

    def __init__(self, kept_for: timedelta | None) -> None:
        self._kept_for = kept_for

    def deleted_before(self, now: datetime) -> datetime | None:
        """Events that happened before may have been deleted."""
        return None if self._kept_for is None else now - self._kept_for

    def apart(self, told: Sequence[OfNode], now: datetime) -> tuple[list[OfNode], list[Refused]]:
        """The same messages without what was played again, and that with the reason."""
        before = self.deleted_before(now)
        if before is None:
            return list(told), []
        news: list[OfNode] = []
        replayed: list[Refused] = []
        for node, of_node in told:
            taken: list[Told] = []
            for one in of_node:
                if one.boot != node.boot and one.time < before:
                    replayed.append(_refused(node, one))
                else:
                    taken.append(one)
            news.append((node, taken))
        return news, replayed


def _refused(node: NodeRow, one: Told) -> Refused:
    message = Incoming(Topic(one.site, node.node, "event").path, one.body.encode())
    reason = f"{one.id} is from an earlier start of {node.node} and older than events are kept ({one.time:%Y-%m-%d})"
    return Refused(message, "replayed", reason, one.site, node.node)
