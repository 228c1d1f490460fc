"""Rows stay in order of time and name, whatever comes and goes, and keep what compiled code wrote into them."""

from random import Random

import pytest

from tapal_server.correlation.rows import NOBODY, RECORD, Rows


@pytest.mark.parametrize("seed", range(5))
def test_rows_stay_in_order_and_keep_their_numbers(seed):
    random, rows = Random(seed), Rows(RECORD, str)
    known: dict[int, tuple[float, str]] = {}
    for number in range(900):
        time, name = float(random.randrange(200)), f"r{random.randrange(10**6)}"
        handle, place = rows.add(time, name)
        assert rows.table[place]["holder"] == NOBODY
        rows.table[place]["odds"] = handle
        known[handle] = (time, name)
        if number % 3 == 0:
            gone = random.choice(list(known))
            rows.remove(known.pop(gone)[0], gone)
        if number % 100 == 99:
            oldest = sorted(known, key=lambda one: known[one])[:20]
            assert rows.drop_front(20) == [known.pop(one)[1] for one in oldest]
    assert rows.at(*rows.span_of_all) == [name for _, name in sorted(known.values())]
    assert [known[int(row["odds"])][0] for row in rows.table[rows.first : rows.end]] == [
        time for time, _ in sorted(known.values())
    ]
    assert len(rows) == len(known)


def test_a_row_that_was_vacated_begins_anew():
    rows = Rows(RECORD, str)
    handle, place = rows.add(1.0, "first")
    rows.table[place]["holder"] = 7
    rows.remove(1.0, handle)
    _, place = rows.add(2.0, "second")
    assert rows.table[place]["holder"] == NOBODY
