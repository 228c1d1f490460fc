"""People at one gate of one site, some without a record and some not seen: the stream of the tests of whole engines."""

import numpy as np

from tapal_server.correlation.types import Crossing, Record


def crowd(
    seed: int,
    *,
    people: int,
    start: float,
    apart_s: float,
    least_apart_s: float,
    seen: float,
    logged: float,
    spread: float,
) -> list[Crossing | Record]:
    """People `apart_s` seconds apart on average, their records ten seconds later; `spread` is of the logarithm."""
    rng = np.random.default_rng(seed)
    items: list[Crossing | Record] = []
    for n, time in enumerate(start + np.cumsum(rng.exponential(apart_s, people) + least_apart_s)):
        moment = float(time)
        if rng.random() < seen:
            items.append(
                Crossing(id=f"c{n:03d}", site="post", line="gate", direction="inbound", time=moment, received_at=moment)
            )
        if rng.random() < logged:
            at = float(time + 10 * np.exp(spread * rng.normal()))
            items.append(Record(id=f"r{n:03d}", checkpoint="P", direction="inbound", time=at, received_at=at))
    return items
