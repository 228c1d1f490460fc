"""A second factor: time-based codes (RFC 6238, SHA-1, 30 s, 6 digits, as every authenticator speaks)."""

import base64
import binascii
import hashlib
import hmac
import secrets
import struct
from urllib.parse import quote

from cryptography.fernet import Fernet

from tapal_server.clock import Clock
from tapal_server.db.tables import UserRow
from tapal_server.keys import Keys

__all__ = ["SecondFactor", "code_at"]

STEP_S = 30
DIGITS = 6


def code_at(secret: bytes, step: int) -> str:
    """The code of a time step (RFC 4226, 5.3)."""
    digest = hmac.new(secret, struct.pack(">Q", step), hashlib.sha1).digest()
    offset = digest[-1] & 0x0F
    number = struct.unpack(">I", digest[offset : offset + 4])[0] & 0x7FFFFFFF
    return str(number % 10**DIGITS).zfill(DIGITS)


class SecondFactor:
    """Checks codes; secrets are sealed with a key of the data folder, and each code works once."""

    def __init__(self, keys: Keys, clock: Clock) -> None:
        self._keys = keys
        self._clock = clock

    def propose(self, name: str) -> tuple[str, str]:
        """A new secret in base32, and the otpauth:// address for a QR code."""
        secret = base64.b32encode(secrets.token_bytes(20)).decode()
        label = quote(f"Tapal:{name}")
        return secret, f"otpauth://totp/{label}?secret={secret}&issuer=Tapal"

    def seal(self, secret: str) -> str:
        """What the database keeps of a secret."""
        return self._fernet().encrypt(secret.encode()).decode()

    def step_of(self, secret: str, code: str) -> int | None:
        """The time step whose code it is, now or one step to either side."""
        try:
            key = base64.b32decode(secret.strip().upper())
        except (binascii.Error, ValueError):
            return None
        now = int(self._clock.now().timestamp()) // STEP_S
        given = code.replace(" ", "").encode()
        steps = (now, now - 1, now + 1)
        return next((step for step in steps if hmac.compare_digest(code_at(key, step).encode(), given)), None)

    def accepts(self, user: UserRow, code: str | None) -> bool:
        """Whether the user may pass: has no second factor, or gives a fresh code. Marks the code as used."""
        if user.totp is None:
            return True
        if not code or not code.isascii():
            return False
        step = self.step_of(self._fernet().decrypt(user.totp.encode()).decode(), code)
        if step is None or (user.totp_step is not None and step <= user.totp_step):
            return False
        user.totp_step = step
        return True

    def _fernet(self) -> Fernet:
        return Fernet(base64.urlsafe_b64encode(self._keys.get("totp")))
