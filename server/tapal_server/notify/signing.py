"""Signed webhooks: HMAC-SHA256 over time and body, so that a receiver knows who sent it, and that it is not old."""

import hashlib
import hmac
from collections.abc import Mapping

__all__ = ["SIGNATURE", "TIMESTAMP", "WINDOW_S", "is_genuine", "signed_headers"]

TIMESTAMP = "X-Tapal-Timestamp"
SIGNATURE = "X-Tapal-Signature"
WINDOW_S = 300


def signed_headers(secret: str, body: bytes, *, at: float) -> dict[str, str]:
    """Headers that go with a body."""
    timestamp = str(int(at))
    return {TIMESTAMP: timestamp, SIGNATURE: f"sha256={_mac(secret, timestamp, body)}"}


def is_genuine(secret: str, headers: Mapping[str, str], body: bytes, *, now: float) -> bool:
    """What a receiver checks: the signature holds, and the time is at most five minutes away."""
    timestamp = headers.get(TIMESTAMP, "")
    if not timestamp.isascii() or not timestamp.isdigit() or abs(now - int(timestamp)) > WINDOW_S:
        return False
    return hmac.compare_digest(headers.get(SIGNATURE, ""), f"sha256={_mac(secret, timestamp, body)}")


def _mac(secret: str, timestamp: str, body: bytes) -> str:
    return hmac.new(secret.encode(), timestamp.encode() + b"." + body, hashlib.sha256).hexdigest()
