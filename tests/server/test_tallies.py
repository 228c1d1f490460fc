"""Counts by the hour are at every moment what counting row by row gives, whatever was stored, changed or taken back."""

import random
from datetime import timedelta

from sqlalchemy import func, select

from tapal_server.db import migrate
from tapal_server.db.tables import EventRow, PassageRow, TallyRow
from tapal_server.passages.model import Record
from tapal_server.passages.model import Report as FileReport
from tapal_server.people.actor import SYSTEM
from tests.server.conftest import START
from tests.server.edges import Edge

DAY = 86_400


def record(number: int, at_s: float, persons: int = 1, direction: str = "inbound") -> Record:
    at = START.timestamp() + at_s
    return Record(
        id=f"r{number}", checkpoint="TTK", direction=direction, time=at, received_at=at, persons=persons
    )  # fmt: skip


def log(parts, *records: Record) -> None:
    parts.services.passages.take(SYSTEM, "simkim", FileReport("x"), records)


def by_row(parts, since, until) -> dict[tuple[str, str], tuple[int, int]]:
    """Seen and logged of a site and direction, the long way."""
    with parts.database.read() as session:
        seen = session.execute(
            select(EventRow.site, EventRow.direction, func.count())
            .where(EventRow.type == "crossing", EventRow.time >= since, EventRow.time < until)
            .group_by(EventRow.site, EventRow.direction)
        )
        logged = session.execute(
            select(PassageRow.direction, func.sum(PassageRow.persons))
            .where(PassageRow.withdrawn_at.is_(None), PassageRow.recorded_at >= since, PassageRow.recorded_at < until)
            .group_by(PassageRow.direction)
        )
        found = {(site, direction): (count, 0) for site, direction, count in seen}
        for direction, count in logged:
            found["tunon-taka", direction] = (found.get(("tunon-taka", direction), (0, 0))[0], int(count))
    return found


def reported(parts, people, since, until) -> dict[tuple[str, str], tuple[int, int]]:
    report = parts.services.reports.period(people.supervisor, since, until)
    return {(one.site, one.direction): (one.seen, one.logged) for one in report.traffic if one.seen or one.logged}


def test_any_period_is_counted_as_row_by_row(parts, people):
    dice = random.Random(20)
    edges = [Edge(), Edge(node="bambangan-01", site="bambangan", line="jetty")]
    sent = []
    for _ in range(12):
        for edge in edges:
            told = edge.sent(*(edge.crossing(dice.uniform(0, 2 * DAY)) for _ in range(dice.randrange(8))))
            sent += told
            parts.intake.take(dice.sample(told, len(told)))
        parts.intake.take(dice.choices(sent, k=5) if sent else [])  # what was stored already
        log(
            parts,
            *(
                record(
                    dice.randrange(40),
                    dice.uniform(0, 2 * DAY),
                    dice.randrange(1, 6),
                    dice.choice(("inbound", "outbound")),
                )
                for _ in range(6)
            ),
        )  # some are corrections: of the time, the direction, the persons
        parts.services.passages.withdraw(SYSTEM, "simkim", [f"r{dice.randrange(40)}" for _ in range(3)])
        for _ in range(4):
            since = START + timedelta(seconds=dice.uniform(0, DAY))
            until = since + timedelta(seconds=dice.choice((60, 1800, 4000, DAY, DAY * 1.5)))
            assert reported(parts, people, since, until) == by_row(parts, since, until)


def test_what_was_stored_before_there_were_tallies_is_counted_too(parts, people):
    edge = Edge()
    parts.intake.take(edge.sent(*edge.crossings(30)))
    log(parts, record(1, 10, persons=4), record(2, 20), record(3, 30))
    parts.services.passages.withdraw(SYSTEM, "simkim", ["r2"])
    until = START + timedelta(days=1)
    before = reported(parts, people, START, until)
    assert before == {("tunon-taka", "inbound"): (30, 5)}
    migrate.downgrade(parts.database, "0019")
    migrate.upgrade(parts.database)
    assert reported(parts, people, START, until) == before


def test_counts_outlive_the_events_and_end_with_the_log(parts, people, clock):
    edge = Edge()
    parts.intake.take(edge.sent(*edge.crossings(3)))
    until = START + timedelta(days=1)
    clock.move(31 * DAY)
    parts.retention.work()
    with parts.database.read() as session:
        assert session.scalar(select(func.count()).select_from(EventRow)) == 0
    assert reported(parts, people, START, until) == {("tunon-taka", "inbound"): (3, 0)}
    clock.move(60 * DAY)
    parts.retention.work()
    with parts.database.read() as session:
        assert session.scalar(select(func.count()).select_from(TallyRow)) == 0
