"""A PostgreSQL dies and another takes its place: nothing that was acknowledged is lost, and the server goes on."""

import asyncio
from pathlib import Path

import pytest
from sqlalchemy import select
from sqlalchemy.exc import OperationalError

from tapal_contract.ids import new_id
from tapal_server.clock import SystemClock
from tapal_server.db import migrate
from tapal_server.db.database import Database
from tapal_server.db.tables import EventRow
from tapal_server.events import Bus
from tapal_server.ingest.intake import Intake
from tapal_server.media import MediaStore
from tapal_server.replicas.elected import connection_to
from tests.server.edges import Edge
from tests.support.services.postgres import postgres

pytestmark = pytest.mark.services


async def _asked_beside_the_pool(database: Database) -> int:
    async with connection_to(database.url) as connection:
        row = await (await connection.execute("SELECT inet_server_port()")).fetchone()
    assert row is not None
    return int(row[0])


def test_a_standby_takes_over_with_all_that_was_acknowledged(tmp_path: Path) -> None:
    edge = Edge(boot=new_id())
    events = edge.crossings(90)
    with postgres() as primary, primary.standby() as standby:
        name = primary.new_database().rpartition("/")[2]
        where = f"host=127.0.0.1,127.0.0.1&port={primary.port},{standby.port}&target_session_attrs=read-write"
        database = Database(f"postgresql://tapal@/{name}?{where}")
        migrate.upgrade(database)
        intake = Intake(database, MediaStore(tmp_path), bus=Bus(), clock=SystemClock(), largest_picture=2**20)
        (answer,) = intake.take(edge.sent(*events[:60]))
        assert answer.ack.through == 60
        primary.kill()
        with pytest.raises(OperationalError):
            intake.take(edge.sent(*events[60:]))
        standby.promote()
        (answer,) = intake.take(edge.sent(*events[40:]))
        assert answer.ack.through == 90
        with database.read() as session:
            stored = session.scalars(select(EventRow.id).order_by(EventRow.seq)).all()
            beside = asyncio.run(_asked_beside_the_pool(database))
        database.close()
    assert beside == standby.port, "locks and hints of replicas follow"
    assert stored == [event.id for event in events]
