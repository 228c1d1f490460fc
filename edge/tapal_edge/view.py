"""What one camera sees: its scene, its recent frames, and the messages that come of them."""

import time
from collections import deque
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np

from tapal_contract.geometry import LineSpec, ZoneSpec
from tapal_detector.detections import Detections
from tapal_detector.motion import MotionGate
from tapal_detector.rest import Rest
from tapal_detector.scene import Scene
from tapal_detector.seen import CrossingSeen, Seen, VesselSeen, ZoneSeen
from tapal_detector.tracker import TrackerSettings
from tapal_edge.condition import Condition, Examiner, Reference
from tapal_edge.config import Camera
from tapal_edge.messages import Author, CameraChange
from tapal_edge.paths import Paths
from tapal_edge.picture import BoxShare, Look, snapshot
from tapal_edge.privacy import PERSON
from tapal_edge.recorder import Recorder
from tapal_edge.sources.frame import Frame, Luma

LOOKS_KEPT = 16
TIMES_KEPT = 600
SURE = TrackerSettings().sure
SAVE_VIEW_EVERY_S = 3600.0
ASKED_AT_MOST = 8
ASKED_WITHIN_S = 15.0  # who asked has gone by then

OnPicture = Callable[[bytes], None]  # told from the analyst's thread


class View:
    """Takes in the analysed frames of one camera, in order, from one thread."""

    def __init__(
        self,
        camera: Camera,
        author: Author,
        recorder: Recorder,
        *,
        blur: bool = True,
        pictures: bool = True,
        kept_view: Path | None = None,
        keep_clip: Callable[[str], None] | None = None,
    ) -> None:
        """Prepare to look.

        Args:
            camera: labels, and the lines and zones to begin with.
            author: in whose name messages are written.
            recorder: where they go.
            blur: whether heads are blurred in pictures.
            pictures: whether pictures are made at all.
            keep_clip: asks for a clip of an event, by its id.
            kept_view: file with the reference view of a fixed camera, kept over restarts.
        """
        self.camera = camera
        self.frames = 0
        self._kept_view = kept_view
        self._keep_clip = keep_clip
        self._examiner = Examiner(reference=Reference.load(kept_view) if kept_view else None)
        self._save_view_at = 0.0
        self._learn_anew = False
        self._asked: deque[tuple[float, OnPicture]] = deque(maxlen=ASKED_AT_MOST)
        self.geometry = (camera.lines, camera.zones)
        self.gate = MotionGate() if camera.motion_gate else None
        self.rest = Rest(camera.rest_fps) if camera.rest_fps is not None else None
        self.idle = 0
        self._author = author
        self._recorder = recorder
        self._blur = blur
        self._pictures = pictures
        self._in_scene = self.geometry
        self._scene: Scene | None = None
        self._looks: deque[Look] = deque(maxlen=LOOKS_KEPT)
        self._times: deque[tuple[float, int]] = deque(maxlen=TIMES_KEPT)
        self._last: Frame | None = None
        self._paths = Paths()

    def is_worth_a_look(self, frame: Frame) -> bool:
        """Whether the model should see this frame; where nothing moves, only the view itself is examined."""
        passed_over = self.rest is not None and self.rest.passes_over(frame.time_s)
        if frame.cut or self._asked:
            return True
        if passed_over:
            self.idle += 1
            return False
        if self.gate is None:
            return True
        following = self._scene is not None and any(track.label == PERSON for track in self._scene.tracks)
        seen = (frame.image, 0) if frame.luma is None else (frame.luma.plane, frame.luma.black)
        if self.gate.update(seen[0], frame.time_s, following=following, black=seen[1]):
            return True
        self.idle += 1
        self._examine(frame)
        return False

    def calm(self) -> bool:
        """Whether nothing moves, so that frames are only looked at for motion; may be asked from any thread."""
        return self.gate is not None and self.gate.reason in {"idle", "audit"}

    def moves(self, luma: Luma) -> bool:
        """Whether something moves in a picture, against what the gate knows; may be asked from any thread."""
        return self.gate is None or self.gate.shows_motion(luma.plane, black=luma.black)

    def take(self, frame: Frame, detections: Detections) -> None:
        """Take in one frame and what the detector found in it."""
        geometry = self.geometry
        if self._scene is not None and (frame.cut or geometry is not self._in_scene):
            self.finish()
        if self._scene is None:
            self._in_scene = geometry
            self._scene = Scene(*geometry, frame.size)
        self.frames += 1
        self._last = frame
        self._times.append((frame.time_s, frame.index))
        if self._pictures and len(detections):
            self._looks.append(Look.of(frame.index, frame.time_s, frame.image, detections))
        known = len(self._scene.tracks)
        interesting = self._of_interest(detections)
        happenings = self._scene.update(interesting, frame.time_s)
        self._paths.note(self._scene.tracks, frame.size)
        self._tell(happenings)
        if self.rest is not None:
            self.rest.looked(frame.time_s, self._scene)
        if self.gate is not None and self.gate.reason == "audit":
            self.gate.audited(found_something_new=int((interesting.confidences >= SURE).sum()) > known)
        self._examine(frame)
        self._show_who_asked(frame, detections)

    def ask_for_picture(self, on_picture: OnPicture) -> None:
        """Give away the JPEG of the next frame, heads blurred; may be called from any thread."""
        self._asked.append((time.monotonic(), on_picture))

    def learn_anew(self) -> None:
        """Take the view as it is from the next frame on for what it should be; may be called from any thread."""
        self._learn_anew = True

    def watch(self, lines: tuple[LineSpec, ...], zones: tuple[ZoneSpec, ...]) -> None:
        """Count at other lines and zones from the next frame on; may be called from any thread."""
        self.geometry = (lines, zones)

    @property
    def condition(self) -> Condition:
        """What is wrong with the view, as far as told."""
        return self._examiner.told

    def finish(self) -> None:
        """The picture does not go on: tell what was still open and forget the scene."""
        if self._scene is not None:
            self._tell(self._scene.finish())
        self.forget()

    def forget(self) -> None:
        """Begin anew with the next frame, telling nothing."""
        self._scene = None
        self._paths = Paths()
        self._looks.clear()
        self._times.clear()

    def _examine(self, frame: Frame) -> None:
        if self._learn_anew:
            self._learn_anew = False
            self._examiner.learn_anew()
            self._save_view_at = 0.0
            if self._kept_view:
                self._kept_view.unlink(missing_ok=True)
        if not self._examiner.is_due(frame.time_s):
            return
        verdict = self._examiner.look(frame.luma or frame.image, frame.time_s)
        if verdict is not None:
            event: CameraChange = "online" if verdict.condition == "fine" else verdict.condition
            draft = self._author.camera_changed(event, verdict.detail or "the view is as it should be", frame.utc_s)
            self._recorder.record(draft, frame=frame.index)
        reference = self._examiner.reference
        if self._kept_view and reference and self._examiner.learned and frame.time_s >= self._save_view_at:
            self._save_view_at = frame.time_s + SAVE_VIEW_EVERY_S
            reference.save(self._kept_view)

    def _show_who_asked(self, frame: Frame, detections: Detections) -> None:
        while self._asked:
            asked_at, on_picture = self._asked.popleft()
            if time.monotonic() - asked_at < ASKED_WITHIN_S:
                look = Look.of(frame.index, frame.time_s, frame.image, detections)
                on_picture(snapshot([*self._looks, look], -1, box=None, line=None, zone=None, blur=self._blur))

    def _of_interest(self, detections: Detections) -> Detections:
        wanted = np.array([label in self.camera.labels for label in detections.labels], np.bool_)
        return detections if wanted.all() else detections.keep(wanted)

    def _tell(self, happenings: Sequence[Seen]) -> None:
        for seen in happenings:
            assert self._last is not None, "nothing is seen before the first frame"
            draft = self._author.seen(
                seen, self._last.utc_s + seen.time_s - self._last.time_s, self._paths.of(seen.track)
            )
            self._recorder.record(draft, frame=self._frame_at(seen.time_s), picture=self._picture(seen))
            if self._keep_clip is not None and _is_evidence(seen, self._in_scene[1]):
                self._keep_clip(draft.id)

    def _frame_at(self, time_s: float) -> int:
        """The number of the last frame not after a moment."""
        return next((index for at, index in reversed(self._times) if at <= time_s + 1e-6), self._times[0][1])

    def _picture(self, seen: Seen) -> bytes | None:
        if not self._pictures or not self._looks or not _is_evidence(seen, self._in_scene[1]):
            return None
        looks = list(self._looks)
        at = min(range(len(looks)), key=lambda index: abs(looks[index].time_s - seen.frame_time_s))
        line, zone = self._place(seen)
        box: BoxShare = seen.box
        return snapshot(looks, at, box=box, line=line, zone=zone, blur=self._blur)

    def _place(self, seen: Seen) -> tuple[LineSpec | None, ZoneSpec | None]:
        lines, zones = self._in_scene
        if isinstance(seen, CrossingSeen):
            return next(line for line in lines if line.id == seen.line), None
        return None, _zone(zones, seen.berth if isinstance(seen, VesselSeen) else seen.zone)


def _zone(zones: Sequence[ZoneSpec], name: str) -> ZoneSpec:
    return next(zone for zone in zones if zone.id == name)


def _is_evidence(seen: Seen, zones: Sequence[ZoneSpec]) -> bool:
    """Spare links and disks: of visits only loitering, and entering where nobody should be, are shown."""
    if not isinstance(seen, ZoneSeen):
        return True
    return seen.event == "loiter" or (seen.event == "enter" and _zone(zones, seen.zone).kind == "restricted")
