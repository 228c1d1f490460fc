"""Pictures in an object store: S3-compatible, or whatever else fsspec knows, by its address."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import fsspec.core

from tapal_contract.errors import ConfigError
from tapal_server.media import MediaStore

__all__ = ["ObjectStore"]


class ObjectStore(MediaStore):
    """The same as the folder, elsewhere. Every failure but "not there" is an OSError, after which one may try again."""

    is_far = True

    def __init__(self, url: str, options: Mapping[str, str]) -> None:
        try:
            found = fsspec.core.url_to_fs(url, skip_instance_cache=True, use_listings_cache=False, **options)
        except (ValueError, ImportError, TypeError) as error:
            raise ConfigError(f"media.url {url!r}: {error}; write s3://BUCKET/FOLDER and install tapal[s3]") from error
        self._files: Any = found[0]
        self._has_folders = url.startswith("file:")
        self._root = str(found[1]).rstrip("/")

    def put(self, event_id: str, jpeg: bytes, *, suffix: str = ".jpg") -> str:
        """Store whole or not at all; the same id again replaces."""
        relative = self.path_of(event_id, suffix)
        with _explained():
            if self._has_folders:
                self._files.makedirs(self._parent(relative), exist_ok=True)
            self._files.pipe_file(f"{self._root}/{relative}", jpeg)
        return relative

    def get(self, relative: str) -> bytes:
        """The bytes; raises FileNotFoundError."""
        with _explained():
            return bytes(self._files.cat_file(f"{self._root}/{relative}"))

    def delete(self, relative: str) -> None:
        """Remove, if it is there."""
        with _explained():
            try:
                self._files.rm_file(f"{self._root}/{relative}")
            except FileNotFoundError:
                return

    def _parent(self, relative: str) -> str:
        return f"{self._root}/{relative}".rpartition("/")[0]


@contextmanager
def _explained() -> Iterator[None]:
    """Each file system has errors of its own; here they are all of the kind that a full disk has."""
    try:
        yield
    except OSError:
        raise
    except Exception as error:
        raise OSError(f"the media store does not answer: {type(error).__name__}") from error
