"""What a roll-out does next at a node. Pure: from what is known to what is to be written down and asked."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

__all__ = ["At", "Seen", "next_of_node", "stage_in_turn"]

State = Literal["waiting", "asked", "fetching", "shadow", "watching", "active", "failed", "back"]
Asked = Literal["none", "waiting", "done", "refused", "expired"]
UNDER_WAY = ("fetching", "shadow", "watching")
ATTEMPTS = 3
"""So often a node is asked anew that lost the offer, as over a restart, before that counts as a failure."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """What is known of a node: its health's word of models, and what became of the command."""

    online: bool
    model: Mapping[str, Any]
    command: Asked = "none"
    refusal: str = ""
    attempts: int = 0


@dataclass(frozen=True, slots=True)
class At:
    """Where a node stands now; `ask` says that it is to be asked."""

    state: State
    detail: str = ""
    ask: bool = False


def next_of_node(title: str, state: State, seen: Seen, *, in_turn: bool) -> At:
    """The next state of a node that is to use the model `title`.

    A node's health carries its answer and the state of the change together, so what it says after its answer is news.
    """
    told = seen.model
    if told.get("active") == title and told.get("state") not in UNDER_WAY:
        return At("active")
    if state == "active" and told:
        return At("failed", str(told.get("detail", "")) or f"it uses {told.get('active')} again")
    if state in {"active", "failed", "back"}:
        return At(state)
    if state == "waiting":
        if in_turn and seen.online:
            return At("asked", ask=True)
        return At("waiting", "it is not online" if in_turn else "")
    return _asked(title, state, seen, told)


def _asked(title: str, state: State, seen: Seen, told: Mapping[str, Any]) -> At:
    if seen.command == "refused":
        return At("failed", seen.refusal)
    ours = told.get("candidate") == title
    if ours and told["state"] in UNDER_WAY:
        return At(told["state"])
    if seen.command == "done" and ours and told["state"] == "failed":
        return At("failed", str(told.get("detail", "")))
    if seen.command == "done" and seen.attempts >= ATTEMPTS:
        return At("failed", f"it began {seen.attempts} times and knew nothing of it afterwards")
    again = {"done": "it was started anew in between and is asked again", "expired": "it did not answer; asked again"}
    return At("waiting", again[seen.command]) if seen.command in again else At(state)


def stage_in_turn(stages: Sequence[int], states: Sequence[str]) -> int:
    """The stage that is worked on: the first that is not through; -1 when all are."""
    return min((stage for stage, state in zip(stages, states, strict=True) if state != "active"), default=-1)
