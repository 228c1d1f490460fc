"""A camera that is never to be given up: opened again and again, only its newest frame kept.

Each attempt reads in a thread of its own. One that is blocked inside a driver or library cannot be ended from outside;
it is abandoned instead: the next attempt begins without it, and it ends by itself when its read returns.
"""

import logging
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, Literal

from tapal_edge.clock import Clock, backoff
from tapal_edge.config import Camera
from tapal_edge.sources.decoder import Need, Wakeful, Watch
from tapal_edge.sources.inbox import Inbox
from tapal_edge.sources.reader import Reader, frame_of, open_reader
from tapal_edge.sources.trouble import Kind, SourceError

log = logging.getLogger(__name__)

State = Literal["starting", "online", "offline"]


OnState = Callable[[State, str], None]  # told from the camera's own threads


@dataclass(frozen=True, slots=True, kw_only=True)
class Patience:
    """How long to wait for what, in seconds."""

    frame_s: float = 20.0
    open_s: float = 40.0  # until the first frame
    grace_s: float = 5.0
    first_retry_s: float = 1.0
    last_retry_s: float = 60.0
    password_retry_s: float = 60.0  # cameras lock an account after a few wrong tries
    look_s: float = 0.5


class _Attempt:
    """One try to read the camera, from opening to its end."""

    def __init__(self, live: "LiveCamera") -> None:
        self._live = live
        self.abandoned = False
        self.finished = threading.Event()
        self.error: SourceError | None = None
        self._thread = threading.Thread(target=self._run, name=f"camera {live.camera.id}", daemon=True)
        self._thread.start()

    def _run(self) -> None:
        try:
            self._read()
        except SourceError as error:
            self.error = error
        except Exception:  # a fault in a driver or decoder must not end the camera for good
            log.exception("camera %s: its reader failed", self._live.camera.id)
        finally:
            self.finished.set()

    def _read(self) -> None:
        live = self._live
        need = Need(live.look)
        reader = live.open(live.camera, live.on_packet, need)
        try:
            first, due, taken = True, float("-inf"), float("-inf")
            for shot in reader.shots():
                if self.abandoned:
                    return
                now, utc = live.clock.now()
                live.saw(now)
                steady = max(taken, now - shot.behind_s)
                if steady < due:
                    continue
                taken, due = steady, max(due + 1 / live.camera.fps, steady)
                need.next_s = shot.media_s + (due - steady) - 0.5 / reader.rate
                frame = frame_of(shot, live.camera, steady, utc - (now - steady), cut=shot.cut or first)
                frame.cut |= live.notice_size(frame.size)
                if not live.inbox.put(frame):
                    return
                first = False
            raise SourceError(live.camera.id, live.camera.source, "ended", "no more frames")
        finally:
            reader.close()


class LiveCamera:
    """Keeps one camera running until it is stopped."""

    def __init__(
        self,
        camera: Camera,
        inbox: Inbox,
        *,
        on_state: OnState,
        clock: Clock | None = None,
        patience: Patience | None = None,
        on_packet: Callable[[Any], None] | None = None,
        open_source: Callable[[Camera, Callable[[Any], None] | None, Need], Reader] = open_reader,
        watch: Watch | None = None,
    ) -> None:
        self.camera = camera
        self.inbox = inbox
        self.clock = clock or Clock()
        self.on_packet = on_packet
        self.open = open_source
        self.look = watch or Wakeful()
        self.state: State = "starting"
        self.detail = ""
        self.trouble: Kind | None = None
        self.restarts = 0
        self._patience = patience or Patience()
        self._on_state = on_state
        self._last_frame = self.clock.monotonic()
        self._size: tuple[int, int] | None = None
        self._seen = threading.Event()
        self._stopped = threading.Event()
        self._wake = threading.Event()
        self._attempt: _Attempt | None = None
        self._supervisor = threading.Thread(target=self._supervise, name=f"watch {camera.id}", daemon=True)

    def start(self) -> None:
        """Begin."""
        self._supervisor.start()

    def stop(self) -> None:
        """End, without waiting for a read that does not return."""
        self._stopped.set()
        self._wake.set()
        self.inbox.close()
        if self._supervisor.is_alive():
            self._supervisor.join(timeout=10)

    def restart(self) -> None:
        """Open the camera anew, now."""
        if self._attempt is not None:
            self._attempt.abandoned = True
        self._wake.set()

    def saw(self, steady: float) -> None:
        """Note that a frame came."""
        self._last_frame = steady
        if not self._seen.is_set():
            self._seen.set()
            self._change("online", "")

    def notice_size(self, size: tuple[int, int]) -> bool:
        """Return whether the camera sends another size than before, and say so."""
        old, self._size = self._size, size
        if old in {None, size}:
            return False
        assert old is not None
        detail = f"resolution changed from {old[0]}x{old[1]} to {size[0]}x{size[1]}; check the lines"
        log.warning("camera %s: %s", self.camera.id, detail)
        self._on_state("online", detail)
        return True

    def _supervise(self) -> None:
        retries = self._retries(None)
        while not self._stopped.is_set():
            self._seen.clear()
            self._wake.clear()
            self._attempt = _Attempt(self)
            error = self._watch(self._attempt)
            if self._stopped.is_set():
                break
            if self._seen.is_set() or error is None or error.kind != self.trouble:
                retries = self._retries(error)
            self.trouble = error.kind if error else None
            self.restarts += 1
            self._wait_to_retry(next(retries), str(error) if error else "restarted")

    def _watch(self, attempt: _Attempt) -> SourceError | None:
        """Wait until the attempt ends, or shows no frame for too long and is abandoned."""
        begun = self.clock.monotonic()
        while not self._stopped.is_set():
            if attempt.finished.wait(self._patience.look_s):
                return attempt.error
            if attempt.abandoned:
                return None
            seen = self._seen.is_set()
            limit = self._patience.frame_s if seen else self._patience.open_s
            if self.clock.monotonic() - (self._last_frame if seen else begun) > limit:
                attempt.abandoned = True
                reason = f"no frame for {limit:g} s"
                return SourceError(self.camera.id, self.camera.source, "stalled", reason)
        attempt.abandoned = True
        return None

    def _wait_to_retry(self, seconds: float, detail: str) -> None:
        log.warning("%s; trying again in %.0f s", detail, seconds)
        if self.state == "offline":
            self.detail = detail  # what is wrong may have become something else
        dark_at = self._last_frame + self._patience.grace_s
        until = self.clock.monotonic() + seconds
        while not self._wake.is_set() and self.clock.monotonic() < until:
            if self.state != "offline" and (self.clock.monotonic() > dark_at or seconds > self._patience.grace_s):
                self._change("offline", detail)
            self._wake.wait(min(self._patience.look_s, max(0.0, until - self.clock.monotonic())))
        if self.state != "offline" and self.clock.monotonic() > dark_at:
            self._change("offline", detail)

    def _retries(self, error: SourceError | None) -> Iterator[float]:
        patience = self._patience
        if error is not None and error.kind == "password":
            return backoff(patience.password_retry_s, max(600.0, patience.password_retry_s))
        return backoff(patience.first_retry_s, patience.last_retry_s)

    def _change(self, state: State, detail: str) -> None:
        self.detail = detail
        if state != self.state:
            self.state = state
            self._on_state(state, detail)
