"""An engine put down and taken up again, so that a restart need not hear ten days anew.

What is kept is a copy of the engine as it stood when all that it had read was committed. The database names the copy by
its digest; a copy of another program, of other sites, or changed by anybody is left alone, and the ten days are heard.
"""

import copyreg
import hashlib
import io
import logging
import pickle
import platform
import zlib
from collections.abc import Mapping
from dataclasses import fields
from functools import cache
from operator import attrgetter
from typing import Any
from uuid import UUID, uuid5

import numpy as np

from tapal_server import correlation
from tapal_server.correlation.engine import Engine
from tapal_server.correlation.sources import digest_of_sources
from tapal_server.correlation.types import Crossing, Record
from tapal_server.media import MediaStore

__all__ = ["Shelf"]

log = logging.getLogger(__name__)

_SUFFIX = ".engine"
_SPACE = UUID("c1b6a7de-52a4-5d0f-8f0e-6a4f1f3f5b9d")
_OURS = f"{correlation.__name__}."
_OTHERS = {
    ("collections", "OrderedDict"),
    ("collections", "deque"),
    ("numpy", "dtype"),
    ("numpy", "ndarray"),
    *((f"numpy.{core}.{module}", name)
      for core in ("core", "_core")
      for module, name in (("multiarray", "_reconstruct"), ("multiarray", "scalar"), ("numeric", "_frombuffer"))),
}  # fmt: skip
_FUNCTIONS = {"_id"}
_CROSSING = tuple(one.name for one in fields(Crossing))
_RECORD = tuple(one.name for one in fields(Record))


class Shelf:
    """Where copies lie: beside the pictures, so that another server of the office finds them too."""

    def __init__(self, store: MediaStore) -> None:
        self._store = store

    def put(self, engine: Engine, share: str, before: Mapping[str, Any] | None) -> dict[str, Any]:
        """Keep a copy beside the one from before; what the database is to remember of it.

        A share has two places, so that whoever is ended between writing a copy and saying so leaves nothing behind
        that is not written over the next time.

        Raises:
            OSError: the store does not take it.
        """
        packed, place = _pack(engine), int(before is not None and before["place"] == 0)
        path = self._store.put(str(uuid5(_SPACE, f"{share}/{place}")), packed, suffix=_SUFFIX)
        digest = hashlib.sha256(packed).hexdigest()
        return {"place": place, "path": path, "sha256": digest, "program": _program()}

    def get(self, kept: Mapping[str, Any], fresh: Engine) -> Engine | None:
        """The copy, or None where it is not there, not what it was, or of another program or other sites."""
        if kept.get("program") != _program():
            return None
        try:
            packed = self._store.get(kept["path"])
        except OSError as error:  # it is not there, or the store is away
            log.info("the engine that was kept cannot be had: %s", error)
            return None
        if hashlib.sha256(packed).hexdigest() != kept["sha256"]:
            log.warning("the engine that was kept is not what it was; it is built anew")
            return None
        try:
            engine = _unpack(packed)
        except Exception:  # whatever is wrong with it, it must not stop the watch
            log.exception("the engine that was kept cannot be read; it is built anew")
            return None
        return engine if (engine.sites, engine.settings) == (fresh.sites, fresh.settings) else None

    def drop(self, kept: Mapping[str, Any]) -> None:
        """Let a copy go; nothing happens where that cannot be done now."""
        try:
            self._store.delete(kept["path"])
        except OSError as error:
            log.warning("a copy of an engine cannot be deleted: %s", error)


class _Reader(pickle.Unpickler):
    """Makes nothing but what an engine is made of."""

    def find_class(self, module: str, name: str) -> Any:
        """A class of the engine, or an array; nothing else is ever called."""
        if (module, name) in _OTHERS:
            return super().find_class(module, name)
        if (module, name) in _MAKERS:
            return _MAKERS[module, name]
        found = super().find_class(module, name) if module.startswith(_OURS) and "." not in name else None
        if not (isinstance(found, type) or name in _FUNCTIONS) or found.__module__ != module:
            raise pickle.UnpicklingError(f"{module}.{name} is no part of an engine")
        return found


class _Packing(io.RawIOBase):
    """Packs what is written, piece by piece: an engine of a large office is never there twice."""

    def __init__(self) -> None:
        super().__init__()
        self._packer = zlib.compressobj(1)
        self._packed = bytearray()

    def writable(self) -> bool:
        """It is."""
        return True

    def write(self, piece: Any) -> int:
        """Pack a piece."""
        self._packed += self._packer.compress(piece)
        return memoryview(piece).nbytes

    def whole(self) -> bytes:
        """All of it."""
        return bytes(self._packed + self._packer.flush())


def _crossing(*values: Any) -> Crossing:
    return Crossing(**dict(zip(_CROSSING, values, strict=True)))


def _record(*values: Any) -> Record:
    return Record(**dict(zip(_RECORD, values, strict=True)))


_MAKERS = {(__name__, one.__name__): one for one in (_crossing, _record)}
_values_of_crossing, _values_of_record = attrgetter(*_CROSSING), attrgetter(*_RECORD)
_HASH = _RECORD.index("document_hash")


def _without_document(record: Record) -> tuple[Any, tuple[Any, ...]]:
    """Documents were compared when the record came; a copy holds their hashes no longer than that needs."""
    values = _values_of_record(record)
    return _record, (*values[:_HASH], None, *values[_HASH + 1 :])


def _pack(engine: Engine) -> bytes:
    packing = _Packing()
    pickler = pickle.Pickler(packing, protocol=5)
    pickler.dispatch_table = {
        **copyreg.dispatch_table,
        Crossing: lambda crossing: (_crossing, _values_of_crossing(crossing)),
        Record: _without_document,
    }
    pickler.dump(engine)
    return packing.whole()


def _unpack(packed: bytes) -> Engine:
    engine = _Reader(io.BytesIO(zlib.decompress(packed))).load()
    assert isinstance(engine, Engine)
    return engine


@cache
def _program() -> str:
    """What the engine is made by: a copy that another program made is of no use."""
    return hashlib.sha256(f"{platform.python_version()} {np.__version__} {digest_of_sources()}".encode()).hexdigest()
