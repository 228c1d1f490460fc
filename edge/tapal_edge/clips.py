"""Clips of events, cut from the camera's own packets: nothing is decoded or encoded again to keep them."""

import contextlib
import logging
import os
import threading
import time
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import Any

import av

from tapal_contract.errors import TapalError
from tapal_edge.config import Clips

log = logging.getLogger(__name__)

RING_BYTES_AT_MOST = 64_000_000
LONGEST_S = 60.0
SUFFIX = ".mp4"
PART = ".part"  # of the name of a clip that was made of what was remembered, without an event
BEGUN = "begun="  # in the file's comment: UTC seconds of its first frame, by the node's clock
HOUR_S = 3600.0


@dataclass(frozen=True, slots=True)
class _Kept:
    """A packet in the ring, with the moment it came."""

    packet: Any
    came_s: float
    size: int


@dataclass
class _Recording:
    """A clip that is being written."""

    container: Any
    stream: Any
    path: Path
    begun_s: float
    until_s: float
    first: float | None = None
    others: list[Path] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class _Part:
    """Seconds of the ring that somebody asked for."""

    name: str
    from_s: float
    until_s: float


class ClipRecorder:
    """Keeps the last seconds of one camera, and writes them and the next to a file when something happens.

    Packets come from the camera's reading thread, which also writes; events come from the analyst.
    """

    def __init__(self, folder: Path, settings: Clips, *, late_s: float = 0.0) -> None:
        """Prepare; ``late_s`` is how long after an event its clip may be asked for."""
        self._folder = folder
        self._settings = settings
        self._before_s = settings.pre_s + late_s
        self._remembered_s = max(self._before_s, settings.recent_s)
        self.around_s = (self._before_s, settings.post_s)
        self._ring: deque[_Kept] = deque()
        self._ring_bytes = 0
        self._wanted: deque[str] = deque()
        self._parts: list[_Part] = []
        self._lock = threading.Lock()
        self._oldest_s: float | None = None
        self._stream: Any = None
        self._recording: _Recording | None = None

    def keep(self, event_id: str) -> None:
        """Ask for a clip of what happens now."""
        with self._lock:
            self._wanted.append(event_id)

    def keep_moment(self, event_id: str, moment_s: float, about_s: float) -> bool:
        """Ask for a clip around a moment, in UTC seconds, and so much more; False where it is not remembered."""
        now, past = time.monotonic(), time.time() - time.monotonic()
        at = moment_s - past
        with self._lock:
            known = self._oldest_s is not None and self._oldest_s <= at <= now
            if known:
                until_s = at + self._settings.post_s + about_s
                self._parts.append(_Part(event_id + PART, at - self._settings.pre_s - about_s, until_s))
        return known

    def packet(self, packet: Any) -> None:
        """Take in a packet of the camera, before it is decoded."""
        now = time.monotonic()
        if packet.stream is not self._stream:
            self.close()
            self._stream = packet.stream
        self._remember(_Kept(packet, now, packet.size), now)
        try:
            self._record(packet, now)
            self._cut(now)
        except (OSError, ValueError, av.error.FFmpegError) as error:
            log.warning("a clip could not be written (%s); counting goes on", error)
            self._recording = None

    def path_of(self, event_id: str) -> Path:
        """Where the clip of an event lies, or will lie."""
        return self._folder / f"{event_id}{SUFFIX}"

    def is_at_work(self, event_id: str) -> bool:
        """Whether the clip of an event is still to come; may be asked from any thread."""
        with self._lock:
            recording, wanted = self._recording, event_id in self._wanted
            wanted = wanted or any(part.name == event_id for part in self._parts)
        path = self.path_of(event_id)
        return wanted or (recording is not None and (recording.path == path or path in list(recording.others)))

    def close(self) -> None:
        """Finish the clip that is being written, and forget the ring."""
        self._finish()
        with self._lock:
            self._parts.clear()
            self._oldest_s = None
        self._ring.clear()
        self._ring_bytes = 0

    def showing(self, moment_s: float) -> Path | None:
        """The finished clip in which a moment, in UTC seconds, is farthest from either end."""
        found: list[tuple[float, Path]] = []
        for path in self._folder.glob(f"*{SUFFIX}"):
            with contextlib.suppress(FileNotFoundError, TapalError):  # deleted meanwhile, or cut short by a crash
                ends = path.stat().st_mtime
                if not 0 <= ends - moment_s <= LONGEST_S + self._remembered_s:
                    continue
                begins = begun(path)
                if begins is not None and begins <= moment_s:
                    found.append((min(moment_s - begins, ends - moment_s), path))
        return max(found)[1] if found else None

    def _remember(self, kept: _Kept, now: float) -> None:
        self._ring.append(kept)
        self._ring_bytes += kept.size
        # a clip must begin with a key frame, so the ring is cut only in front of one
        while self._ring and (
            self._ring_bytes > RING_BYTES_AT_MOST or self._next_key_came_before(now - self._remembered_s)
        ):
            self._ring_bytes -= self._ring.popleft().size
        with self._lock:
            self._oldest_s = self._ring[0].came_s if self._ring else None

    def _next_key_came_before(self, moment: float) -> bool:
        if not self._ring[0].packet.is_keyframe:
            return True
        for kept in islice(self._ring, 1, None):
            if kept.packet.is_keyframe:
                return kept.came_s <= moment
        return False

    def _record(self, packet: Any, now: float) -> None:
        with self._lock:
            wanted = list(self._wanted)
            self._wanted.clear()
        if self._recording is None and wanted:
            self._begin(wanted.pop(0), now)
        elif self._recording is not None:
            self._mux(self._recording, packet)
        recording = self._recording
        if recording is None:
            return
        for event_id in wanted:
            recording.others.append(self.path_of(event_id))
            recording.until_s = min(recording.begun_s + LONGEST_S, now + self._settings.post_s)
        if now >= recording.until_s:
            self._finish()

    def _cut(self, now: float) -> None:
        """Write the parts that somebody asked for, once all their seconds have come."""
        with self._lock:
            due = [part for part in self._parts if part.until_s <= now]
        for part in due:
            try:
                recording = self._open(part.name, now, part.from_s)
                for kept in self._since(part.from_s):
                    if kept.came_s > part.until_s:
                        break
                    self._mux(recording, kept.packet)
                self._close(recording)
                ended = time.time() - (now - part.until_s)
                os.utime(recording.path, (ended, ended))
            finally:
                with self._lock:
                    self._parts.remove(part)

    def _since(self, moment: float) -> list[_Kept]:
        """What is in the ring from the last key frame on that came no later than the moment."""
        first = 0
        for place, kept in enumerate(self._ring):
            if kept.came_s > moment:
                break
            if kept.packet.is_keyframe:
                first = place
        return list(islice(self._ring, first, None))

    def _begin(self, event_id: str, now: float) -> None:
        recording = self._open(event_id, now, now - self._before_s)
        self._recording = recording
        for kept in self._since(now - self._before_s):
            self._mux(recording, kept.packet)

    def _open(self, event_id: str, now: float, from_s: float) -> _Recording:
        path = self.path_of(event_id)
        path.parent.mkdir(parents=True, exist_ok=True)
        container = av.open(str(path.with_suffix(".partial")), "w", format="mp4")
        try:
            stream = container.add_stream_from_template(self._stream, opaque=True)
        except (ValueError, av.error.FFmpegError):
            container.close()
            raise
        first_s = next((kept.came_s for kept in self._since(from_s)), now)
        container.metadata["comment"] = f"{BEGUN}{time.time() - (now - first_s):.3f}"
        return _Recording(container, stream, path, now, now + self._settings.post_s)

    def _mux(self, recording: _Recording, packet: Any) -> None:
        if packet.dts is None or packet.pts is None:
            return
        if recording.first is None:
            recording.first = packet.dts
        copy = av.Packet(bytes(packet))
        copy.dts, copy.pts = packet.dts - recording.first, packet.pts - recording.first
        copy.time_base, copy.is_keyframe, copy.stream = packet.time_base, packet.is_keyframe, recording.stream
        recording.container.mux(copy)

    def _finish(self) -> None:
        recording, self._recording = self._recording, None
        if recording is not None:
            self._close(recording)

    @staticmethod
    def _close(recording: _Recording) -> None:
        with contextlib.suppress(OSError, av.error.FFmpegError):  # what was written so far is still kept
            recording.container.close()
        recording.path.with_suffix(".partial").replace(recording.path)
        for other in recording.others:  # one film, found under the name of each event in it
            with contextlib.suppress(FileExistsError):
                os.link(recording.path, other)


