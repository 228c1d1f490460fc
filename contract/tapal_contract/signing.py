"""Signatures on messages: Ed25519 (RFC 8032), small and detached: a signed message is still plain JSON or a JPEG.

A JSON message ends in a last member ``"sig":"KEY.SIGNATURE"``; what is signed are the bytes without it, as sent. A JPEG
carries the same text in its second comment segment, a piece of a film in its second line. KEY is :func:`key_id` of the
public key, SIGNATURE is base64url.
Signed is the topic, too, so that a message of one node is none of another and an event is no birth.

Nothing has to be written in a canonical form, and an MQTT 3.1.1 broker, which knows no properties, carries it.
"""

import base64
import binascii
import hashlib
from dataclasses import dataclass

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from tapal_contract.clip import START as _PIECE
from tapal_contract.errors import MessageError

__all__ = ["Signed", "key_id", "public_bytes", "read_public", "sign", "split"]

_KEY, _SIGNATURE = 16, 86  # characters
_TEXT = _KEY + 1 + _SIGNATURE
_MEMBER, _CLOSE = b',"sig":"', b'"}'
_TAIL = len(_MEMBER) + _TEXT + len(_CLOSE)
_JPEG, _COMMENT, _PREFIX = b"\xff\xd8", b"\xff\xfe", b"tapal/1 sig="
_LINE, _LINE_END = b"sig=", b"\n"
_SEGMENT = _COMMENT + (2 + len(_PREFIX) + _TEXT).to_bytes(2, "big") + _PREFIX


@dataclass(frozen=True, slots=True)
class Signed:
    """A message taken apart; `key` is empty where nobody signed."""

    body: bytes
    key: str = ""
    signature: bytes = b""

    def is_by(self, public: Ed25519PublicKey, topic: str) -> bool:
        """Whether the owner of this key signed just this for just this topic."""
        try:
            public.verify(self.signature, _covered(topic, self.body))
        except InvalidSignature:
            return False
        return True


def sign(payload: bytes, topic: str, key: Ed25519PrivateKey) -> bytes:
    """The message with its signature.

    Raises:
        MessageError: not a JSON object with members, a JPEG that begins with a comment, or a piece of a film.
    """
    signature = base64.urlsafe_b64encode(key.sign(_covered(topic, payload))).rstrip(b"=")
    text = key_id(key.public_key()).encode() + b"." + signature
    if payload.startswith(_JPEG + _COMMENT):
        at = _after_first_segment(payload)
        return payload[:at] + _SEGMENT + text + payload[at:]
    if payload.startswith(_PIECE) and _LINE_END in payload:
        at = payload.index(_LINE_END) + 1
        return payload[:at] + _LINE + text + _LINE_END + payload[at:]
    if payload.endswith(b"}") and len(payload) > 2:
        return payload[:-1] + _MEMBER + text + _CLOSE
    raise MessageError("only a JSON object or a JPEG that names its event, or a piece of a film, can be signed")


def split(payload: bytes) -> Signed:
    """Take a message and its signature apart; whatever carries none, or none of this form, comes back as it is."""
    if payload.startswith(_JPEG + _COMMENT):
        at = _after_first_segment(payload)
        if not payload.startswith(_SEGMENT, at):
            return Signed(payload)
        begin, end = at + len(_SEGMENT), at + len(_SEGMENT) + _TEXT
        return _signed(payload[:at] + payload[end:], payload[begin:end]) or Signed(payload)
    if payload.startswith(_PIECE):
        at = payload.find(_LINE_END) + 1
        begin, end = at + len(_LINE), at + len(_LINE) + _TEXT
        if not payload.startswith(_LINE, at) or payload[end : end + 1] != _LINE_END:
            return Signed(payload)
        return _signed(payload[:at] + payload[end + 1 :], payload[begin:end]) or Signed(payload)
    if payload[-_TAIL : -_TAIL + len(_MEMBER)] != _MEMBER or not payload.endswith(_CLOSE):
        return Signed(payload)
    return _signed(payload[:-_TAIL] + b"}", payload[-_TAIL + len(_MEMBER) : -len(_CLOSE)]) or Signed(payload)


def key_id(public: Ed25519PublicKey) -> str:
    """A short name of a key: the beginning of its SHA-256, in hexadecimal."""
    return hashlib.sha256(public_bytes(public)).hexdigest()[:_KEY]


def public_bytes(public: Ed25519PublicKey) -> bytes:
    """The 32 bytes of a public key."""
    return public.public_bytes(Encoding.Raw, PublicFormat.Raw)


def read_public(text: str) -> Ed25519PublicKey:
    """A public key from its 32 bytes in hexadecimal.

    Raises:
        MessageError: it is none.
    """
    try:
        return Ed25519PublicKey.from_public_bytes(bytes.fromhex(text))
    except ValueError as error:
        raise MessageError("a public key is 64 hexadecimal digits") from error


def _covered(topic: str, body: bytes) -> bytes:
    return b"tapal/1 signed\n" + topic.encode() + b"\n" + body


def _after_first_segment(jpeg: bytes) -> int:
    return 4 + int.from_bytes(jpeg[4:6], "big")


def _signed(body: bytes, text: bytes) -> Signed | None:
    key, dot, signature = text.partition(b".")
    try:
        raw = base64.b64decode(signature + b"==", altchars=b"-_", validate=True)
        name = key.decode("ascii")
    except (binascii.Error, UnicodeDecodeError):
        return None
    return Signed(body, name, raw) if dot and len(key) == _KEY and len(raw) == 64 else None
