"""The keys of a node: its own, to sign what it says, and the server's, to know whom it obeys."""

import hmac
import json
import os
import urllib.error
import urllib.request
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from ssl import SSLContext
from urllib.parse import urlsplit

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from pydantic import ValidationError

from tapal_contract.enrolment import Enrolled, Enrolment, code_name, code_proof, prove
from tapal_contract.errors import ConfigError, MessageError, TapalError
from tapal_contract.node import Command
from tapal_contract.signing import key_id, public_bytes, read_public, sign, split

FOLDER = "keys"
_OWN, _SERVER = "node.key", "server.pub"
COMMAND_HOLDS = timedelta(minutes=10)


@dataclass(frozen=True)
class Keyring:
    """Signs and checks; a node that was never enrolled has none."""

    own: Ed25519PrivateKey
    server: Ed25519PublicKey

    @classmethod
    def load(cls, folder: Path) -> "Keyring | None":
        """The keys in the node's folder, or None where it was never enrolled.

        Raises:
            ConfigError: there is something, but not keys.
        """
        keys = folder / FOLDER
        try:
            own = Ed25519PrivateKey.from_private_bytes(bytes.fromhex((keys / _OWN).read_text("ascii").strip()))
            return cls(own, read_public((keys / _SERVER).read_text("ascii").strip()))
        except FileNotFoundError:
            return None
        except (ValueError, OSError, MessageError) as error:
            raise ConfigError(f"{keys}: the keys cannot be read ({error}); enrol the node anew") from error

    def sign(self, payload: bytes, topic: str) -> bytes:
        """The message as this node's own."""
        return sign(payload, topic, self.own)

    def check(self, payload: bytes, topic: str) -> bytes:
        """The message without its signature.

        Raises:
            MessageError: it is not the server's.
        """
        signed = split(payload)
        if signed.key != key_id(self.server) or not signed.is_by(self.server, topic):
            raise MessageError("it is not signed by the server this node was enrolled at")
        return signed.body


def require_fresh(command: Command, now: datetime | None = None) -> None:
    """Refuse a command that was kept back to be used later.

    Raises:
        MessageError: it is too old, or from a time to come.
    """
    age = (now or datetime.now(UTC)) - command.issued_at
    if abs(age) > COMMAND_HOLDS:
        raise MessageError(f"command {command.id} was issued {age.total_seconds():.0f} s ago; check both clocks")


def enrol(folder: Path, node: str, site: str, server: str, code: str, *, tls: SSLContext | None = None) -> str:
    """Make keys, exchange them with the server, keep them; return the name of the node's key.

    Raises:
        TapalError: the server cannot be reached, does not know the code, or does not prove that it does.
    """
    own, proof = Ed25519PrivateKey.generate(), code_proof(code)
    public = public_bytes(own.public_key()).hex()
    asked = {"code": code_name(code), "node": node, "site": site, "public": public}
    try:
        request = Enrolment.model_validate(asked | {"proof": prove(proof, "node", node, site, public)})
    except ValidationError as error:
        raise TapalError("--code is not a code of 'tapal server enrol-code': seven groups of four letters") from error
    answer = _post(server, request, tls)
    if not hmac.compare_digest(answer.proof, prove(proof, "server", answer.server, public)):
        raise TapalError(f"{server} does not hold the code it was asked about; somebody may stand in between")
    _keep(folder / FOLDER, own, answer.server)
    return key_id(own.public_key())


def _post(server: str, request: Enrolment, tls: SSLContext | None) -> Enrolled:
    if urlsplit(server).scheme not in {"http", "https"}:
        raise TapalError(f"--server {server!r} is not an address; write https://HOST")
    url = server.rstrip("/") + "/api/v1/enrolments"
    headers = {"Content-Type": "application/json"}
    asked = urllib.request.Request(url, request.model_dump_json().encode(), headers)  # noqa: S310 - checked above
    try:
        with urllib.request.urlopen(asked, timeout=20, context=tls) as answer:  # noqa: S310 - checked above
            return Enrolled.model_validate_json(answer.read(10_000))
    except urllib.error.HTTPError as error:
        raise TapalError(f"{server} refuses: {_detail(error.read(10_000)) or error.reason}") from error
    except (OSError, ValidationError) as error:
        raise TapalError(f"{server} does not answer as a server of Tapal ({error}); check the address") from error


def _detail(body: bytes) -> str:
    try:
        return str(json.loads(body)["detail"])
    except (ValueError, KeyError, TypeError):
        return ""


def _keep(folder: Path, own: Ed25519PrivateKey, server: str) -> None:
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    for name, text in ((_SERVER, server), (_OWN, own.private_bytes_raw().hex())):
        draft = folder / f".{name}"
        with open(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="ascii") as file:  # noqa: PTH123 - Path.open cannot set the mode atomically
            file.write(text + "\n")
            file.flush()
            os.fsync(file.fileno())
        draft.replace(folder / name)
