"""The one thread that runs the model: cameras take turns, so that none starves and no core is fought over."""

import logging
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from tapal_detector.crops import detect_with_regions
from tapal_detector.detections import Detections
from tapal_edge.sources.frame import Frame, Image
from tapal_edge.sources.inbox import Inbox
from tapal_edge.view import View

log = logging.getLogger(__name__)


class Detects(Protocol):
    """What the analyst needs of a detector."""

    @property
    def batch(self) -> int:
        """How many frames one run takes at most."""
        ...

    def detect_batch(self, frames: Sequence[Image]) -> list[Detections]:
        """Boxes in each of several frames."""
        ...


@dataclass
class Seat:
    """One camera's place at the table."""

    name: str
    inbox: Inbox
    view: View
    finished: bool = field(default=False)
    failures: int = 0
    last_frame_utc_s: float | None = None


class Analyst:
    """Takes frames from the inboxes in turn, detects, and hands the result to the views."""

    def __init__(
        self,
        detector: Detects,
        seats: Sequence[Seat],
        bell: threading.Condition,
        *,
        on_done: Callable[[], None] | None = None,
    ) -> None:
        self.seats = list(seats)
        self.error: Exception | None = None
        self.last_turn = time.monotonic()
        self._detector = detector
        self._bell = bell
        self._on_done = on_done
        self._next = 0
        self._stopped = False
        self._thread = threading.Thread(target=self._run, name="analyst", daemon=True)

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def stop(self) -> None:
        """End after the present turn, finishing every view."""
        with self._bell:
            self._stopped = True
            self._bell.notify_all()
        if self._thread.is_alive():
            self._thread.join()

    def _run(self) -> None:
        try:
            while not self._stopped and not all(seat.finished for seat in self.seats):
                self._take_turn()
        except Exception as error:  # the model itself failed: the node must end and be started anew
            log.exception("the detector failed")
            self.error = error
        finally:
            for seat in self.seats:
                self._finish(seat)
            if self._on_done is not None:
                self._on_done()

    def _take_turn(self) -> None:
        with self._bell:
            self._bell.wait_for(self._anything_to_do, timeout=1.0)
        self.last_turn = time.monotonic()
        chosen = [(seat, frame) for seat, frame in self._choose() if self._is_worth_a_look(seat, frame)]
        if chosen:
            for (seat, frame), detections in zip(chosen, self._detect(chosen), strict=True):
                self._show(seat, frame, detections)
        for seat in self.seats:
            if seat.inbox.done:
                self._finish(seat)

    def _detect(self, chosen: Sequence[tuple[Seat, Frame]]) -> list[Detections]:
        """One run for all whole frames; cameras with regions for far people take runs of their own."""
        plain = [frame.image for seat, frame in chosen if not seat.view.camera.regions]
        whole = iter(self._detector.detect_batch(plain) if plain else ())
        return [
            detect_with_regions(self._detector, frame.image, seat.view.camera.regions)
            if seat.view.camera.regions
            else next(whole)
            for seat, frame in chosen
        ]

    def _anything_to_do(self) -> bool:
        return self._stopped or any(seat.inbox.ready or (seat.inbox.done and not seat.finished) for seat in self.seats)

    def _choose(self) -> list[tuple[Seat, Frame]]:
        """One frame of each camera that has one, beginning after the camera that was served last."""
        chosen: list[tuple[Seat, Frame]] = []
        begin = self._next
        for step in range(len(self.seats)):
            place = (begin + step) % len(self.seats)
            frame = self.seats[place].inbox.take()
            if frame is not None:
                chosen.append((self.seats[place], frame))
                self._next = place + 1
            if len(chosen) >= self._detector.batch:
                break
        return chosen

    def _is_worth_a_look(self, seat: Seat, frame: Frame) -> bool:
        seat.last_frame_utc_s = frame.utc_s
        return seat.view.is_worth_a_look(frame)

    def _show(self, seat: Seat, frame: Frame, detections: Detections) -> None:
        try:
            seat.view.take(frame, detections)
        except Exception:  # a fault in one camera's scene must not stop the others
            seat.failures += 1
            log.exception("camera %s: its scene failed and begins anew", seat.name)
            self._finish(seat, for_good=False)

    def _finish(self, seat: Seat, *, for_good: bool = True) -> None:
        if seat.finished:
            return
        seat.finished = for_good
        try:
            seat.view.finish()
        except Exception:  # as above
            seat.failures += 1
            log.exception("camera %s: its scene could not be finished", seat.name)
            seat.view.forget()
