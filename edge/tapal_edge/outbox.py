"""The outbox: what was seen is on disk before anything is sent, and leaves only when the server has committed it.

Each message gets its ``seq`` in the transaction that stores it, so the numbers have no gap and survive restarts.
SQLite in WAL mode with ``synchronous=FULL`` keeps every committed message through a power cut. A full disk first
costs pictures, then messages wait in memory; only when that is full too are events merely counted, by kind, and the
node says so.
"""

import contextlib
import logging
import sqlite3
import threading
from collections import Counter, deque
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from tapal_contract.errors import TapalError

log = logging.getLogger(__name__)

_SCHEMA = """
CREATE TABLE IF NOT EXISTS message (seq INTEGER PRIMARY KEY, body BLOB NOT NULL);
CREATE TABLE IF NOT EXISTS media (
  event_id TEXT PRIMARY KEY, seq INTEGER NOT NULL, jpeg BLOB NOT NULL) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS media_by_seq ON media (seq);
CREATE TABLE IF NOT EXISTS number (name TEXT PRIMARY KEY, value INTEGER NOT NULL) WITHOUT ROWID;
INSERT OR IGNORE INTO number VALUES ('issued', 0), ('through', 0);
"""
_FULL = (sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR)
IN_MEMORY_AT_MOST = 20_000
MEDIA_BYTES_AT_MOST = 2_000_000_000


