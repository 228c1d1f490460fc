"""Arrivals that are handed in many at a time come to the same as one by one, each at its own time."""

from dataclasses import replace
from random import Random

import pytest

from tapal_server.correlation import many
from tapal_server.correlation.engine import Engine
from tapal_server.correlation.types import Change, Crossing, Delay, Gate, Planned, Rates, Record, Settings, Site
from tests.support.crowd import crowd

START = 1e9
GATE = Gate(line="gate", direction="inbound", delay=Delay(typical_s=10, longest_s=60), rates=Rates(unlogged_share=0.05))
SITES = (
    Site(id="post", kind="checkpoint", checkpoint="P", gates=(GATE,)),
    Site(id="pier", kind="pier", checkpoint="Q", gates=(GATE,)),
    Site(id="path", kind="checkpoint", checkpoint="R", gates=(GATE,), hours=((6 * 3600, 18 * 3600),)),
)


def arrivals() -> list[Crossing | Record]:
    """People at three gates, one of them with hours; some late, told twice, corrected, contradicted, of two persons."""
    random, items = Random(3), []
    for number, site in enumerate(SITES):
        people = crowd(
            number, people=150, start=START, apart_s=15.0, least_apart_s=0.2, seen=0.97, logged=0.92, spread=0.35
        )
        for item in people:
            if isinstance(item, Crossing):
                items.append(replace(item, id=f"{site.id}-{item.id}", site=site.id))
            else:
                items.append(replace(item, id=f"{site.id}-{item.id}", checkpoint=str(site.checkpoint)))
    for item in random.sample(items, 40):
        later = item.received_at + random.uniform(1.0, 900.0)
        told = replace(item, received_at=later)
        items.append(told if isinstance(told, Crossing) else replace(told, time=told.time + 5.0))
    records = [place for place, item in enumerate(items) if isinstance(item, Record)]
    for place in random.sample(records, 12):
        items[place] = replace(items[place], document_hash=f"d{place % 5}")
    for place in random.sample(records, 6):
        items[place] = replace(items[place], persons=2)
    items = [replace(item, received_at=item.received_at + random.choice((0.0, 0.0, 0.0, 40.0))) for item in items]
    return sorted(items, key=lambda item: item.received_at)


def one_by_one(engine: Engine, items: list[Crossing | Record]) -> list[Change]:
    changes: list[Change] = []
    for item in items:
        changes += engine.catch_up(item.received_at)
        engine.on_crossing(item) if isinstance(item, Crossing) else engine.on_record(item)
        changes += engine.advance(item.received_at)
    return changes


def told(changes: list[Change]) -> list[tuple[object, ...]]:
    """What is said of each change, but for the last digits of numbers."""
    return [
        (type(change), one.id, one.status, one.event_ids, one.raised_at, one.closed_at, one.members, round(sure, 9))
        for change in changes
        for one, sure in ((change.alert, change.alert.probability),)
    ]


def beliefs(engine: Engine) -> dict[str, float]:
    return {one.crossing.id: one.unlogged for one in engine.settled()}


@pytest.mark.parametrize("together", [1, 7, 10_000])
@pytest.mark.parametrize(
    "settings",
    [
        pytest.param(Settings(learn=False, alerts_per_hour=10_000), id="told"),
        pytest.param(Settings(), id="learns"),
        pytest.param(Settings(learn=False, history_crossings=80), id="forgets"),
    ],
)
def test_many_at_a_time_come_to_the_same_as_one_by_one(settings: Settings, together: int) -> None:
    items = arrivals()
    singly, fed = Engine(SITES, settings), Engine(SITES, settings)
    wanted = one_by_one(singly, items)
    found: list[Change] = []
    for first in range(0, len(items), together):
        found += fed.feed(items[first : first + together], items[first].received_at)
    end = items[-1].received_at
    assert {change.alert.kind for change in wanted} >= {"unlogged_crossing", "record_conflict"}
    assert told(found) == told(wanted)
    assert beliefs(fed) == pytest.approx(beliefs(singly), abs=1e-9)
    assert told(fed.finish(end)) == told(singly.finish(end))
    assert beliefs(fed) == pytest.approx(beliefs(singly), abs=1e-9)


@pytest.mark.parametrize("few", [1, 10_000])
def test_it_is_all_the_same_how_many_pass_without_a_look_at_each(monkeypatch: pytest.MonkeyPatch, few: int) -> None:
    items, settings = arrivals(), Settings(learn=False, alerts_per_hour=10_000)
    usual, other = Engine(SITES, settings), Engine(SITES, settings)
    wanted = usual.feed(items, items[0].received_at)
    monkeypatch.setattr(many, "FEW", few)
    assert told(other.feed(items, items[0].received_at)) == told(wanted)
    assert beliefs(other) == pytest.approx(beliefs(usual), abs=1e-12)


def test_a_plan_in_the_midst_of_a_recording_is_heeded() -> None:
    items, middle = arrivals(), 200
    plan = Planned(id="p", site="post", start=START, end=START + 86_400.0, persons=2)
    singly, fed = Engine(SITES), Engine(SITES)
    wanted = one_by_one(singly, items[:middle])
    found = fed.feed(items[:middle], START)
    for engine in (singly, fed):
        engine.plan(plan)
    wanted += one_by_one(singly, items[middle:])
    found += fed.feed(items[middle:], items[middle].received_at)
    assert told(found) == told(wanted)
