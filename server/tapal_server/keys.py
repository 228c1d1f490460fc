"""Secrets the server makes for itself once and keeps in its data folder, or is given by systemd at each start."""

import os
import secrets
from collections.abc import Mapping
from pathlib import Path

from tapal_contract.errors import ConfigError

__all__ = ["Keys"]

_BYTES = 32


class Keys:
    """Named random secrets, each a file of its own with mode 0600.

    A credential `tapal-NAME` of systemd goes before the file, so that the key need not lie on the disk in plain.
    """

    def __init__(self, folder: Path, environment: Mapping[str, str] = os.environ) -> None:
        self._folder = folder
        given = environment.get("CREDENTIALS_DIRECTORY")
        self._credentials = Path(given) if given else None

    def get(self, name: str) -> bytes:
        """The 32 bytes called so; made on first use.

        Raises:
            ConfigError: there is something of that name, but no key.
        """
        path = self._folder / f"{name}.key"
        if self._credentials is not None and (self._credentials / f"tapal-{name}").is_file():
            path = self._credentials / f"tapal-{name}"
        try:
            key = bytes.fromhex(path.read_text("ascii").strip())
        except FileNotFoundError:
            return self._make(path)
        except ValueError as error:
            raise ConfigError(f"{path}: is no key of 64 hexadecimal digits; bring the right one back") from error
        if len(key) != _BYTES:
            raise ConfigError(f"{path}: is no key of 64 hexadecimal digits; bring the right one back")
        return key

    def _make(self, path: Path) -> bytes:
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        key = secrets.token_bytes(_BYTES)
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
