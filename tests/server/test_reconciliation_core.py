"""The pairing of two agencies' records: exact on small cases, and its properties."""

from itertools import permutations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tapal_server.reconciliation.core import ALONE, PERSONS_COST, Comparison, Entry, compare, time_cost

WITHIN = 600.0


def entry(id_: str, time: float, **changes) -> Entry:
    return Entry(**({"id": id_, "time": time, "direction": "inbound"} | changes))


def ids(found: Comparison) -> set[tuple[str, str]]:
    return {(pair.first.id, pair.second.id) for pair in found.pairs}


@pytest.mark.parametrize(
    ("first", "second", "pairs"),
    [
        pytest.param([("a", 0, {})], [("x", 599, {})], {("a", "x")}, id="near"),
        pytest.param([("a", 0, {})], [("x", 601, {})], set(), id="far"),
        pytest.param([("a", 0, {})], [("x", 0, {"direction": "outbound"})], set(), id="other-way"),
        pytest.param([("a", 0, {"voyage_id": "1"})], [("x", 0, {"voyage_id": "2"})], set(), id="other-voyage"),
        pytest.param([("a", 0, {"voyage_id": "1"})], [("x", 0, {})], {("a", "x")}, id="voyage-unsaid"),
        pytest.param([("a", 0, {"document_hash": "d"})], [("x", 0, {"document_hash": "e"})], set(), id="strangers"),
        pytest.param(
            [("a", 0, {"document_hash": "d"})], [("x", 7200, {"document_hash": "d"})], {("a", "x")}, id="document"
        ),
        pytest.param(
            [("a", 0, {"document_hash": "d"}), ("b", 10, {})],
            [("x", 0, {}), ("y", 300, {"document_hash": "d"})],
            {("a", "y"), ("b", "x")},
            id="document-before-time",
        ),
        pytest.param(
            [("a", 0, {}), ("b", 30, {})], [("x", 30, {}), ("y", 60, {})], {("a", "y"), ("b", "x")}, id="exact"
        ),
        pytest.param(
            [("a", 0, {"persons": 5}), ("b", 60, {})], [("x", 30, {"persons": 5}), ("y", 31, {})],
            {("a", "x"), ("b", "y")}, id="persons-decide",
        ),
        pytest.param([], [("x", 0, {})], set(), id="nothing"),
    ],
)  # fmt: skip
def test_pairs(first, second, pairs):
    found = compare(
        [entry(id_, time, **more) for id_, time, more in first],
        [entry(id_, time, **more) for id_, time, more in second],
        within_s=WITHIN,
    )
    assert ids(found) == pairs


ENTRIES = st.lists(
    st.builds(
        Entry,
        id=st.uuids().map(str),
        time=st.integers(0, 4000).map(float),
        direction=st.sampled_from(["inbound", "outbound"]),
        persons=st.integers(1, 3),
        voyage_id=st.sampled_from([None, "1", "2"]),
        document_hash=st.sampled_from([None, None, "d", "e", "f"]),
    ),
    max_size=12,
)


@pytest.mark.timeout(120, method="thread")  # it would never come back to be interrupted
def test_three_records_of_a_document_beside_two_are_paired_and_not_for_ever():
    """What they save differs by rounding only, and the search for the cheapest pairing went on without end."""
    first = [entry(f"a{number}", at, document_hash="d") for number, at in enumerate((0, 0, 8))]
    second = [entry(f"x{number}", at, document_hash="d") for number, at in enumerate((8, 1951))]
    found = compare(first, second, within_s=WITHIN)
    assert sum(abs(pair.seconds) for pair in found.pairs) == 1951
    assert len(found.pairs) == 2


PLAIN = st.lists(st.tuples(st.integers(0, 2000), st.integers(1, 2)), max_size=4)


