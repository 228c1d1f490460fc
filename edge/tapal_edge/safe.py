"""Passwords of cameras, sealed on the disk of the box.

The key is a credential of systemd where there is one, which a TPM can hold; else a file beside, which only the node may
read. Then whoever has the whole disk has both: what is gained is that no copy of the configuration, no backup of it and
no message shows a password.
"""

import base64
import binascii
import contextlib
import json
import os
import secrets
from collections.abc import Mapping
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from pydantic import Field, ValidationError

from tapal_contract.errors import TapalError
from tapal_contract.ids import Name
from tapal_contract.model import Frozen
from tapal_edge.config_file import write_whole
from tapal_edge.sources import address

CREDENTIAL = "tapal-secrets"
LONGEST = 256
_NONCE = 12
_KEY_BITS = 256


class _File(Frozen):
    version: int = Field(default=1, ge=1, le=1)
    sealed: dict[Name, str] = Field(default_factory=dict)


class Safe:
    """The sealed passwords of one node."""

    def __init__(self, folder: Path, environment: Mapping[str, str] = os.environ) -> None:
        self.file = folder / "secrets.json"
        self._folder = folder
        given = environment.get("CREDENTIALS_DIRECTORY")
        self._credential = Path(given, CREDENTIAL) if given and Path(given, CREDENTIAL).is_file() else None
        self._key_file = folder / "keys" / "secrets.key"

    @property
    def key_is(self) -> str:
        """Where the key is, and so what is gained."""
        if self._credential is not None:
            return "the key is a credential of systemd"
        return f"the key is in {self._key_file}, so that a copy of the whole disk opens them"

    def names(self) -> tuple[str, ...]:
        """Return what is kept."""
        return tuple(sorted(self._read().sealed))

    def put(self, name: str, secret: str) -> None:
        """Seal a password under a name, in place of what was there.

        Raises:
            TapalError: not a name, not a password, or the safe cannot be read or written.
        """
        if not address.REFERENCE.fullmatch(f"${{secret:{name}}}"):
            raise TapalError(f"{name!r} is not a name; write lower-case letters, digits, dots, dashes and underscores")
        if not 1 <= len(secret) <= LONGEST or not secret.isprintable():
            raise TapalError(f"a password has 1 to {LONGEST} letters, without line ends and the like")
        kept = dict(self._read().sealed)
        key = self._key(make=not kept)
        for other, sealed in kept.items():
            self._opened(key, other, sealed)  # else some would be sealed with one key and some with another
        nonce = secrets.token_bytes(_NONCE)
        closed = nonce + AESGCM(key).encrypt(nonce, secret.encode(), name.encode())
        self._write(kept | {name: base64.b64encode(closed).decode()})

    def remove(self, name: str) -> None:
        """Forget a password.

        Raises:
            TapalError: there is none of that name.
        """
        kept = dict(self._read().sealed)
        if kept.pop(name, None) is None:
            raise self._missing(name)
        self._write(kept)

    def open(self, name: str) -> str:
        """Return a password.

        Raises:
            TapalError: there is none of that name, or it cannot be opened.
        """
        sealed = self._read().sealed.get(name)
        if sealed is None:
            raise self._missing(name)
        return self._opened(self._key(make=False), name, sealed)

    def filled(self, source: str) -> str:
        """Return an address with its passwords in it.

        Raises:
            TapalError: as :meth:`open`.
        """
        return address.filled(source, self.open)

    def _missing(self, name: str) -> TapalError:
        return TapalError(f"there is no secret {name!r} in {self.file}; set it by 'tapal edge secret set {name}'")

    def _opened(self, key: bytes, name: str, sealed: str) -> str:
        try:
            raw = base64.b64decode(sealed, validate=True)
            return AESGCM(key).decrypt(raw[:_NONCE], raw[_NONCE:], name.encode()).decode()
        except (InvalidTag, ValueError, binascii.Error) as error:
            raise TapalError(
                f"{self.file}: {name!r} was sealed with another key, or changed since; remove it and set it anew"
            ) from error

    def _key(self, *, make: bool) -> bytes:
        file = self._credential or self._key_file
        try:
            key = bytes.fromhex(file.read_text("ascii").strip())
            AESGCM(key)
        except FileNotFoundError:
            if make:
                return self._make_key()
            raise TapalError(
                f"{self.file} was sealed with a key that is not here: neither {self._key_file} nor a credential "
                f"{CREDENTIAL!r} of systemd; bring it back, or remove the file and set the secrets anew"
            ) from None
        except OSError as error:
            raise TapalError(f"{file}: cannot be read ({error.strerror}); check its owner") from error
        except ValueError as error:
            raise TapalError(f"{file}: is no key of 64 hexadecimal digits; bring the right one back") from error
        return key

    def _make_key(self) -> bytes:
        key = AESGCM.generate_key(_KEY_BITS)
        try:
            self._key_file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            self._give(self._key_file.parent)
            self._keep(self._key_file, key.hex() + "\n")
        except OSError as error:
            raise TapalError(f"{self._key_file}: cannot be written ({error.strerror}); check its owner") from error
        return key

    def _read(self) -> _File:
        try:
            return _File.model_validate_json(self.file.read_bytes())
        except FileNotFoundError:
            return _File()
        except OSError as error:
            raise TapalError(f"{self.file}: cannot be read ({error.strerror}); check its owner") from error
        except ValidationError as error:
            raise TapalError(f"{self.file}: is damaged; remove it and set the secrets anew") from error

    def _write(self, sealed: Mapping[str, str]) -> None:
        try:
            self._keep(self.file, json.dumps({"version": 1, "sealed": dict(sorted(sealed.items()))}, indent=1) + "\n")
        except OSError as error:
            raise TapalError(f"{self.file}: cannot be written ({error.strerror}); check its owner") from error

    def _keep(self, path: Path, text: str) -> None:
        write_whole(path, text)
        self._give(path)

    def _give(self, path: Path) -> None:
        """To the node, where root does this for it."""
        owner = self._folder.stat()
        with contextlib.suppress(PermissionError):
            os.chown(path, owner.st_uid, owner.st_gid)
