"""Whose the correlation of a share of the sites is, and how far those came who had it before."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select

from tapal_server.db.database import Database
from tapal_server.db.tables import CorrelatorRow
from tapal_server.live.inbox import Scope

__all__ = ["Known", "begin_term"]


@dataclass(frozen=True, slots=True)
class Known:
    """How far everything was read that is committed, and the engine that was kept on the way there."""

    through: tuple[int, int, int]
    snapshot: dict[str, Any] | None = None


def begin_term(database: Database, share: str, of: Scope | None) -> tuple[int, Known | None]:
    """Take the share over; return the number of the term, and what was read before, or None where nobody ever did.

    A share that begins, or has other sites than before, goes on where the last of those stood that decided for
    its sites: what is decided twice has the same name both times. Where one of its sites had nobody, it begins
    with the first event there is.
    """
    mine = None if of is None else sorted(of.sites)
    sites = "" if mine is None else hashlib.sha256("\n".join(mine).encode()).hexdigest()
    with database.write() as session:
        rows = session.scalars(select(CorrelatorRow).order_by(CorrelatorRow.name).with_for_update()).all()
        row = next((row for row in rows if row.name == share), None)
        same = row is not None and row.settings == sites
        before = [row] if row is not None and same else _who_decided_for(mine, rows)
        before = [one for one in before if one.saved_at is not None]
        if row is None:
            row = CorrelatorRow(name=share, term=0, events_through=0, passages_through=0, schedule_through=0)
            session.add(row)
        elif not same and row.saved_at is not None:
            session.add(_left_behind(row))
        row.settings, row.sites, row.term = sites, mine, row.term + 1
        term, snapshot = row.term, row.snapshot if same else None
    if not before:
        return term, None
    through = (
        min(one.events_through for one in before),
        min(one.passages_through for one in before),
        min(one.schedule_through for one in before),
    )
    return term, Known(through, snapshot)


def _who_decided_for(sites: Sequence[str] | None, rows: Sequence[CorrelatorRow]) -> list[CorrelatorRow]:
    """Those who had any of the sites (None: all there are); nobody, where one site had nobody."""
    rows = [row for row in rows if row.saved_at is not None]
    if sites is None:
        return rows
    chosen = [row for row in rows if row.sites is None or set(row.sites) & set(sites)]
    covered = all(any(row.sites is None or site in row.sites for row in chosen) for site in sites)
    return chosen if covered else []


def _left_behind(row: CorrelatorRow) -> CorrelatorRow:
    """How far sites were decided for that a share may no longer have, for those who will; nobody goes on with it."""
    return CorrelatorRow(
        name=f"{row.name[:48]}~{row.term}",
        events_through=row.events_through,
        passages_through=row.passages_through,
        schedule_through=row.schedule_through,
        settings=row.settings,
        sites=row.sites,
        saved_at=row.saved_at,
    )
