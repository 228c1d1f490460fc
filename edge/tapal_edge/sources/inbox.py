"""Frames of one camera on their way to the detector."""

import threading
from collections import deque

from tapal_edge.sources.frame import Frame

WAITING_AT_MOST = 4


class Inbox:
    """Keeps all frames of a recording, making its reader wait; of a live camera only the newest.

    All inboxes of a node share one condition, the bell, on which the analyst waits for any of them.
    """

    def __init__(self, bell: threading.Condition, *, newest_only: bool) -> None:
        self._bell = bell
        self._newest_only = newest_only
        self._frames: deque[Frame] = deque()
        self._closed = False
        self.skipped = 0

    def put(self, frame: Frame) -> bool:
        """Hand in a frame; False when nobody takes frames any more."""
        with self._bell:
            if self._newest_only:
                self.skipped += len(self._frames)
                cut = any(waiting.cut for waiting in self._frames)
                self._frames.clear()
                frame.cut = frame.cut or cut
            else:
                self._bell.wait_for(lambda: self._closed or len(self._frames) < WAITING_AT_MOST)
            if self._closed:
                return False
            self._frames.append(frame)
            self._bell.notify_all()
            return True

    def take(self) -> Frame | None:
        """Take the next frame, if one waits."""
        with self._bell:
            frame = self._frames.popleft() if self._frames else None
            self._bell.notify_all()
            return frame

    def close(self) -> None:
        """Take no further frames; those that wait may still be taken."""
        with self._bell:
            self._closed = True
            self._bell.notify_all()

    @property
    def ready(self) -> bool:
        """Whether a frame waits."""
        with self._bell:
            return bool(self._frames)

    @property
    def done(self) -> bool:
        """Whether it is closed and empty."""
        with self._bell:
            return self._closed and not self._frames
