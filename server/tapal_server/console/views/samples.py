"""The first records of a file, before it is taken."""

from collections.abc import Sequence
from datetime import UTC, datetime

from tapal_server.console import format as shown
from tapal_server.console.i18n import Words
from tapal_server.console.markup import Html
from tapal_server.console.views.tables import table
from tapal_server.correlation.types import Record

HEADS = ("record", "time", "direction", "checkpoint", "persons")


def sample(caption: str, records: Sequence[Record], zone: str, words: Words) -> Html:
    """A few records as they would stand in the log."""
    rows = [
        (
            one.id,
            shown.full(datetime.fromtimestamp(one.time, UTC), zone),
            words.either("direction", one.direction),
            one.checkpoint,
            str(one.persons),
        )
        for one in records
    ]
    return table(caption, [words(f"passages.{name}") for name in HEADS], rows)
