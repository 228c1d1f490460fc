"""Three servers on one PostgreSQL, and one subscription they share: whichever dies, nothing is lost or doubled."""

from pathlib import Path

import pytest

from tests.chaos.storm import Plan, Storm, prepare

pytestmark = pytest.mark.services


async def test_servers_that_are_killed_in_turn_lose_nothing_and_say_nothing_twice(tmp_path: Path, postgres_server):
    url = postgres_server.new_database()
    prepare(url)
    plan = Plan(replicas=3, edges=3, events_each=250, seconds=12.0, faults=3)
    storm = Storm(plan, tmp_path, url)
    storm.kinds = ["server"]
    outcome = await storm.run()
    assert storm.complaints() == []
    assert outcome.stored == plan.edges * plan.events_each
    assert outcome.kills == {"server": plan.replicas - 1}
    assert outcome.alerts
    assert outcome.taken_over_s, "what a killed server did is done by another"
