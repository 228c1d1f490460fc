"""Looks come in order whatever was asked when, and chains hold each who leans on a record once."""

import heapq
from random import Random

import pytest

from tapal_server.correlation.agenda import FREE, LINKS, NEVER, Agenda, ask_chain, free_chain, lean
from tapal_server.correlation.rows import NOBODY


@pytest.mark.parametrize("seed", range(5))
def test_looks_come_by_when_they_are_due_then_by_time_then_by_handle(seed: int) -> None:
    random, agenda, wanted = Random(seed), Agenda(), list[tuple[float, float, int]]()
    for number in range(1500):
        look = float(random.randrange(90)), float(random.randrange(9)), number
        random.choice((agenda.ask, agenda.ask_first))(*look)
        heapq.heappush(wanted, look)
        if random.random() < 0.02:
            agenda.mix()
        if random.random() < 0.3:
            now = float(random.randrange(90))
            due = wanted[0]
            assert agenda.soonest == due[0]
            found = agenda.pop(now)
            assert found == (heapq.heappop(wanted)[1:] if due[0] <= now else None)
        assert len(agenda) == len(wanted)
    assert [agenda.pop(99.0) for _ in range(len(wanted))] == [heapq.heappop(wanted)[1:] for _ in range(len(wanted))]
    assert agenda.pop(NEVER) is None


def test_who_leans_on_a_record_is_asked_once_and_links_are_used_again() -> None:
    agenda, first = Agenda(), [NOBODY, NOBODY]
    for turn in range(3):
        for number in range(200):
            for _ in range(2):
                agenda.chains, first[number % 2] = lean(
                    agenda.chains, agenda.at, first[number % 2], float(number), number
                )
        agenda.others = ask_chain(agenda.others, agenda.chains, agenda.at, first[0])
        assert [agenda.pop(0.0) for _ in range(100)] == [(float(number), number) for number in range(0, 200, 2)]
        assert agenda.pop(0.0) is None, turn
        free_chain(agenda.chains, agenda.at, first[1])
        first = [NOBODY, NOBODY]
    assert int(agenda.at[LINKS]) == 200
    assert int(agenda.at[FREE]) != NOBODY
