"""The arithmetic of the audit chain: each link's hash covers the link before it."""

import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from tapal_contract.times import to_wire

__all__ = ["START", "Flaw", "Link", "first_flaw"]

START = "0" * 64


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """One audited act."""

    seq: int
    at: datetime
    actor: str
    action: str
    subject: str
    detail: dict[str, Any]
    previous: str
    hash: str = ""

    def true_hash(self) -> str:
        """SHA-256 over the content and the hash before it, as canonical JSON."""
        content = [self.seq, to_wire(self.at), self.actor, self.action, self.subject, self.detail, self.previous]
        text = json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
        return hashlib.sha256(text.encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class Flaw:
    """Where a chain stops being true, and why."""

    seq: int
    reason: str


def first_flaw(links: Iterable[Link], *, previous: str = START, seq: int = 1) -> Flaw | None:
    """The first link that is missing, altered or out of order."""
    for link in links:
        if link.seq != seq:
            return Flaw(seq, f"entry {seq} is missing; the next one is {link.seq}")
        if link.previous != previous:
            return Flaw(seq, f"entry {seq} does not follow the entry before it")
        if link.true_hash() != link.hash:
            return Flaw(seq, f"entry {seq} was altered")
        previous, seq = link.hash, seq + 1
    return None
