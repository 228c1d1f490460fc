"""Signed bundles of toy models, and offers of them."""

import hashlib
from pathlib import Path

from tapal_contract import bundle
from tapal_contract.updates import ModelBounds, ModelOffer
from tests.support import toymodel

QUICK = ModelBounds(frames=20, boxes=20, longest_s=120, latency=1000, share=1.0)


def key_in(folder: Path) -> Path:
    """The public half of the key that signs this folder's bundles."""
    if not (folder / "key").exists():
        bundle.new_key(folder / "key")
    return folder / "key.pub"


def offered(folder: Path, url: str, name: str, *, bounds: ModelBounds = QUICK, **toy) -> ModelOffer:
    """Make a toy model, sign it, lay it where it is served."""
    key_in(folder)
    model = toymodel.save(folder / f"{name}.onnx", **toy)
    file = folder / f"{name}.tapal"
    bundle.write(file, model, {"name": "toy", "version": name}, folder / "key")
    content = file.read_bytes()
    digest = hashlib.sha256(content).hexdigest()
    return ModelOffer(
        name="toy", version=name, sha256=digest, bytes=len(content), url=f"{url}/{file.name}", bounds=bounds
    )
