"""The audit log: who looked at what, judged, exported or changed it."""

import json
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from sqlalchemy import select, text
from sqlalchemy.orm import Session

from tapal_contract.times import to_milliseconds, to_wire
from tapal_server.audit.chain import START, Flaw, Link, first_flaw
from tapal_server.clock import Clock
from tapal_server.db.database import Database
from tapal_server.db.tables import AuditRow
from tapal_server.keys import Keys
from tapal_server.paging import Page, Paging, load
from tapal_server.people.actor import Actor
from tapal_server.people.roles import Permission
from tapal_server.viewing import seen

__all__ = ["AuditLog", "SignedHead"]

_LOCK = 0x7A9A1


@dataclass(frozen=True, slots=True, kw_only=True)
class SignedHead:
    """The newest link, signed: kept outside, it shows later whether the chain was cut."""

    seq: int
    hash: str
    signed_at: str
    public_key: str
    signature: str

    def to_json(self) -> str:
        """As one line."""
        return json.dumps({name: getattr(self, name) for name in self.__slots__}, sort_keys=True)


class AuditLog:
    """Appends to the chain inside the caller's transaction, so an act and its entry are stored together or not."""

    def __init__(self, database: Database, keys: Keys, clock: Clock) -> None:
        self._database = database
        self._clock = clock
        self._keys = keys

    def append(self, session: Session, actor: Actor, action: str, subject: str, detail: dict[str, Any]) -> None:
        """Add a link; other writers wait until this transaction ends."""
        if not self._database.is_sqlite:
            session.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _LOCK})
        last = session.execute(select(AuditRow.seq, AuditRow.hash).order_by(AuditRow.seq.desc()).limit(1)).first()
        seq, previous = (last.seq + 1, last.hash) if last else (1, START)
        at = to_milliseconds(self._clock.now())
        subject = subject[:128]
        detail = json.loads(json.dumps(detail))  # what is hashed is what the database will give back
        link = Link(seq=seq, at=at, actor=actor.name, action=action, subject=subject, detail=detail, previous=previous)
        session.add(
            AuditRow(
                seq=seq,
                at=at,
                actor=actor.name,
                action=action,
                subject=subject,
                detail=detail,
                previous=previous,
                hash=link.true_hash(),
            )
        )
        session.flush()

    def record(self, actor: Actor, action: str, subject: str, **detail: Any) -> None:
        """Add a link in a transaction of its own: for acts that change nothing else, such as a view."""
        with self._database.write() as session:
            self.append(session, actor, action, subject, detail)

    def page(
        self,
        actor: Actor,
        paging: Paging,
        *,
        by: str | None = None,
        action: str | None = None,
        subject: str | None = None,
        since: datetime | None = None,
        until: datetime | None = None,
        newest_first: bool = True,
    ) -> Page[Link]:
        """Entries in the order of the chain, or from its head back."""
        actor.require(Permission.AUDIT)
        query = select(AuditRow)
        if by is not None:
            query = query.where(AuditRow.actor == by)
        if action is not None:
            query = query.where(AuditRow.action == action)
        if subject is not None:
            query = query.where(AuditRow.subject == subject)
        if since is not None:
            query = query.where(AuditRow.at >= since)
        if until is not None:
            query = query.where(AuditRow.at < until)
        with self._database.read() as session:
            return load(session, query, paging, _link, AuditRow.seq.desc() if newest_first else AuditRow.seq.asc())

    def head(self) -> SignedHead | None:
        """The newest link, signed now; None while the chain is empty."""
        with self._database.read() as session:
            last = session.execute(select(AuditRow.seq, AuditRow.hash).order_by(AuditRow.seq.desc()).limit(1)).first()
        if last is None:
            return None
        key = self._key()
        signed_at = to_wire(to_milliseconds(self._clock.now()))
        return SignedHead(
            seq=last.seq,
            hash=last.hash,
            signed_at=signed_at,
            public_key=key.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw).hex(),
            signature=key.sign(_signed_text(last.seq, last.hash, signed_at)).hex(),
        )

    def verify(self, anchors: tuple[SignedHead, ...] = ()) -> Flaw | None:
        """Check every link, and that each anchored head is still on the chain."""
        for anchor in anchors:
            if not self._is_ours(anchor):
                return Flaw(anchor.seq, f"the anchored head of entry {anchor.seq} was not signed by this server")
        with self._database.read() as session:
            query = select(AuditRow).order_by(AuditRow.seq).execution_options(yield_per=1000)
            with closing(session.scalars(query)) as rows:
                flaw = first_flaw(map(_link, rows))
            if flaw is not None:
                return flaw
            for anchor in anchors:
                if session.scalar(select(AuditRow.hash).where(AuditRow.seq == anchor.seq)) != anchor.hash:
                    return Flaw(anchor.seq, f"entry {anchor.seq} was anchored, and is now missing or another")
        return None

    def _key(self) -> Ed25519PrivateKey:
        return Ed25519PrivateKey.from_private_bytes(self._keys.get("audit"))

    def _is_ours(self, head: SignedHead) -> bool:
        try:
            text_ = _signed_text(head.seq, head.hash, head.signed_at)
            self._key().public_key().verify(bytes.fromhex(head.signature), text_)
        except (InvalidSignature, ValueError):
            return False
        return True


def _signed_text(seq: int, hash_: str, signed_at: str) -> bytes:
    return f"tapal audit head\n{seq}\n{hash_}\n{signed_at}\n".encode()


def _link(row: AuditRow) -> Link:
    return seen(Link, row)
