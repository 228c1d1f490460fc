"""What a gate is believed to be like, and how sure that is."""

from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from tapal_server.correlation.clock import STILL, Clock
from tapal_server.correlation.late import EDGES, LateLaw, prior_late
from tapal_server.correlation.law import DelayLaw, prior_law
from tapal_server.correlation.sums import waiting_shares
from tapal_server.correlation.types import Gate

Floats = NDArray[np.float64]
HOUR = 3600.0
AGES = np.concatenate(([0.0], np.geomspace(0.25, 40 * 86400.0, 400)))
FALSE_PER_HOUR = 0.05  # shadows, birds and staff come by the clock, not by the crowd
ALONE_PER_HOUR = 0.03


@dataclass(frozen=True, kw_only=True)
class Params:
    """Delay law, recall and the rates of crossings that no record explains.

    Such a crossing is an unlogged person (`alone_rate` per second plus `flow_share` per lawful passer), a false count
    (`false_rate` per second plus `false_share` per passer) or a double (`double_share` per passer, seconds after it).
    `follow_share` of the lawful walk seconds behind somebody, where doubles are too.
    """

    law: DelayLaw
    recall: float
    alone_rate: float
    flow_share: float
    false_rate: float
    false_share: float
    double_share: float
    late: LateLaw
    span: tuple[float, float] = (-float("inf"), float("inf"))
    flow_mean: float = 0.0
    flow_trust: float = 1.0
    follow_share: float = 0.0
    clock: Clock = STILL
    crossings: float = 0.0
    start: float = 0.0
    end: float = 0.0
    doubts: tuple[str, ...] = ("not_learned",)
    errors: dict[str, float] = field(default_factory=dict)

    @property
    def odds(self) -> float:
        """Odds that a record's person was seen."""
        return self.recall / (1.0 - self.recall)

    @cached_property
    def waits(self) -> tuple[Floats, Floats]:
        """Ages, and the share of lawful crossings of each whose record is unknown."""
        keep = self.law.mass > 1e-7
        middles, mass = self.law.grid.middles[keep], self.law.mass[keep]
        return AGES, waiting_shares(self.late.above, EDGES, AGES, middles, mass)

    @cached_property
    def believed(self) -> tuple[tuple[float, float, float, float, float, float], tuple[float, float]]:
        """The rates and the level of the flow, as the compiled loops take them."""
        rates = (self.alone_rate, self.flow_share, self.false_rate, self.false_share, self.double_share)
        alone, flow, false_rate, false_share, double, follow = map(float, (*rates, self.follow_share))
        return (alone, flow, false_rate, false_share, double, follow), (float(self.flow_mean), float(self.flow_trust))

    def waiting(self, age: Floats) -> Floats:
        """Return the share of lawful crossings of each age whose record is unknown: not written or not arrived."""
        return np.interp(age, *self.waits)

    def to_data(self) -> dict[str, Any]:
        """Give plain data for a snapshot."""
        plain = {
            name: getattr(self, name)
            for name in (
                "recall",
                "alone_rate",
                "flow_share",
                "false_rate",
                "false_share",
                "double_share",
                "span",
                "flow_mean",
                "flow_trust",
                "follow_share",
                "crossings",
                "start",
                "end",
            )
        }
        return plain | {
            "law": self.law.to_data(),
            "late": self.late.to_data(),
            "clock": [list(self.clock.since), list(self.clock.shift)],
            "doubts": list(self.doubts),
            "errors": dict(self.errors),
        }

    @classmethod
    def from_data(cls, data: dict[str, Any]) -> Self:
        """Take back what :meth:`to_data` gave."""
        data = dict(data)
        data["span"] = tuple(data["span"])
        law, late = DelayLaw.from_data(data.pop("law")), LateLaw.from_data(data.pop("late"))
        since, shift = data.pop("clock")
        clock = Clock(tuple(since), tuple(shift))
        return cls(law=law, late=late, clock=clock, doubts=tuple(data.pop("doubts")), **data)

    def summary(self) -> dict[str, Any]:
        """Say in plain numbers what an officer may ask: delays, recall, rates with their errors, and the doubts."""
        low, median, high = (self.law.quantile(q) for q in (0.01, 0.5, 0.99))
        return {
            "crossings": round(self.crossings),
            "delay_s": {"p01": low, "median": median, "p99": high},
            "clock_moves_s": [min(self.clock.shift, default=0.0), max(self.clock.shift, default=0.0)],
            "recall": self.recall,
            "unlogged_per_hour_alone": self.alone_rate * HOUR,
            "unlogged_share_of_flow": self.flow_share,
            "false_per_hour": self.false_rate * HOUR,
            "false_share": self.false_share,
            "double_share": self.double_share,
            "late_share": self.late.share(600.0),
            "errors": dict(self.errors),
            "doubts": list(self.doubts),
        }


def prior(gate: Gate) -> Params:
    """Return what the configuration says, before any data."""
    rates = gate.rates
    law = prior_law(gate.delay)
    return Params(
        law=law,
        recall=float(np.clip(rates.recall, 0.05, 0.995)),
        alone_rate=ALONE_PER_HOUR / HOUR,
        flow_share=rates.unlogged_share,
        false_rate=FALSE_PER_HOUR / HOUR,
        false_share=rates.false_share,
        double_share=rates.double_share,
        late=prior_late(rates.late_share),
    )


__all__ = ["Params", "prior", "replace"]
