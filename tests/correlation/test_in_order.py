"""Two files that are nearly in order become one stream that is."""

from random import Random

import pytest

from tapal_server import replay
from tapal_server.correlation.types import Crossing, Record
from tapal_server.replay import arrivals, in_order


def crossings(times: list[float]) -> list[Crossing]:
    return [
        Crossing(id=f"c{number}", site="s", line="l", direction="inbound", time=0.0, received_at=time)
        for number, time in enumerate(times)
    ]


def records(times: list[float]) -> list[Record]:
    return [
        Record(id=f"r{number}", checkpoint="p", direction="inbound", time=0.0, received_at=time)
        for number, time in enumerate(times)
    ]


@pytest.mark.parametrize("stride", [1, 3, 1000])
def test_what_is_out_of_place_by_less_than_the_horizon_is_put_in_order(
    monkeypatch: pytest.MonkeyPatch, stride: int
) -> None:
    monkeypatch.setattr(replay, "STRIDE", stride)
    random = Random(stride)
    items = crossings([number // 2 + random.randrange(4) for number in range(100)])
    blocks = list(in_order(iter(items), horizon=10))
    assert [one for block in blocks for one in block.items] == sorted(items, key=lambda one: one.received_at)
    assert [time for block in blocks for time in block.at.tolist()] == sorted(one.received_at for one in items)
    assert len(blocks) > 5


@pytest.mark.parametrize("seed", range(8))
@pytest.mark.parametrize("horizon", [1, 4, 100])
def test_a_crossing_comes_before_a_record_of_the_same_moment(
    monkeypatch: pytest.MonkeyPatch, seed: int, horizon: int
) -> None:
    random = Random(seed)
    seen, logged = ([float(number // 3) for number in range(random.randrange(60))] for _ in range(2))
    assert in_order.__kwdefaults__ is not None
    monkeypatch.setitem(in_order.__kwdefaults__, "horizon", horizon)
    both: list[Crossing | Record] = [*crossings(seen), *records(logged)]
    both.sort(key=lambda one: one.received_at)
    assert list(arrivals(iter(crossings(seen)), iter(records(logged)))) == both
