"""How a box becomes a node: it shows that it holds a one-time code, and both sides learn each other's public key.

The code never travels. Each side proves that it holds it by an HMAC over what it says, so whoever listens or stands in
between learns nothing that lets a second box in, and can exchange no key.
"""

import hashlib
import hmac
import secrets
from typing import Annotated

from pydantic import Field

from tapal_contract.ids import Name
from tapal_contract.model import Frozen

__all__ = ["Enrolled", "Enrolment", "code_name", "code_proof", "new_code", "prove"]

_LETTERS = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"  # none that is taken for another
_LENGTH, _NAME = 28, 8  # 20 secret letters of 5 bits

Hex32 = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]


class Enrolment(Frozen):
    """What a box sends: who it is to be, its public key, and the proof that it holds the code."""

    code: str = Field(pattern=r"^[A-Z2-9]{8}$", description="the first eight letters of the code, which are no secret")
    node: Name
    site: Name
    public: Hex32 = Field(description="the node's Ed25519 public key")
    proof: Hex32


class Enrolled(Frozen):
    """What it gets: the server's key, to be pinned, and the proof that the server holds the code, too."""

    server: Hex32 = Field(description="the server's Ed25519 public key")
    proof: Hex32


def new_code() -> str:
    """A fresh code, in groups of four letters."""
    letters = "".join(secrets.choice(_LETTERS) for _ in range(_LENGTH))
    return "-".join(letters[at : at + 4] for at in range(0, _LENGTH, 4))


def code_name(code: str) -> str:
    """The part of a code that names it."""
    return _plain(code)[:_NAME]


def code_proof(code: str) -> bytes:
    """What the server keeps of a code, and both sides prove that they have."""
    return hashlib.sha256(b"tapal/1 enrol " + _plain(code).encode()).digest()


def prove(proof: bytes, *said: str) -> str:
    """The proof that who says this holds the code."""
    return hmac.new(proof, "\n".join(said).encode(), hashlib.sha256).hexdigest()


def _plain(code: str) -> str:
    return "".join(letter for letter in code.upper() if letter.isalnum())
