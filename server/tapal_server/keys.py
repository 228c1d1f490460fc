"""Secrets the server makes for itself once and keeps in its data folder."""

import os
import secrets
from pathlib import Path

__all__ = ["Keys"]


class Keys:
    """Named random secrets, each a file of its own with mode 0600."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def get(self, name: str) -> bytes:
        """The 32 bytes called so; made on first use."""
        path = self._folder / f"{name}.key"
        try:
            return bytes.fromhex(path.read_text("ascii").strip())
        except FileNotFoundError:
            return self._make(path)

    def _make(self, path: Path) -> bytes:
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        key = secrets.token_bytes(32)
        draft = path.with_name(f".{path.name}.{os.getpid()}")
        with open(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="ascii") as file:  # noqa: PTH123 - Path.open cannot set the mode atomically
            file.write(key.hex() + "\n")
            file.flush()
            os.fsync(file.fileno())
        try:
            os.link(draft, path)  # fails if another process was first; then its key is the key
        except FileExistsError:
            return bytes.fromhex(path.read_text("ascii").strip())
        finally:
            draft.unlink()
        return key
