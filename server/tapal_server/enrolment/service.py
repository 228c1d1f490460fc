"""Letting boxes in, once each, and shutting them out again."""

import hmac
from dataclasses import dataclass
from datetime import datetime, timedelta

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from tapal_contract.enrolment import Enrolled, Enrolment, code_name, code_proof, new_code, prove
from tapal_contract.errors import MessageError
from tapal_contract.signing import key_id, public_bytes, read_public
from tapal_server.audit.log import AuditLog
from tapal_server.clock import Clock
from tapal_server.db.database import Database
from tapal_server.db.tables import EnrolCodeRow, NodeKeyRow
from tapal_server.errors import ForbiddenError, InvalidError, NotFoundError
from tapal_server.keys import Keys
from tapal_server.people.actor import SYSTEM, Actor

__all__ = ["EnrolmentService", "NodeKey", "server_key"]

MOST_FAILURES = 5
_REFUSED = "this code does not let this box in; ask for a new one with 'tapal server enrol-code'"


@dataclass(frozen=True, slots=True, kw_only=True)
class NodeKey:
    """A key that was let in, and whether it still is."""

    key: str
    node: str
    site: str
    enrolled_at: datetime
    revoked_at: datetime | None


def server_key(keys: Keys) -> Ed25519PrivateKey:
    """The key with which the server signs what it says to nodes; made at first use, kept with its other secrets."""
    return Ed25519PrivateKey.from_private_bytes(keys.get("node-commands"))


class EnrolmentService:
    """Codes and keys of nodes."""

    def __init__(self, database: Database, *, audit: AuditLog, clock: Clock, keys: Keys) -> None:
        self._database = database
        self._audit = audit
        self._clock = clock
        self._keys = keys

    def new_code(self, actor: Actor, node: str, site: str, *, lasts: timedelta = timedelta(hours=24)) -> str:
        """A code that lets one box in as this node of this site, told only here and only once."""
        code, now = new_code(), self._clock.now()
        with self._database.write() as session:
            session.add(
                EnrolCodeRow(
                    name=code_name(code),
                    proof=code_proof(code).hex(),
                    node=node,
                    site=site,
                    made_at=now,
                    ends_at=now + lasts,
                    used_at=None,
                    failures=0,
                )
            )
        self._audit.record(actor, "node.enrol-code", f"node:{node}", site=site)
        return code

    def enrol(self, asked: Enrolment) -> Enrolled:
        """Let the box in that holds the code; whatever keys its node had are revoked.

        Raises:
            ForbiddenError: the code is unknown, used, over, of another node, or not held; it is not said which.
        """
        public = _public(asked)
        with self._database.write() as session:
            proof = self._use(session, asked)
            if proof is not None:
                self._replace(session, asked, key_id(public))
        if proof is None:
            self._audit.record(SYSTEM, "node.enrol-refused", f"node:{asked.node}", code=asked.code)
            raise ForbiddenError(_REFUSED)
        self._audit.record(SYSTEM, "node.enrolled", f"node:{asked.node}", key=key_id(public))
        own = public_bytes(server_key(self._keys).public_key()).hex()
        return Enrolled(server=own, proof=prove(proof, "server", own, asked.public))

    def revoke(self, actor: Actor, node: str) -> int:
        """Believe none of the node's keys any longer; return how many there were.

        Raises:
            NotFoundError: the node has none.
        """
        with self._database.write() as session:
            count = _revoke(session, node, self._clock.now())
        if not count:
            raise NotFoundError(f"node {node!r} has no key that could be revoked")
        self._audit.record(actor, "node.revoked", f"node:{node}", keys=count)
        return count

    def all(self) -> tuple[NodeKey, ...]:
        """Every key there ever was."""
        query = select(NodeKeyRow).order_by(NodeKeyRow.node, NodeKeyRow.enrolled_at)
        with self._database.read() as session:
            return tuple(
                NodeKey(
                    key=row.key,
                    node=row.node,
                    site=row.site,
                    enrolled_at=row.enrolled_at,
                    revoked_at=row.revoked_at,
                )
                for row in session.scalars(query)
            )

    def _use(self, session: Session, asked: Enrolment) -> bytes | None:
        """Use the code up and return its proof, or count the failure."""
        now = self._clock.now()
        row = session.scalar(select(EnrolCodeRow).where(EnrolCodeRow.name == asked.code).with_for_update())
        if row is None or row.used_at is not None or row.ends_at <= now or row.failures >= MOST_FAILURES:
            return None
        proof = bytes.fromhex(row.proof)
        shown = prove(proof, "node", asked.node, asked.site, asked.public)
        if not hmac.compare_digest(shown, asked.proof) or (row.node, row.site) != (asked.node, asked.site):
            row.failures += 1
            return None
        row.used_at = now
        return proof

    def _replace(self, session: Session, asked: Enrolment, key: str) -> None:
        now = self._clock.now()
        if session.get(NodeKeyRow, key) is not None:
            raise InvalidError("this key was let in before; make a new one", field="public")
        _revoke(session, asked.node, now)
        session.add(
            NodeKeyRow(key=key, node=asked.node, site=asked.site, public=asked.public, enrolled_at=now, revoked_at=None)
        )


def _revoke(session: Session, node: str, now: datetime) -> int:
    statement = update(NodeKeyRow).where(NodeKeyRow.node == node, NodeKeyRow.revoked_at.is_(None))
    return int(session.execute(statement.values(revoked_at=now)).rowcount)  # type: ignore[attr-defined]  # of an UPDATE


def _public(asked: Enrolment) -> Ed25519PublicKey:
    try:
        return read_public(asked.public)
    except MessageError as error:
        raise InvalidError(str(error), field="public") from error
