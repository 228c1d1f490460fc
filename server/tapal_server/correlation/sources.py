"""What the engine is made by, named by a digest: what another program left behind is of no use to this one."""

import hashlib
from functools import cache
from pathlib import Path

__all__ = ["digest_of_sources"]


@cache
def digest_of_sources(which: bytes = b"") -> str:
    """The digest of all files of the engine that hold `which`, with their names."""
    digest = hashlib.sha256()
    for file in sorted(Path(__file__).parent.glob("*.py")):
        text = file.read_bytes()
        if which in text:
            digest.update(file.name.encode() + b"\0" + text)
    return digest.hexdigest()
