"""What may happen to an alert in the office: its states, and the steps between them."""

from dataclasses import dataclass
from enum import StrEnum

from tapal_server.errors import ConflictError

__all__ = ["OPEN", "Outcome", "Severity", "State", "Step", "after", "rank", "severity_of"]


class State(StrEnum):
    """Where an alert stands in the office."""

    NEW = "new"
    ACKNOWLEDGED = "acknowledged"
    IN_PROGRESS = "in_progress"
    RESOLVED = "resolved"
    REOPENED = "reopened"


class Outcome(StrEnum):
    """What a resolved alert was."""

    CONFIRMED = "confirmed"
    FALSE_ALARM = "false_alarm"
    EXPLAINED = "explained"
    WELFARE = "welfare"


class Severity(StrEnum):
    """How soon somebody should look."""

    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"


class Step(StrEnum):
    """What somebody does with an alert."""

    ACKNOWLEDGE = "acknowledge"
    START = "start"
    RESOLVE = "resolve"
    REOPEN = "reopen"


OPEN = frozenset(State) - {State.RESOLVED}


@dataclass(frozen=True, slots=True)
class _Rule:
    allowed: frozenset[State]
    to: State


_RULES = {
    Step.ACKNOWLEDGE: _Rule(frozenset({State.NEW, State.REOPENED}), State.ACKNOWLEDGED),
    Step.START: _Rule(frozenset({State.NEW, State.REOPENED, State.ACKNOWLEDGED}), State.IN_PROGRESS),
    Step.RESOLVE: _Rule(OPEN, State.RESOLVED),
    Step.REOPEN: _Rule(frozenset({State.RESOLVED}), State.REOPENED),
}


def after(state: State, step: Step) -> State:
    """The state after a step.

    Raises:
        ConflictError: the step is not possible from there.
    """
    rule = _RULES[step]
    if state not in rule.allowed:
        raise ConflictError(f"the alert is {state.value}, so it cannot be taken to {rule.to.value}; reload it first")
    return rule.to


def rank(severity: str) -> int:
    """Where a severity stands among them, the least being 0."""
    return list(Severity).index(Severity(severity))


def severity_of(kind: str, probability: float | None) -> Severity:
    """How soon to look, from the strength of the evidence: about 80/15/5 % low/medium/high in a usual month."""
    if kind in {"presence", "manifest_mismatch", "surge"}:
        return Severity.HIGH
    if kind in {"blind", "record_conflict"}:
        return Severity.LOW
    sure = 0.0 if probability is None else probability
    if sure >= 0.9:
        return Severity.HIGH
    return Severity.MEDIUM if sure >= 0.6 else Severity.LOW
