"""One camera at work: its source, its inbox, its view, and what is said about it."""

import threading
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from tapal_contract.geometry import LineSpec, ZoneSpec
from tapal_edge.analyst import Seat
from tapal_edge.clips import ClipRecorder
from tapal_edge.clock import Clock
from tapal_edge.config import Camera, Clips
from tapal_edge.messages import Author
from tapal_edge.recorder import Recorder
from tapal_edge.safe import Safe
from tapal_edge.sources.decoder import DOZE_AT_MOST_S
from tapal_edge.sources.inbox import Inbox
from tapal_edge.sources.live import LiveCamera, State
from tapal_edge.sources.reader import kind_of_source, open_reader
from tapal_edge.sources.recorded import Recording
from tapal_edge.view import View

CLIPS = "clips"


def is_recording(camera: Camera) -> bool:
    """Whether the source has an end to which it is analysed whole."""
    return kind_of_source(camera.source) in {"file", "images"} and not camera.loop


def view_file(folder: Path, camera: str) -> Path:
    """Return where the reference view of a camera is kept; delete it when the camera is turned on purpose."""
    return folder / "views" / f"{camera}.npz"


@dataclass
class Post:
    """A camera from its source to its messages."""

    camera: Camera
    seat: Seat
    source: LiveCamera | Recording
    clips: ClipRecorder | None = None

    @property
    def name(self) -> str:
        """The id of the camera."""
        return self.camera.id

    @property
    def state(self) -> State:
        """Whether frames come."""
        if isinstance(self.source, LiveCamera):
            return self.source.state
        return "offline" if self.seat.finished else "online"

    @property
    def detail(self) -> str:
        """Why no frames come, as far as known."""
        if isinstance(self.source, LiveCamera):
            wrong = self.seat.view.condition
            return self.source.detail or ("" if wrong == "fine" else f"the view is {wrong}")
        return str(self.source.error or ("the recording is at its end" if self.seat.finished else ""))

    @property
    def analysed(self) -> int:
        """Frames analysed since the start."""
        return self.seat.view.frames

    @property
    def skipped(self) -> int:
        """Frames due but not analysed since the start."""
        return self.seat.inbox.skipped

    @property
    def last_frame_utc_s(self) -> float | None:
        """When the last analysed frame was taken."""
        return self.seat.last_frame_utc_s

    @property
    def lines(self) -> tuple[LineSpec, ...]:
        """Where it counts."""
        return self.seat.view.geometry[0]

    @property
    def zones(self) -> tuple[ZoneSpec, ...]:
        """What else it watches."""
        return self.seat.view.geometry[1]


def open_post(
    camera: Camera,
    author: Author,
    recorder: Recorder,
    bell: threading.Condition,
    *,
    start_s: float,
    folder: Path,
    blur: bool,
    pictures: bool,
    clip_settings: Clips | None = None,
    clock: Callable[[], Clock] = Clock,
) -> Post:
    """Put a camera together.

    Raises:
        SourceError: a recording that cannot be opened; live cameras are tried again and again instead.
    """
    recording = is_recording(camera)
    inbox = Inbox(bell, newest_only=not recording)
    clips = None
    if clip_settings and not recording:
        late_s = DOZE_AT_MOST_S if camera.motion_gate else 0.0
        clips = ClipRecorder(folder / CLIPS / camera.id, clip_settings, late_s=late_s)
    kept_view = None if recording or camera.loop else view_file(folder, camera.id)
    keep_clip = clips.keep if clips else None
    view = View(camera, author, recorder, blur=blur, pictures=pictures, kept_view=kept_view, keep_clip=keep_clip)
    seat = Seat(camera.id, inbox, view)
    if recording:
        return Post(camera, seat, Recording(camera, inbox, start_s=start_s, watch=view))
    eyes = clock()

    def on_state(state: State, detail: str) -> None:
        if state != "starting":
            recorder.record(author.camera_changed(state, detail, eyes.now()[1]))

    return Post(
        camera,
        seat,
        LiveCamera(
            camera,
            inbox,
            on_state=on_state,
            clock=eyes,
            on_packet=clips.packet if clips else None,
            watch=view,
            open_source=partial(open_reader, safe=Safe(folder)),
        ),
        clips,
    )
