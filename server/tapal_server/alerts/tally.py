"""How many alerts were raised, wait and were judged since a moment, and how soon somebody took them."""

import statistics
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import Integer, func, select
from sqlalchemy.orm import Session

from tapal_server.alerts.query import visible
from tapal_server.alerts.states import State
from tapal_server.db.tables import AlertRow
from tapal_server.people.actor import Actor

__all__ = ["Tally", "load_tally"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Tally:
    """Alerts raised, those of them that wait, how many of each outcome, and the median time until one was taken."""

    raised: int = 0
    waiting: int = 0
    outcomes: Mapping[str, int] = field(default_factory=dict)
    response_s: float | None = None


def load_tally(session: Session, actor: Actor, since: datetime) -> Tally:
    """Of the alerts raised since then that this one may see, however many there are."""
    raised_since = visible(select(AlertRow), actor).where(AlertRow.raised_at >= since)
    fresh = (AlertRow.state == State.NEW.value) & (AlertRow.status == "open")
    waits = fresh | (AlertRow.state == State.REOPENED.value)
    counted = raised_since.with_only_columns(
        AlertRow.outcome, func.count(), func.sum(waits.cast(Integer)), maintain_column_froms=True
    ).group_by(AlertRow.outcome)
    rows = session.execute(counted).all()
    taken = raised_since.with_only_columns(AlertRow.raised_at, AlertRow.acknowledged_at, maintain_column_froms=True)
    pairs = session.execute(taken.where(AlertRow.acknowledged_at.is_not(None))).all()
    waited = [(acknowledged - raised).total_seconds() for raised, acknowledged in pairs if acknowledged is not None]
    return Tally(
        raised=sum(count for _, count, _ in rows),
        waiting=sum(waiting for _, _, waiting in rows),
        outcomes={outcome: count for outcome, count, _ in rows if outcome},
        response_s=statistics.median(waited) if waited else None,
    )
