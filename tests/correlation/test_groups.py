"""People without a record who pass together are one alert, but a stream of them is not one group."""

from itertools import pairwise
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tapal_server.correlation.engine import Engine
from tapal_server.correlation.groups import LONGEST_GROUP_S, Groups
from tapal_server.correlation.types import Alert, Crossing, Delay, Gate, Rates, Record, Settings, Site

GATE = Gate(
    line="gate",
    direction="inbound",
    delay=Delay(typical_s=5, longest_s=20),
    rates=Rates(unlogged_share=0.3),
    learn=False,
)
SITE = Site(id="post", kind="checkpoint", checkpoint="GATE", gates=(GATE,))


def alerts(times: list[float], *, late_first: bool) -> list[Alert]:
    engine = Engine([SITE], Settings(alerts_per_hour=100))
    for number, time in enumerate(times):
        received = 50_000.0 - number if late_first else time
        engine.on_crossing(
            Crossing(id=f"c{number}", site="post", line="gate", direction="inbound", time=time, received_at=received)
        )
        for step in (1, 2):  # others pass lawfully, so the log is neither silent nor astray
            name, lawful = f"l{number}-{step}", time + 35.0 * step
            engine.on_crossing(
                Crossing(id=name, site="post", line="gate", direction="inbound", time=lawful, received_at=lawful)
            )
            written = lawful + 5.0
            engine.on_record(Record(id=name, checkpoint="GATE", direction="inbound", time=written, received_at=written))
    found: dict[str, Alert] = {}
    for change in engine.advance(100_000.0):
        if change.alert.kind == "unlogged_crossing":
            found[change.alert.id] = change.alert
    return list(found.values())


@pytest.mark.parametrize("late_first", [False, True])
def test_a_chain_of_people_is_cut_after_ten_minutes(late_first: bool) -> None:
    times = [1000.0 + 110.0 * step for step in range(20)]
    found = alerts(times, late_first=late_first)
    assert sum(len(alert.event_ids) for alert in found) == len(times)
    for alert in found:
        members = [times[int(event[1:])] for event in alert.event_ids]
        assert max(members) - min(members) <= 600.0
    assert 3 <= len(found) <= 7


def test_a_small_group_is_one_alert() -> None:
    (alert,) = alerts([1000.0, 1110.0, 1220.0, 1330.0], late_first=False)
    assert len(alert.event_ids) == 4


def divided(times: list[float], random: Random, leaving: set[int]) -> set[frozenset[str]]:
    """Who is together in the end, when people become known in some order and some turn out to belong nowhere."""
    groups: Groups[int] = Groups("test", 100.0)
    steps = [(number, True) for number in range(len(times))]
    random.shuffle(steps)
    for number in leaving:
        steps.insert(random.randint(steps.index((number, True)) + 1, len(steps)), (number, False))
    alive: dict[str, frozenset[str]] = {}
    for number, comes in steps:
        (groups.add(times[number], f"c{number}", number) if comes else groups.remove(times[number], f"c{number}"))
        left, gone = groups.settle()
        alive |= {group.cause: frozenset(group.members) for group in left}
        for group in gone:
            del alive[group.cause]
    return set(alive.values())


@settings(deadline=None, max_examples=60)
@given(
    times=st.lists(st.integers(0, 40).map(lambda step: 60.0 * step), min_size=1, max_size=30),
    one=st.randoms(use_true_random=False),
    other=st.randoms(use_true_random=False),
    data=st.data(),
)
def test_who_is_together_depends_on_times_alone(times, one, other, data):
    leaving = data.draw(st.sets(st.integers(0, len(times) - 1), max_size=6))
    found = divided(times, one, leaving)
    assert divided(times, other, leaving) == found
    kept = {f"c{number}" for number in range(len(times)) if number not in leaving}
    assert sorted(member for group in found for member in group) == sorted(kept)
    for group in found:
        passed = sorted(times[int(member[1:])] for member in group)
        assert passed[-1] - passed[0] <= LONGEST_GROUP_S
        assert all(later - before <= 100.0 for before, later in pairwise(passed))


PASSAGE = Site(
    id="post",
    kind="checkpoint",
    checkpoint="GATE",
    gates=(Gate(line="gate", direction="inbound", counter_zones=("counter",), learn=False),),
)
JETTY = Site(id="jetty", kind="unofficial", gates=())


def found_by(engine: Engine, crossings: list[Crossing], kind: str) -> set[frozenset[str]]:
    """What is open in the end of one kind, when these arrive in this order."""
    known: dict[str, Alert] = {}
    for number, crossing in enumerate(crossings):
        engine.on_crossing(crossing)
        for change in engine.advance(10_000.0 + number):
            known[change.alert.id] = change.alert
    return {frozenset(one.event_ids) for one in known.values() if one.kind == kind and one.status == "open"}


def crossing(site: str, line: str, number: int, time: float, visited: dict[str, float]) -> Crossing:
    return Crossing(
        id=f"c{number}",
        site=site,
        line=line,
        direction="inbound",
        time=time,
        received_at=time,
        visited=visited,
    )


@settings(deadline=None, max_examples=25)
@given(random=st.randoms(use_true_random=False), missed=st.sets(st.integers(0, 79), max_size=12))
def test_who_passed_the_counter_by_does_not_depend_on_the_order_of_arrival(random, missed):
    people = [
        crossing("post", "gate", number, 10.0 * number, {} if number in missed else {"counter": 9.0})
        for number in range(80)
    ]
    expected = found_by(Engine([PASSAGE], Settings(alerts_per_hour=1000)), people, "bypass")
    random.shuffle(people)
    assert found_by(Engine([PASSAGE], Settings(alerts_per_hour=1000)), people, "bypass") == expected


@settings(deadline=None, max_examples=25)
@given(random=st.randoms(use_true_random=False), gaps=st.lists(st.integers(10, 200), min_size=1, max_size=25))
def test_who_landed_together_does_not_depend_on_the_order_of_arrival(random, gaps):
    people = [crossing("jetty", "pier", number, float(sum(gaps[:number])), {}) for number in range(len(gaps))]
    expected = found_by(Engine([JETTY], Settings(alerts_per_hour=1000)), people, "presence")
    random.shuffle(people)
    assert found_by(Engine([JETTY], Settings(alerts_per_hour=1000)), people, "presence") == expected
