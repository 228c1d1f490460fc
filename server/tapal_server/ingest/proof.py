"""Whether a message is from who it says: signatures of nodes, checked before anything is read of what they sign."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal, get_args

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from sqlalchemy import select

from tapal_contract.signing import Signed, read_public, sign, split
from tapal_contract.topics import Topic
from tapal_server.db.database import Database
from tapal_server.db.tables import NodeKeyRow

__all__ = ["FLAWS", "Flaw", "Policy", "Proof"]

Policy = Literal["required", "when_enrolled", "off"]
Flaw = Literal["unsigned", "forged", "wrong_key", "revoked"]
FLAWS: tuple[Flaw, ...] = get_args(Flaw)
_KNOWN_FOR_S = 5.0


@dataclass(frozen=True, slots=True)
class _Key:
    node: str
    site: str
    public: Ed25519PublicKey
    revoked: bool


class Proof:
    """Knows the keys of all nodes; a revocation counts within seconds, in every replica."""

    def __init__(
        self,
        database: Database,
        policy: Policy,
        own: Ed25519PrivateKey | None = None,
        *,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._database = database
        self._policy = policy
        self._own = own
        self._clock = clock
        self._keys: dict[str, _Key] = {}
        self._enrolled: frozenset[str] = frozenset()
        self._read_at: float | None = None

    def refresh(self) -> None:
        """Look at the keys again, if it is time; call it before each batch."""
        now = self._clock()
        if self._policy == "off" or (self._read_at is not None and now - self._read_at < _KNOWN_FOR_S):
            return
        with self._database.read() as session:
            rows = session.scalars(select(NodeKeyRow)).all()
        self._keys = {
            row.key: _Key(row.node, row.site, read_public(row.public), row.revoked_at is not None) for row in rows
        }
        self._enrolled = frozenset(row.node for row in rows)
        self._read_at = now

    def check(self, payload: bytes, topic: Topic) -> tuple[bytes, Flaw | None]:
        """The message without its signature, and what is wrong with that."""
        signed = split(payload)
        return signed.body, self._flaw(signed, topic)

    def seal(self, payload: bytes, topic: str) -> bytes:
        """What the server says to a node, signed where the node was given the key to check it."""
        if self._own is None or Topic.parse(topic).node not in self._enrolled:
            return payload
        return sign(payload, topic, self._own)

    def _flaw(self, signed: Signed, topic: Topic) -> Flaw | None:
        if self._policy == "off" or (self._policy == "when_enrolled" and topic.node not in self._enrolled):
            return None
        if not signed.key:
            return "unsigned"
        key = self._keys.get(signed.key)
        if key is None or (key.node, key.site) != (topic.node, topic.site):
            return "wrong_key"
        if not signed.is_by(key.public, topic.path):
            return "forged"
        return "revoked" if key.revoked else None
