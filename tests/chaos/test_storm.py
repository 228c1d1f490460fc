"""Nothing lost, nothing twice, whatever dies."""

from pathlib import Path

import pytest

from tests.chaos.storm import Plan, Storm, prepare

pytestmark = pytest.mark.services


async def test_every_event_is_stored_once_and_in_order_and_alerts_are_the_same_while_everything_is_killed(
    tmp_path: Path,
):
    url = f"sqlite:///{tmp_path / 'tapal.sqlite3'}"
    prepare(url)
    plan = Plan()
    storm = Storm(plan, tmp_path, url)
    outcome = await storm.run()
    assert storm.complaints() == []
    assert outcome.stored == plan.edges * plan.events_each
    assert sum(outcome.kills.values()) == plan.kills
    assert outcome.cuts + outcome.stalls == plan.faults
    assert outcome.alerts
    assert outcome.repeated_by_link > 0
    assert outcome.reordered_by_link > 0