@dataclass(frozen=True, slots=True)
class Message:
    """One stored message; ``seq`` is the truth, whatever number the body carries."""

    seq: int
    body: bytes


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture, or a piece of a film, that waits for the server to store it."""

    event_id: str
    seq: int
    jpeg: bytes


@dataclass(frozen=True, slots=True)
class Backlog:
    """How much waits, and what was given up."""

    messages: int
    pictures: int
    picture_bytes: int
    in_memory: int
    pictures_dropped: int
    only_counted: dict[str, int]


@dataclass(frozen=True, slots=True)
class _Waiting:
    encode: Callable[[int], bytes]
    event_id: str


class Outbox:
    """Messages and pictures on their way to the server. Safe to use from several threads."""

    def __init__(
        self, path: Path, *, media_bytes: int = MEDIA_BYTES_AT_MOST, in_memory: int = IN_MEMORY_AT_MOST
    ) -> None:
        self._path = path
        self._media_limit = media_bytes
        self._lock = threading.RLock()
        self._in_memory: deque[_Waiting] = deque()
        self._in_memory_limit = in_memory
        self._only_counted: Counter[str] = Counter()
        self._pictures_dropped = 0
        self.spare: Callable[[], Collection[str]] = tuple  # events whose pictures go last
        self._listeners: list[Callable[[], None]] = []
        self._db = _open(path)
        self._recount()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Write what waits in memory, if the disk lets it, and close the file."""
        with self._lock:
            self.flush()
            self._db.close()

    def on_change(self, listener: Callable[[], None]) -> None:
        """Call the listener, from whichever thread adds, whenever there is something new to send."""
        self._listeners.append(listener)

    @property
    def issued(self) -> int:
        """The last ``seq`` given to a message."""
        with self._lock:
            return self._number("issued")

    @property
    def through(self) -> int:
        """The server has committed everything up to and including this ``seq``."""
        with self._lock:
            return self._number("through")

    @property
    def held_from(self) -> int:
        """The lowest ``seq`` that can still be sent; the next one to be given when nothing waits."""
        with self._lock:
            return self._number_of(
                "SELECT coalesce(min(seq), (SELECT value + 1 FROM number WHERE name = 'issued')) FROM message"
            )

    def backlog(self) -> Backlog:
        """Return what waits."""
        with self._lock:
            return Backlog(
                messages=self._messages + len(self._in_memory),
                pictures=self._pictures,
                picture_bytes=self._media_bytes,
                in_memory=len(self._in_memory),
                pictures_dropped=self._pictures_dropped,
                only_counted=dict(self._only_counted),
            )

    def add(
        self, event_id: str, encode: Callable[[int], bytes], picture: bytes | None = None, *, kind: str = "event"
    ) -> int | None:
        """Store a message and return its ``seq``.

        Args:
            event_id: the id of the event, by which its picture is acknowledged.
            encode: makes the message once its ``seq`` is known.
            picture: a JPEG of the event.
            kind: the name under which the event is counted if it cannot be kept at all.

        Returns:
            The ``seq``, or None when the disk is full and the message waits in memory, without its picture.
        """
        with self._lock:
            self.flush()
            seq = None if self._in_memory else self._try_store(event_id, encode, picture)
            if seq is None:
                self._keep_in_memory(_Waiting(encode, event_id), kind)
        for listener in self._listeners:
            listener()
        return seq

    def add_pieces(self, pieces: Sequence[tuple[str, bytes]]) -> None:
        """Store the pieces of a film, each under the id by which it is acknowledged: all of them or none.

        They go out after the pictures of what is seen from now on, and before those that waited already.

        Raises:
            TapalError: the disk is full.
        """
        with self._lock:
            try:
                with self._transaction() as db:
                    seq = self._number("through")
                    rows = [(piece_id, seq, payload) for piece_id, payload in pieces]
                    db.executemany("INSERT OR REPLACE INTO media VALUES (?, ?, ?)", rows)
            except sqlite3.OperationalError as error:
                if error.sqlite_errorcode & 0xFF not in _FULL:
                    raise
                raise TapalError(f"outbox {self._path}: no room for a clip ({error}); make room on the disk") from error
            self._recount()
            if self._media_bytes > self._media_limit:
                self._drop_oldest_pictures(keep_bytes=int(self._media_limit * 0.95))
        for listener in self._listeners:
            listener()

    def flush(self) -> bool:
        """Store what waits in memory; return whether nothing is left there."""
        with self._lock:
            while self._in_memory:
                waiting = self._in_memory[0]
                if self._try_store(waiting.event_id, waiting.encode, None) is None:
                    return False
                self._in_memory.popleft()
            return True

    def window(self, after: int, limit: int) -> list[Message]:
        """Return the next messages with a ``seq`` above ``after``, in order."""
        with self._lock:
            rows = self._db.execute("SELECT seq, body FROM message WHERE seq > ? ORDER BY seq LIMIT ?", (after, limit))
            return [Message(seq, body) for seq, body in rows]

    def pictures(self, *, limit: int, skip: frozenset[str] = frozenset()) -> list[Picture]:
        """Return pictures whose event the server has committed, newest first: they matter most to whoever looks."""
        with self._lock:
            rows = self._db.execute(
                "SELECT event_id, seq FROM media WHERE seq <= ? ORDER BY seq DESC, event_id LIMIT ?",
                (self._number("through"), limit + len(skip)),
            ).fetchall()
            chosen = [(event_id, seq) for event_id, seq in rows if event_id not in skip][:limit]
            return [Picture(event_id, seq, self._jpeg(event_id)) for event_id, seq in chosen]

    def acknowledge(self, through: int, media: tuple[str, ...] = ()) -> bool:
        """Delete what the server has committed.

        Returns:
            True when messages had to be renumbered: the server knows a higher ``seq`` than was ever given here, because
            the disk of this node was replaced. What waits is then numbered on from there, since the server takes lower
            numbers for repeats.
        """
        with self._lock, self._transaction() as db:
            renumbered = through > self._number("issued")
            if renumbered:
                self._renumber(db, through)
            self._messages -= db.execute("DELETE FROM message WHERE seq <= ?", (through,)).rowcount
            db.execute("UPDATE number SET value = max(value, ?) WHERE name = 'through'", (through,))
            for event_id in media:
                self._drop_picture(db, event_id)
        self.flush()
        return renumbered

    def _renumber(self, db: sqlite3.Connection, through: int) -> None:
        log.warning(
            "the server has seq %d, above the last one of this outbox; what waits is numbered on from there", through
        )
        first, last = db.execute("SELECT min(seq), max(seq) FROM message").fetchone()
        shift = through + 1 - first if first is not None else 0
        for table in ("message", "media"):  # by way of negative numbers, so that none is taken twice
            db.execute(f"UPDATE {table} SET seq = -(seq + ?)", (shift,))  # noqa: S608 - two names of our own
            db.execute(f"UPDATE {table} SET seq = -seq")  # noqa: S608
        issued = last + shift if last is not None else through
        db.execute("UPDATE number SET value = ? WHERE name = 'issued'", (issued,))

    def _try_store(self, event_id: str, encode: Callable[[int], bytes], picture: bytes | None) -> int | None:
        for attempt in (picture, None):
            try:
                return self._store(event_id, encode, attempt)
            except sqlite3.OperationalError as error:
                if error.sqlite_errorcode & 0xFF not in _FULL:
                    raise
                log.warning("outbox %s: %s; giving up pictures to keep events", self._path, error)
                self._drop_oldest_pictures(keep_bytes=self._media_bytes // 2)
        return None

    def _store(self, event_id: str, encode: Callable[[int], bytes], picture: bytes | None) -> int:
        with self._transaction() as db:
            seq = self._number("issued") + 1
            db.execute("INSERT INTO message VALUES (?, ?)", (seq, encode(seq)))
            if picture is not None:
                db.execute("INSERT OR REPLACE INTO media VALUES (?, ?, ?)", (event_id, seq, picture))
            db.execute("UPDATE number SET value = ? WHERE name = 'issued'", (seq,))
        self._messages += 1
        if picture is not None:
            self._pictures += 1
            self._media_bytes += len(picture)
            if self._media_bytes > self._media_limit:
                self._drop_oldest_pictures(keep_bytes=int(self._media_limit * 0.95))
        return seq

    def _keep_in_memory(self, waiting: _Waiting, kind: str) -> None:
        if len(self._in_memory) < self._in_memory_limit:
            self._in_memory.append(waiting)
            return
        if not self._only_counted:
            log.error("outbox %s: disk and memory are full; from now on events are only counted", self._path)
        self._only_counted[kind] += 1

    def _drop_oldest_pictures(self, *, keep_bytes: int) -> None:
        with (
            contextlib.suppress(sqlite3.OperationalError),
            self._transaction() as db,
        ):  # no room even to delete: keep all
            spared = self.spare()
            oldest_first = [event_id for (event_id,) in db.execute("SELECT event_id FROM media ORDER BY seq")]
            for event_id in sorted(oldest_first, key=lambda event_id: event_id in spared):  # sorting keeps the order
                if self._media_bytes <= keep_bytes:
                    break
                self._drop_picture(db, event_id)
                self._pictures_dropped += 1

    def _drop_picture(self, db: sqlite3.Connection, event_id: str) -> None:
        for (size,) in db.execute(
            "DELETE FROM media WHERE event_id = ? RETURNING length(jpeg)", (event_id,)
        ).fetchall():
            self._pictures -= 1
            self._media_bytes -= size

    def _jpeg(self, event_id: str) -> bytes:
        row = self._db.execute("SELECT jpeg FROM media WHERE event_id = ?", (event_id,)).fetchone()
        jpeg: bytes = row[0]
        return jpeg

    def _number(self, name: str) -> int:
        row = self._db.execute("SELECT value FROM number WHERE name = ?", (name,)).fetchone()
        return int(row[0])

    def _number_of(self, query: str) -> int:
        return int(self._db.execute(query).fetchone()[0])

    @contextlib.contextmanager
    def _transaction(self) -> Iterator[sqlite3.Connection]:
        self._db.execute("BEGIN IMMEDIATE")
        try:
            yield self._db
            self._db.execute("COMMIT")
        except BaseException:
            if self._db.in_transaction:
                self._db.execute("ROLLBACK")
            self._recount()
            raise

    def _recount(self) -> None:
        self._media_bytes = self._number_of("SELECT coalesce(sum(length(jpeg)), 0) FROM media")
        self._messages = self._number_of("SELECT count(*) FROM message")
        self._pictures = self._number_of("SELECT count(*) FROM media")


def _open(path: Path) -> sqlite3.Connection:
    """Open the file; one that is damaged beyond reading is put aside, never deleted."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        return _connect(path)
    except OSError as error:
        raise TapalError(f"outbox {path}: cannot be made ({error.strerror}); choose another data_dir") from error
    except sqlite3.OperationalError as error:
        raise TapalError(
            f"outbox {path}: cannot be opened ({error}); check the folder's owner and free space"
        ) from error
    except sqlite3.DatabaseError as error:
        aside = path.with_name(f"{path.name}.damaged")
        log.error("outbox %s is damaged (%s); put aside as %s, starting a new one", path, error, aside.name)  # noqa: TRY400 - no trace wanted
        path.replace(aside)
        for suffix in ("-wal", "-shm"):
            path.with_name(path.name + suffix).unlink(missing_ok=True)
        return _connect(path)


def _connect(path: Path) -> sqlite3.Connection:
    db = sqlite3.connect(path, isolation_level=None, check_same_thread=False, timeout=30)
    try:
        db.execute("PRAGMA auto_vacuum = INCREMENTAL")
        db.execute("PRAGMA journal_mode = WAL")
        db.execute("PRAGMA synchronous = FULL")
        db.executescript(_SCHEMA)
    except sqlite3.Error:
        db.close()
        raise
    return db
