"""A signed model on its way to an edge: one file with the ONNX, what it is, and an Ed25519 signature over that.

The file is a ZIP without compression, holding `manifest.json`, `manifest.sig` and `model.onnx`. The signature covers
the manifest's bytes and the manifest names the model's SHA-256, so nothing in it can be exchanged. The same model, card
and key give the same bytes.
"""

import hashlib
import json
import struct
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
    load_pem_public_key,
)
from pydantic import Field, ValidationError

from tapal_contract.errors import TapalError
from tapal_contract.model import Frozen

MANIFEST, SIGNATURE, MODEL = "manifest.json", "manifest.sig", "model.onnx"
MAX_MODEL_BYTES = 1024**3
MAX_MANIFEST_BYTES = 1024**2
_BROKEN = (OSError, EOFError, ValueError, RuntimeError, NotImplementedError, struct.error, zipfile.BadZipFile)
"""What `zipfile` raises for files with a changed byte: ends, encryption and methods that no bundle has."""
LONG_AGO = (1980, 1, 1, 0, 0, 0)


class BundleManifest(Frozen):
    """What a bundle holds."""

    format: int = Field(default=1, ge=1, le=1)
    name: str = Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$")
    version: str = Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$")
    sha256: str = Field(pattern=r"^[0-9a-f]{64}$")
    bytes: int = Field(ge=1, le=MAX_MODEL_BYTES)
    card: dict[str, Any] = Field(default={}, description="figures and decision of the promotion")

    @property
    def title(self) -> str:
        """NAME@VERSION."""
        return f"{self.name}@{self.version}"


def new_key(path: Path) -> Path:
    """Make a signing key, readable by its owner only, and its public half beside it (.pub); returns the latter.

    Raises:
        TapalError: there is a key already; one that edges trust is not overwritten.
    """
    if path.exists():
        raise TapalError(f"key {str(path)!r} exists and edges may trust it: give another path")
    key = Ed25519PrivateKey.generate()
    path.parent.mkdir(parents=True, exist_ok=True)
    path.touch(mode=0o600)
    path.write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    public = path.with_name(path.name + ".pub")
    public.write_bytes(key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo))
    return public


def write(out: Path, model: Path, manifest: dict[str, Any], key_file: Path) -> BundleManifest:
    """Sign and write a bundle.

    Raises:
        TapalError: the key is no Ed25519 private key, or name or version cannot be.
    """
    content = model.read_bytes()
    try:
        made = BundleManifest(sha256=hashlib.sha256(content).hexdigest(), bytes=len(content), **manifest)
    except ValidationError as error:
        problem = error.errors()[0]
        raise TapalError(f"bundle's {problem['loc'][0]} {problem['input']!r} is wrong: {problem['msg']}") from error
    text = json.dumps(made.model_dump(mode="json"), sort_keys=True, indent=1).encode()
    signature = _private(key_file).sign(text)
    out.parent.mkdir(parents=True, exist_ok=True)
    draft = out.with_name(out.name + ".part")
    with zipfile.ZipFile(draft, "w", zipfile.ZIP_STORED) as archive:
        for name, data in ((MANIFEST, text), (SIGNATURE, signature), (MODEL, content)):
            archive.writestr(zipfile.ZipInfo(name, LONG_AGO), data)
    draft.replace(out)
    return made


def verify(bundle: Path, public_key: Path) -> tuple[BundleManifest, bytes]:
    """Return the manifest and the model of a bundle that this key signed.

    Raises:
        TapalError: not a bundle, another key's, or changed on its way.
    """
    public = _public(public_key)

    def check(signature: bytes, text: bytes) -> None:
        try:
            public.verify(signature, text)
        except InvalidSignature as error:
            raise TapalError(
                f"bundle {str(bundle)!r} is not signed by the key {str(public_key)!r}: get it from your own server"
            ) from error

    return _open(bundle, check)


def inspect(bundle: Path) -> BundleManifest:
    """What a bundle says it holds, whole but signed by anybody: for who passes it on, never for who uses it.

    Raises:
        TapalError: not a bundle, or damaged.
    """
    return _open(bundle, lambda _signature, _text: None)[0]


def _open(bundle: Path, check: Callable[[bytes, bytes], None]) -> tuple[BundleManifest, bytes]:
    try:
        with zipfile.ZipFile(bundle) as archive:
            text = _member(archive, MANIFEST, MAX_MANIFEST_BYTES)
            check(_member(archive, SIGNATURE, 64), text)
            manifest = BundleManifest.model_validate_json(text)
            content = _member(archive, MODEL, manifest.bytes)
    except (*_BROKEN, KeyError, ValidationError) as error:
        raise TapalError(f"{str(bundle)!r} is not a whole model bundle ({error}): get it again") from error
    if hashlib.sha256(content).hexdigest() != manifest.sha256:
        raise TapalError(f"the model in bundle {str(bundle)!r} is not the one that was signed: get it again")
    return manifest, content


def _member(archive: zipfile.ZipFile, name: str, largest: int) -> bytes:
    info = archive.getinfo(name)
    if info.compress_type != zipfile.ZIP_STORED or info.file_size > largest:
        raise TapalError(f"bundle {archive.filename!r} has a {name} that no bundle can have: get it again")
    return archive.read(info)


def _private(path: Path) -> Ed25519PrivateKey:
    key = _load(path, lambda data: load_pem_private_key(data, None))
    if not isinstance(key, Ed25519PrivateKey):
        raise TapalError(f"{str(path)!r} is no Ed25519 private key: make one with `tapal model keygen`")
    return key


def _public(path: Path) -> Ed25519PublicKey:
    key = _load(path, load_pem_public_key)
    if not isinstance(key, Ed25519PublicKey):
        raise TapalError(f"{str(path)!r} is no Ed25519 public key: use the .pub file of `tapal model keygen`")
    return key


def _load(path: Path, read: Any) -> Any:
    try:
        return read(path.read_bytes())
    except (OSError, ValueError, TypeError) as error:
        raise TapalError(f"key {str(path)!r} cannot be read ({error}): give an unencrypted PEM file") from error