def find(folder: Path, event_id: str) -> Path | None:
    """Return the clip of an event."""
    return next(folder.glob(f"*/{event_id}{SUFFIX}"), None)


def begun(clip: Path) -> float | None:
    """The UTC seconds at which a clip begins, where it says so.

    Raises:
        TapalError: it cannot be read.
    """
    try:
        with av.open(str(clip)) as source:
            comment = source.metadata.get("comment", "")
    except (OSError, av.error.FFmpegError) as error:
        raise TapalError(f"clip {clip.name} cannot be read ({error})") from error
    try:
        return float(comment.removeprefix(BEGUN)) if comment.startswith(BEGUN) else None
    except ValueError:
        return None


def prune(folder: Path, settings: Clips, *, now_s: float | None = None, keep: frozenset[str] = frozenset()) -> int:
    """Delete clips that are too old or too many, the oldest first; return how many.

    Those of the events in ``keep`` outlive their time, and go only when deleting all others did not make room: the
    bound on the disk holds whatever the office wants kept.
    """
    now = time.time() if now_s is None else now_s
    # films with several names take their room once, and are kept when any of their events is
    clips = list(_clips(folder))
    spared = {stat.st_ino for path, stat in clips if path.name.removesuffix(SUFFIX) in keep}
    clips.sort(key=lambda clip: (clip[1].st_ino in spared, clip[1].st_mtime))
    total = sum({stat.st_ino: stat.st_size for _, stat in clips}.values())
    deleted = 0
    for path, stat in clips:
        too_old = now - stat.st_mtime > settings.keep_h * HOUR_S and stat.st_ino not in spared
        if not too_old and total <= settings.limit_mb * 1_000_000:
            continue
        last_name = path.stat().st_nlink == 1
        path.unlink(missing_ok=True)
        total -= stat.st_size if last_name else 0
        deleted += 1
    return deleted


def _clips(folder: Path) -> Iterator[tuple[Path, os.stat_result]]:
    for path in folder.glob(f"*/*{SUFFIX}"):
        with contextlib.suppress(FileNotFoundError):  # finished and replaced, or deleted, meanwhile
            yield path, path.stat()
