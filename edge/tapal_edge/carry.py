"""How many cameras this box carries: cameras at their own pace through the real node, until frames are skipped."""

import tempfile
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import cv2

from tapal_contract.ids import new_id
from tapal_edge.analyst import Analyst, Detects, Seat
from tapal_edge.config import Camera
from tapal_edge.messages import Author
from tapal_edge.recorder import Recorder
from tapal_edge.sources.frame import Image
from tapal_edge.sources.inbox import Inbox
from tapal_edge.sources.live import LiveCamera
from tapal_edge.sources.reader import kind_of_source
from tapal_edge.view import View

FPS = 5.0
SKIPPED_AT_MOST = 0.02  # a frame in fifty may come late on a box that also does other things


@dataclass(frozen=True, slots=True, kw_only=True)
class Trial:
    """What came of so many cameras at once."""

    cameras: int
    due: int
    skipped: int

    @property
    def carried(self) -> bool:
        """Whether next to nothing was skipped."""
        return self.due > 0 and self.skipped <= SKIPPED_AT_MOST * self.due

    def __str__(self) -> str:
        return f"{self.cameras} cameras: {self.skipped} of {self.due} frames skipped"


def most(estimate: int, wanted: int, attempt: Callable[[int], Trial]) -> list[Trial]:
    """Try the number wanted, or what the model's speed promises if that is less, and fewer until one is carried."""
    trials: list[Trial] = []
    count = max(1, min(wanted, estimate + 1))
    while count:
        trials.append(attempt(count))
        if trials[-1].carried:
            break
        count -= 1
    return trials


def attempt(detector: Detects, cameras: list[Camera], pictures: list[Image], count: int, *, seconds: float) -> Trial:
    """Run so many cameras for some seconds; files are decoded as they are, others from a film of ``pictures``."""
    with tempfile.TemporaryDirectory() as folder:
        film = _film(Path(folder) / "film.avi", pictures)
        bell = threading.Condition()
        recorder = Recorder(None)
        seats, sources = [], []
        for number in range(count):
            like = cameras[number % len(cameras)]
            played = str(like.source) if kind_of_source(like.source) == "file" else str(film)
            camera = like.model_copy(update={"id": f"trial-{number}", "source": played, "loop": True, "fps": FPS})
            inbox = Inbox(bell, newest_only=True)
            view = View(camera, Author("bench", "bench", camera.id, new_id(), "bench"), recorder, pictures=False)
            seats.append(Seat(camera.id, inbox, view))
            # every frame is decoded, as it is when something moves before all of them at once
            sources.append(LiveCamera(camera, inbox, on_state=lambda *_: None))
        analyst = Analyst(detector, seats, bell)
        analyst.start()
        for source in sources:
            source.start()
        threading.Event().wait(seconds / 3)  # until all are open
        before = _counted(seats)
        begun = time.monotonic()
        threading.Event().wait(seconds)
        after = _counted(seats)
        due = round((time.monotonic() - begun) * FPS * count)
        for source in sources:
            source.stop()
        analyst.stop()
    skipped, analysed = after[0] - before[0], after[1] - before[1]
    # frames that a starved decoder never offered are as lost as those that were offered and not taken
    return Trial(cameras=count, due=due, skipped=max(skipped, due - analysed - 2 * count, 0))


def _counted(seats: list[Seat]) -> tuple[int, int]:
    return sum(seat.inbox.skipped for seat in seats), sum(seat.view.frames + seat.view.idle for seat in seats)


def _film(path: Path, pictures: list[Image]) -> Path:
    height, width = pictures[0].shape[:2]
    writer = cv2.VideoWriter(str(path), cv2.VideoWriter.fourcc(*"MJPG"), 2 * FPS, (width, height))
    for picture in pictures:
        if picture.shape[:2] == (height, width):
            writer.write(picture)
    writer.release()
    return path
