"""The server is killed at the worst moments: a process of its own dies there, and another one carries on."""

import multiprocessing
import os
import signal

import pytest
from sqlalchemy import select

from tapal_server.db.tables import AlertRow, DeliveryRow
from tapal_server.events import AlertRaised
from tapal_server.live.ledger import Ledger
from tapal_server.notify.rules import NotifySettings
from tapal_server.paging import Paging
from tapal_server.parts import build_parts
from tapal_server.people.actor import SYSTEM
from tests.server.conftest import StillClock
from tests.server.edges import Edge

NOTIFY = NotifySettings.model_validate(
    {
        "channels": [{"name": "duty", "url": "json://localhost"}],
        "rules": [{"channel": "duty", "least_severity": "low"}],
    }
)


def die(*_: object) -> None:
    """End as a process ends whose power is cut: nothing is flushed, closed or told."""
    os.kill(os.getpid(), signal.SIGKILL)


def decide_and_die(settings, at, moment):
    """Decide what waits and be killed at that moment; runs in a process of its own."""
    clock = StillClock(at)
    parts = build_parts(settings, clock=clock)
    if moment == "before the commit":
        Ledger.believe = die  # the alert is written by then, in a transaction that stays open
    else:
        parts.services.bus.subscribe(lambda event: die() if isinstance(event, AlertRaised) else None)
    parts.correlator.step()
    raise AssertionError("the process outlived its death")


@pytest.mark.parametrize("moment", ["before the commit", "between commit and publication"])
def test_a_killed_server_loses_no_alert_and_tells_none_twice(settings, parts, clock, moment):
    settings = settings.model_copy(update={"notify": NOTIFY})
    parts.intake.take(Edge(site="bambangan", line="jetty").sent(Edge(site="bambangan", line="jetty").crossing()))
    process = multiprocessing.get_context("spawn").Process(target=decide_and_die, args=(settings, clock.now(), moment))
    process.start()
    process.join(240)
    assert process.exitcode == -signal.SIGKILL
    with parts.database.read() as session:
        assert len(session.scalars(select(AlertRow.id)).all()) == (0 if moment == "before the commit" else 1)
    sent: list[tuple[str, ...]] = []

    def send(*message: str) -> bool:
        sent.append(message)
        return True

    for _ in range(2):  # a second restart changes nothing either
        again = build_parts(settings, clock=clock, send=send)
        again.correlator.step()
        again.notifier.work()
        again.correlator.step()
        again.notifier.work()
        (alert,) = again.services.alerts.page(SYSTEM, Paging()).items
        assert [entry.action for entry in again.services.alerts.detail(SYSTEM, alert.id).history] == ["raised"]
        again.database.close()
    assert len(sent) == 1
    with parts.database.read() as session:
        assert session.scalars(select(DeliveryRow.state)).all() == ["sent"]
