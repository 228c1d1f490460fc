"""Rows stay in order of time and name, whatever comes and goes, and keep what compiled code wrote into them."""

from random import Random

import numpy as np
import pytest

from tapal_server.correlation.rows import NOBODY, RECORD, Rows, new_and_once


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


@pytest.mark.parametrize("seed", range(5))
def test_whoever_may_wait_among_many_may_wait_alone(seed: int) -> None:
    """What is said of many at once is never more than what is said of each in its turn, and nearly as much."""
    random = Random(seed)
    times = random.sample(range(1000), 200) if seed % 2 else [random.randrange(1000) for _ in range(200)]
    known, new = sorted(times[:100]), [*range(1000, 1080), *times[100:]]
    random.shuffle(new)
    rows: Rows[str] = Rows(RECORD, str)
    for time in known:
        rows.add(float(time), str(time))
    rows.expect(990.5, "awaited")
    surely = rows.may_all_wait(np.array([990.5, *new], np.float64), most=220).tolist()[1:]
    allowed = []
    for time in new:
        allowed.append(rows.may_wait(float(time), most=220))
        rows.expect(float(time), str(time))
    assert not any(sure and not may for sure, may in zip(surely, allowed, strict=True))
    assert sum(surely) > 0.5 * sum(allowed)


def test_many_wait_as_one_by_one() -> None:
    singly, together = Rows[str](RECORD, str), Rows[str](RECORD, str)
    times = np.array([3.0, 1.0, 4.0, 2.5])
    for rows in (singly, together):
        rows.add(2.0, "2.0")
    handles = [singly.expect(time, str(time)) for time in times.tolist()]
    assert list(together.expect_all(times, list(map(str, times.tolist())))) == handles
    assert [rows.may_wait(4.0) for rows in (singly, together)] == [False, False]
    for rows in (singly, together):
        rows.line_up()
    assert (together.waiting, together.items) == (singly.waiting, singly.items)
    assert together.table[:5].tolist() == singly.table[:5].tolist()


@pytest.mark.parametrize(
    ("names", "expected"),
    [
        pytest.param(["a", "b"], [True, True], id="new"),
        pytest.param(["a", "k", "b"], [True, False, True], id="known"),
        pytest.param(["a", "b", "a"], [False, True, False], id="twice"),
        pytest.param([], [], id="nobody"),
    ],
)
def test_names_are_new_and_come_once(names: list[str], expected: list[bool]) -> None:
    assert new_and_once(names, {"k"}).tolist() == expected
