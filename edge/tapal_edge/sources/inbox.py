"""Frames of one camera on their way to the detector."""

import threading
from collections import deque

from tapal_edge.sources.frame import Frame

WAITING_AT_MOST = 4
LATE_AT_MOST = 32


class Inbox:
    """Keeps all frames of a recording, making its reader wait; of a live camera only the newest.

    Late frames of a live camera are kept too, and a few of those that come while the analyst is at them.

    All inboxes of a node share one condition, the bell, on which the analyst waits for any of them.
    """

    def __init__(self, bell: threading.Condition, *, newest_only: bool) -> None:
        self._bell = bell
        self._newest_only = newest_only
        self._frames: deque[Frame] = deque()
        self._closed = False
        self._behind = False
        self.skipped = 0

    def put(self, frame: Frame) -> bool:
        """Hand in a frame; False when nobody takes frames any more."""
        with self._bell:
            if not self._newest_only:
                self._bell.wait_for(lambda: self._closed or len(self._frames) < WAITING_AT_MOST)
            if self._closed:
                return False
            self._frames.append(frame)
            if self._newest_only:
                self._behind |= frame.late
                self._thin_out(late=True, at_most=LATE_AT_MOST)
                self._thin_out(late=False, at_most=WAITING_AT_MOST if self._behind else 1)
            self._bell.notify_all()
            return True

    def take(self) -> Frame | None:
        """Take the next frame, if one waits."""
        with self._bell:
            frame = self._frames.popleft() if self._frames else None
            self._behind &= bool(self._frames)
            self._bell.notify_all()
            return frame

    def _thin_out(self, *, late: bool, at_most: int) -> None:
        """Drop the oldest of one kind; where one began a new picture, the next one does."""
        waiting = sum(frame.late == late for frame in self._frames)
        for _ in range(waiting - at_most):
            at = next(index for index, frame in enumerate(self._frames) if frame.late == late)
            if at + 1 < len(self._frames):
                self._frames[at + 1].cut |= self._frames[at].cut
            del self._frames[at]
            self.skipped += 1

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
