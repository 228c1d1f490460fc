"""Messages to browsers (RFC 8030, 8291, 8292): subscriptions of people, keys made once, sent end-to-end encrypted."""

import base64
import json
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlsplit

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from sqlalchemy import select

from tapal_contract.ids import new_id
from tapal_server.audit.log import AuditLog
from tapal_server.clock import Clock
from tapal_server.db.database import Database
from tapal_server.db.tables import PushRow
from tapal_server.errors import ConflictError, InvalidError, NotFoundError
from tapal_server.keys import Keys
from tapal_server.notify.outward import Answer, Post
from tapal_server.people.actor import Actor
from tapal_server.people.roles import Permission
from tapal_server.viewing import seen

__all__ = ["PushService", "PushView", "Pusher"]

MOST = 10
_ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551  # of the curve P-256
_LIFE_S = 3600


@dataclass(frozen=True, slots=True, kw_only=True)
class PushView:
    """A browser that is told; without its keys."""

    id: str
    client: str
    created_at: datetime


def _private_key(keys: Keys) -> ec.EllipticCurvePrivateKey:
    number = int.from_bytes(keys.get("push"), "big") % (_ORDER - 1) + 1
    return ec.derive_private_key(number, ec.SECP256R1())


class PushService:
    """Keeps the browsers of people."""

    def __init__(self, database: Database, *, audit: AuditLog, clock: Clock, keys: Keys) -> None:
        self._database = database
        self._audit = audit
        self._clock = clock
        self._keys = keys

    def public_key(self) -> str:
        """What a browser needs to subscribe (`applicationServerKey`)."""
        point = _private_key(self._keys).public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
        return base64.urlsafe_b64encode(point).rstrip(b"=").decode()

    def subscribe(self, actor: Actor, endpoint: str, p256dh: str, auth: str, *, client: str = "") -> PushView:
        """Tell this browser from now on; the same endpoint again replaces.

        Raises:
            InvalidError: no https address, or keys of another length than a browser's.
            ConflictError: one has many browsers already.
        """
        actor.require(Permission.SEE)
        if actor.user_id is None:
            raise InvalidError("only a person can be told; sign in first")
        parts = urlsplit(endpoint)
        if parts.scheme != "https" or not parts.hostname or len(endpoint) > 1000:
            raise InvalidError("the endpoint is not an https address", field="endpoint")
        for name, value, length in (("p256dh", p256dh, 65), ("auth", auth, 16)):
            if len(_decoded(value)) != length:
                raise InvalidError(f"{name} is not a key of {length} bytes", field=name)
        if not _is_on_the_curve(_decoded(p256dh)):
            raise InvalidError(
                "p256dh is no public key on the curve P-256; subscribe anew in the browser", field="p256dh"
            )
        with self._database.write() as session:
            row = session.scalar(select(PushRow).where(PushRow.endpoint == endpoint))
            if row is None:
                mine = session.scalars(select(PushRow.id).where(PushRow.user_id == actor.user_id)).all()
                if len(mine) >= MOST:
                    raise ConflictError(f"{MOST} browsers are told already; remove one first")
                row = PushRow(id=new_id(), endpoint=endpoint)
                session.add(row)
            row.user_id, row.p256dh, row.auth = actor.user_id, p256dh, auth
            row.client, row.created_at = client[:255], self._clock.now()
            self._audit.append(session, actor, "push.subscribe", f"user:{actor.name}", {"subscription": row.id})
            return seen(PushView, row)

    def mine(self, actor: Actor) -> tuple[PushView, ...]:
        """One's own browsers."""
        query = select(PushRow).where(PushRow.user_id == actor.user_id).order_by(PushRow.created_at)
        with self._database.read() as session:
            return tuple(seen(PushView, row) for row in session.scalars(query))

    def unsubscribe(self, actor: Actor, subscription_id: str) -> None:
        """Tell this browser no longer."""
        with self._database.write() as session:
            row = session.get(PushRow, subscription_id)
            if row is None or row.user_id != actor.user_id:
                raise NotFoundError(f"subscription {subscription_id[:40]!r} is not known")
            session.delete(row)
            self._audit.append(session, actor, "push.unsubscribe", f"user:{actor.name}", {"subscription": row.id})


class Pusher:
    """Encrypts a message for one browser and hands it to its push service."""

    def __init__(self, keys: Keys, post: Post, *, contact: str) -> None:
        self._keys = keys
        self._post = post
        self._contact = contact

    def send(self, row: PushRow, title: str, body: str, *, url: str | None, now: datetime) -> Answer:
        """Send; a status of 404 or 410 says that the browser is gone."""
        from py_vapid import Vapid02  # noqa: PLC0415 - a server nobody subscribed to need not load it
        from pywebpush import WebPusher  # noqa: PLC0415

        message = json.dumps({"title": title, "body": body, "url": url}, ensure_ascii=False).encode()
        browser = {"endpoint": row.endpoint, "keys": {"p256dh": row.p256dh, "auth": row.auth}}
        parts = urlsplit(row.endpoint)
        claims = {
            "aud": f"{parts.scheme}://{parts.netloc}",
            "sub": self._contact,
            "exp": str(int(now.timestamp()) + 12 * 3600),
        }
        headers = {
            "Content-Encoding": "aes128gcm",
            "Content-Type": "application/octet-stream",
            "TTL": str(_LIFE_S),
            "Urgency": "high",
            **Vapid02(private_key=_private_key(self._keys)).sign(claims),
        }
        return self._post(row.endpoint, headers, WebPusher(browser).encode(message)["body"], False)  # noqa: FBT003


def _is_on_the_curve(key: bytes) -> bool:
    try:
        ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), key)
    except ValueError:
        return False
    return True


def _decoded(text: str) -> bytes:
    try:
        return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
    except ValueError:
        return b""