@settings(max_examples=60, deadline=None)
@given(ENTRIES, ENTRIES)
def test_every_record_is_in_one_place_and_pairs_are_possible(first, second):
    found = compare(first, second, within_s=WITHIN)
    assert sorted([pair.first.id for pair in found.pairs] + [one.id for one in found.only_first]) == sorted(
        one.id for one in first
    )
    assert sorted([pair.second.id for pair in found.pairs] + [one.id for one in found.only_second]) == sorted(
        one.id for one in second
    )
    for pair in found.pairs:
        assert pair.first.direction == pair.second.direction
        if pair.by == "document":
            assert pair.first.document_hash == pair.second.document_hash is not None
        else:
            assert abs(pair.seconds) <= WITHIN


@settings(max_examples=60, deadline=None)
@given(ENTRIES, ENTRIES)
def test_who_is_called_first_changes_nothing_that_counts(first, second):
    there, back = compare(first, second, within_s=WITHIN), compare(second, first, within_s=WITHIN)
    assert len(there.pairs) == len(back.pairs)
    assert sum(abs(pair.seconds) for pair in there.pairs if pair.by == "document") == pytest.approx(
        sum(abs(pair.seconds) for pair in back.pairs if pair.by == "document")
    )


@settings(max_examples=60, deadline=None)
@given(ENTRIES)
def test_a_log_agrees_with_its_copy(first):
    found = compare(first, first, within_s=WITHIN)
    assert not found.only_first
    assert not found.only_second
    assert all(pair.seconds == 0 for pair in found.pairs)


@settings(max_examples=60, deadline=None)
@given(PLAIN, PLAIN)
def test_no_other_pairing_costs_less(first, second):
    left = [entry(f"a{n}", float(time), persons=persons) for n, (time, persons) in enumerate(first)]
    right = [entry(f"x{n}", float(time), persons=persons) for n, (time, persons) in enumerate(second)]
    found = compare(left, right, within_s=WITHIN)
    alone = ALONE * (len(found.only_first) + len(found.only_second))
    assert sum(_cost((pair.first, pair.second)) for pair in found.pairs) + alone == pytest.approx(
        _least(left, right), abs=1e-3
    )


def _cost(pair: tuple[Entry, Entry]) -> float:
    one, other = pair
    return time_cost(abs(one.time - other.time)) + (PERSONS_COST if one.persons != other.persons else 0.0)


def _least(left: list[Entry], right: list[Entry]) -> float:
    """The least cost of all pairings, by trying each."""
    if len(left) > len(right):
        left, right = right, left
    best = ALONE * (len(left) + len(right))
    padded = [*right, *[None] * len(left)]
    for chosen in set(permutations(range(len(padded)), len(left))) if left else ():
        pairs = [(one, padded[place]) for one, place in zip(left, chosen, strict=True) if padded[place] is not None]
        if all(abs(one.time - other.time) <= WITHIN for one, other in pairs):
            alone = ALONE * (len(left) + len(right) - 2 * len(pairs))
            best = min(best, sum(map(_cost, pairs)) + alone)
    return best


def test_one_record_too_many_shifts_nobody():
    left = [entry(f"a{n}", 60.0 * n) for n in range(12)]
    right = [entry(f"x{n}", 60.0 * n + 4) for n in range(2, 13)]
    found = compare(left, right, within_s=WITHIN)
    assert ids(found) == {(f"a{n}", f"x{n}") for n in range(2, 12)}


def test_clocks_that_differ_are_found_by_common_documents():
    left = [entry(f"a{n}", 60.0 * n, document_hash=f"d{n}" if n % 2 else None) for n in range(20)]
    right = [entry(f"x{n}", 60.0 * n + 290, document_hash=f"d{n}" if n % 2 else None) for n in range(20)]
    found = compare(left, right, within_s=WITHIN)
    assert found.skew_s == 290
    assert ids(found) == {(f"a{n}", f"x{n}") for n in range(20)}


def test_a_month_of_a_busy_gate_is_compared():
    left = [entry(f"a{n}", 20.0 * n, persons=1 + n % 3) for n in range(4000)]
    right = [entry(f"x{n}", 20.0 * n + 7.0, persons=1 + n % 3) for n in range(4000) if n % 100]
    found = compare(left, right, within_s=WITHIN)
    assert (len(found.pairs), len(found.only_first), len(found.only_second)) == (3960, 40, 0)
