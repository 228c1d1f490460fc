"""The compiled decision comes to what one in Python does, and hears of no less than whoever follows suspects needs."""

from collections.abc import Callable

import pytest

from tapal_server.correlation import near
from tapal_server.correlation.agenda import ask_chain
from tapal_server.correlation.engine import Engine
from tapal_server.correlation.pool import Pool
from tapal_server.correlation.rows import NOBODY, RECORD, Rows
from tapal_server.correlation.types import Crossing, Record, Settings
from tests.correlation.test_feed import SITES, arrivals, beliefs, one_by_one, told

SETTINGS = Settings(learn=False, alerts_per_hour=10_000, history_crossings=120)


def slowly(pool: Pool, now: float) -> list[int]:
    """What `deciding.decide` does, with sets and dictionaries."""
    agenda, at = pool.agenda, pool.where()
    x, y, in_x, in_y = pool.crossings.table, pool.records.table, pool.crossings.span_of_all, pool.records.span_of_all
    asked, heard = set[int](), dict[int, None]()
    while (due := agenda.pop(now)) is not None:
        time, handle = due
        while handle != NOBODY:
            place, what, chain, time, handle = near.claim(x, in_x, y, in_y, time, handle, *pool.rule[0])
            if what == near.ASKED:
                asked.add(place)
                break
            if what != near.SETTLED:
                asked.discard(place)
            if what == near.HEARD:
                heard[place] = None
            if chain != NOBODY:
                agenda.others = ask_chain(agenda.others, agenda.chains, at, chain)
    asked.discard(near.GONE)
    for _ in range(4):
        asked = pool._decide_all(asked, now, heard) if asked else asked
    return list(heard)


def test_the_compiled_decision_is_the_one_that_python_takes(monkeypatch: pytest.MonkeyPatch) -> None:
    items, found, compiled, singly = arrivals(), Engine(SITES, SETTINGS), Pool._decide, [0]

    def counted(pool: Pool, now: float) -> list[int]:
        singly[0] += 1
        return slowly(pool, now)

    changes = one_by_one(found, items)
    monkeypatch.setattr(Pool, compiled.__name__, counted)
    wanted = Engine(SITES, SETTINGS)
    assert told(changes) == told(one_by_one(wanted, items))
    assert beliefs(found) == pytest.approx(beliefs(wanted), abs=1e-9)
    assert singly[0] > 300
    assert not {name for pool in found._pools.values() for name in _left_on(pool)}


def _left_on(pool: Pool) -> list[str]:
    """The marks of a decision that are still on after it."""
    table = pool.crossings.table
    return [name for name in ("asked", "felt", "listed") if table[name].any()]


@pytest.mark.parametrize("drive", [one_by_one, lambda engine, items: engine.feed(items, items[0].received_at)])
def test_who_hears_of_each_change_says_nothing_more(
    monkeypatch: pytest.MonkeyPatch, drive: Callable[[Engine, list[Crossing | Record]], list[object]]
) -> None:
    items, few = arrivals(), Engine(SITES, SETTINGS)
    wanted, scope = drive(few, items), Pool._scope
    monkeypatch.setattr(Pool, "_scope", lambda pool, effort, **known: scope(pool, effort, **{**known, "every": True}))
    every = Engine(SITES, SETTINGS)
    assert told(drive(every, items)) == told(wanted)
    assert told(every.finish(items[-1].received_at)) == told(few.finish(items[-1].received_at))


@pytest.mark.parametrize("kind", [Crossing, Record])
def test_late_arrivals_wait_with_the_others_unless_their_time_is_taken(
    monkeypatch: pytest.MonkeyPatch, kind: type
) -> None:
    """Two in a hundred are late: each that goes by itself stops all the others."""
    alone = list[Crossing | Record]()
    for name in ("on_crossing", "on_record"):
        monkeypatch.setattr(Engine, name, lambda _, item: alone.append(item))
    items = [item for item in arrivals() if not isinstance(item, Record) or (item.persons == 1)]
    items = [item for item in items if "post" in item.id]
    Engine(SITES[:1], Settings(learn=False)).feed(items, items[0].received_at)
    latest, late = 0.0, []
    for item in items:
        if isinstance(item, kind):
            if item.time < latest:
                late.append(item not in alone)
            latest = max(latest, item.time)
    assert len(late) > 5
    assert sum(late) > 0.6 * len(late)


def test_awaited_rows_are_refused_where_their_place_is_not_sure() -> None:
    rows: Rows[str] = Rows(RECORD, str)
    for time in (1.0, 2.0, 3.0):
        rows.add(time, f"r{time}")
    assert rows.may_wait(2.5)
    assert not rows.may_wait(2.0)
    assert not rows.may_wait(1.5, most=2)
    rows.expect(2.5, "late")
    assert not rows.may_wait(2.5)
    assert rows.may_wait(2.6, most=3)
    assert not rows.may_wait(2.6, most=2)
