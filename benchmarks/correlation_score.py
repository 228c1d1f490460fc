"""Scores of a ranking and of alerts."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np

from tapal_server.correlation.types import Alert


@dataclass(frozen=True)
class Score:
    """How good the probabilities and the alerts of one gate are."""

    crossings: int
    guilty: int
    ap: float
    ece: float
    open: int
    precision: float | None
    raised_per_day: float
    lag: float
    prompt: float | None
    closed: tuple[int, int]
    longest: float | None = None


def ranking(probability: np.ndarray, guilty: np.ndarray) -> float:
    """Return the average precision; 0 without anybody to find."""
    order = np.argsort(-probability, kind="stable")
    hits = guilty[order].astype(float)
    found = np.cumsum(hits)
    return float(np.sum(hits * found / np.arange(1, len(hits) + 1)) / max(found[-1], 1.0))


def calibration_error(probability: np.ndarray, guilty: np.ndarray, bins: int = 10) -> float:
    """Return the expected calibration error over equal bins."""
    cell = np.clip((probability * bins).astype(int), 0, bins - 1)
    gap = np.bincount(cell, probability, bins) - np.bincount(cell, guilty.astype(float), bins)
    return float(np.abs(gap).sum() / len(probability))


def score(
    probability: np.ndarray,
    guilty: np.ndarray,
    alerts: Iterable[Alert],
    guilty_ids: set[str],
    hours: float,
    *,
    known: Mapping[str, float] | None = None,
    longest: float | None = None,
) -> Score:
    """Score one gate; `known` says when the row of a lawful crossing arrived, where that is known.

    `longest` is how long 99 of 100 rows really take to arrive; without it the alert's own word is taken.
    """
    raised = list(alerts)
    left = [alert for alert in raised if alert.status == "open"]
    right = [alert for alert in left if guilty_ids.intersection(alert.event_ids)]
    lags = [alert.raised_at - alert.time for alert in right]
    usual = [lag <= (_longest(alert) if longest is None else longest) for alert, lag in zip(right, lags, strict=True)]
    known = known or {}
    late = [
        alert
        for alert in raised
        if alert.event_ids and all(known.get(event, -1.0) > alert.raised_at for event in alert.event_ids)
    ]
    return Score(
        len(probability),
        int(guilty.sum()),
        ranking(probability, guilty),
        calibration_error(probability, guilty),
        len(left),
        len(right) / len(left) if left else None,
        len(raised) / hours * 24,
        float(np.median(lags)) if lags else float("nan"),
        sum(usual) / len(usual) if usual else None,
        (sum(alert.status == "explained" for alert in late), len(late)),
        longest,
    )


def _longest(alert: Alert) -> float:
    """Return the 99 % point of the delay law when the alert was raised, as the alert itself tells it."""
    longest = alert.reason.data.get("longest_s", 0.0)
    return float(longest) if isinstance(longest, int | float) else 0.0
