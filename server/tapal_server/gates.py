"""What was learned of each gate, and how its shown probabilities held against the officers' verdicts."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

import numpy as np
from sqlalchemy import select

from tapal_server.alerts.states import Outcome
from tapal_server.correlation.params import Params
from tapal_server.correlation.types import Gate, Site
from tapal_server.db.database import Database
from tapal_server.db.tables import AlertRow
from tapal_server.people.actor import Actor
from tapal_server.people.roles import Permission

__all__ = ["Bin", "Curve", "GateService", "GateView", "Learned"]

_Key = tuple[str, str, str]
BINS = ((0.0, 0.7), (0.7, 0.8), (0.8, 0.9), (0.9, 1.0))
RIGHT = frozenset({Outcome.CONFIRMED.value, Outcome.WELFARE.value})
KINDS = ("unlogged_crossing", "bypass")
POINTS = 96


@dataclass(frozen=True, slots=True, kw_only=True)
class Curve:
    """A delay law to draw: density per second at each delay, and the history of the log's clock."""

    delay_s: tuple[float, ...]
    density: tuple[float, ...]
    median_s: float
    low_s: float
    high_s: float
    clock: tuple[tuple[float, float], ...] = ()  # since (UTC seconds), shift in seconds


@dataclass(frozen=True, slots=True, kw_only=True)
class Bin:
    """Judged alerts that were shown with a probability between `low` and `high`."""

    low: float
    high: float
    shown: float
    judged: int
    right: int


@dataclass(frozen=True, slots=True, kw_only=True)
class GateView:
    """A gate that is compared with the log."""

    site: str
    line: str
    direction: str
    learning: bool
    learned: dict[str, Any] | None = None
    curve: Curve | None = None
    calibration: tuple[Bin, ...] = field(default=())


class Learned(Protocol):
    """Who knows the gates: the correlator. Any thread may ask."""

    def gate_report(self, site: str, line: str, direction: str) -> dict[str, Any] | None:
        """What was learned of a gate, as plain data."""

    def params(self, site: str, line: str, direction: str) -> Params | None:
        """The same as the frozen value that the engine uses."""


class GateService:
    """Reads what the correlator learned."""

    def __init__(
        self,
        database: Database,
        sites: Iterable[Site],
        learned: Learned,
    ) -> None:
        self._database = database
        self._sites = tuple(sites)
        self._learned = learned

    def all(self, actor: Actor) -> tuple[GateView, ...]:
        """Every gate of the sites one sees that is compared with the passage log."""
        actor.require(Permission.SEE)
        wanted = [
            (site, gate) for site in self._sites if site.checkpoint and actor.sees(site.id) for gate in site.gates
        ]
        verdicts = self._verdicts([site.id for site, _ in wanted])
        return tuple(self._view(site, gate, verdicts) for site, gate in wanted)

    def _view(self, site: Site, gate: Gate, verdicts: dict[_Key, list[tuple[float, bool]]]) -> GateView:
        key = (site.id, gate.line, gate.direction)
        params = self._learned.params(*key)
        return GateView(
            site=site.id,
            line=gate.line,
            direction=gate.direction,
            learning=gate.learn,
            learned=self._learned.gate_report(*key),
            curve=_curve(params) if params else None,
            calibration=calibration(verdicts.get(key, [])),
        )

    def _verdicts(self, sites: Sequence[str]) -> dict[_Key, list[tuple[float, bool]]]:
        """By gate: the probability that was shown, and whether the officer found it right."""
        query = select(AlertRow.site, AlertRow.line, AlertRow.direction, AlertRow.probability, AlertRow.outcome).where(
            AlertRow.site.in_(sites),
            AlertRow.kind.in_(KINDS),
            AlertRow.outcome.is_not(None),
            AlertRow.probability.is_not(None),
        )
        found: dict[_Key, list[tuple[float, bool]]] = {}
        with self._database.read() as session:
            for site, line, direction, probability, outcome in session.execute(query):
                key = (site, str(line), str(direction))
                found.setdefault(key, []).append((float(probability or 0.0), outcome in RIGHT))
        return found


def calibration(verdicts: Sequence[tuple[float, bool]]) -> tuple[Bin, ...]:
    """Group verdicts by the probability that was shown; empty groups are left out."""
    bins = []
    for low, high in BINS:
        mine = [(shown, right) for shown, right in verdicts if low <= shown < high or (high == 1.0 and shown == high)]
        if mine:
            mean = sum(shown for shown, _ in mine) / len(mine)
            right = sum(good for _, good in mine)
            bins.append(Bin(low=low, high=high, shown=mean, judged=len(mine), right=right))
    return tuple(bins)


def _curve(params: Params) -> Curve:
    low, median, high = (params.law.quantile(q) for q in (0.01, 0.5, 0.99))
    margin = 0.15 * max(high - low, 1.0)
    at = np.linspace(min(low - margin, 0.0), max(high + margin, 0.0), POINTS)
    return Curve(
        delay_s=tuple(round(float(d), 2) for d in at),
        density=tuple(float(f"{f:.4g}") for f in params.law.density(at)),
        median_s=median,
        low_s=low,
        high_s=high,
        clock=tuple(zip(params.clock.since, params.clock.shift, strict=True)),
    )
