"""Clips that the office asked for: blurred, made small, cut into pieces for the outbox, one after the other."""

import contextlib
import logging
import tempfile
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from tapal_contract.clip import MAX_CLIP_BYTES, cut
from tapal_contract.errors import TapalError
from tapal_contract.ids import moment_of
from tapal_contract.looks import Look, add_looks
from tapal_contract.node import ClipCause, Command
from tapal_detector.crops import detect_with_regions
from tapal_detector.detections import Detections
from tapal_detector.nms import suppress
from tapal_edge.clip_export import WHOLE, Span, shrink
from tapal_edge.clips import LONGEST_S, PART, ClipRecorder, begun
from tapal_edge.outbox import Outbox
from tapal_edge.post import Post
from tapal_edge.privacy import PERSON
from tapal_edge.sources.frame import Image
from tapal_edge.updates.switching import Model, SwitchingDetector

log = logging.getLogger(__name__)

BYTES_AT_MOST = 900_000
ASKED_AT_MOST = 8
UNFINISHED_S = 150.0  # no clip is longer than a minute
MARGIN_S = 1.0  # told a little after it happened, and the camera is a little behind
ABOUT_S = 10.0  # people say when within some seconds
LOOK_EVERY_S = 0.5
SAME = 0.7
"""Two boxes of a label that overlap this much are one thing, seen in two looks."""
LOOKS = 3  # between two states of the recorder a clip is seen nowhere for a moment

OnAnswer = Callable[[str, TapalError | None], None]


class ClipError(TapalError):
    """Why a clip cannot be had."""

    def __init__(self, cause: ClipCause, reason: str) -> None:
        super().__init__(reason)
        self.cause = cause


@dataclass(frozen=True, slots=True)
class _Asked:
    command_id: str
    event_id: str
    post: Post
    clips: ClipRecorder


@dataclass
class Films:
    """One thread that makes them, slowly enough that counting goes on beside it.

    Attributes:
        detector: finds the heads.
        outbox: sends the pieces until the server has them.
        on_answer: told what became of a command, without an error when its pieces are on their way.
    """

    detector: SwitchingDetector
    outbox: Outbox
    on_answer: OnAnswer = lambda *_: None
    most_bytes: int = min(BYTES_AT_MOST, MAX_CLIP_BYTES)
    _asked: deque[_Asked] = field(default_factory=deque)
    _bell: threading.Condition = field(default_factory=threading.Condition)
    _stopped: threading.Event = field(default_factory=threading.Event)

    @contextlib.contextmanager
    def running(self) -> Iterator[None]:
        """Make what is asked for, for the length of the block."""
        thread = threading.Thread(target=self._run, name="films", daemon=True)
        thread.start()
        try:
            yield
        finally:
            self._stopped.set()
            with self._bell:
                self._bell.notify_all()
            thread.join()

    def ask(self, command: Command, post: Post) -> None:
        """Make the film of a command; asking again while it is under way changes nothing.

        Raises:
            ClipError: it can be said at once that there will be none.
        """
        assert command.events is not None, "the contract gives 'clip' its event"
        if post.clips is None:
            raise ClipError("no-clips", f"camera {post.name!r} keeps no clips; write 'clips: {{}}' in the node's file")
        if not _sees_persons(self.detector.model):
            raise ClipError("not-blurred", "the model knows no persons, so no head could be blurred; use another model")
        asked = _Asked(command.id, command.events[0], post, post.clips)
        with self._bell:
            if any(one.command_id == command.id for one in self._asked):
                return
            if len(self._asked) >= ASKED_AT_MOST:
                raise ClipError("busy", f"{ASKED_AT_MOST} clips are being made already; ask again in some minutes")
            self._asked.append(asked)
            self._bell.notify_all()

    def wanted(self) -> frozenset[str]:
        """The events whose clips must not be deleted now."""
        with self._bell:
            return frozenset(one.event_id for one in self._asked)

    def _run(self) -> None:
        while True:
            with self._bell:
                self._bell.wait_for(lambda: self._stopped.is_set() or self._asked)
                if self._stopped.is_set():
                    return
                asked = self._asked[0]
            error = self._try(asked)
            if self._stopped.is_set():
                return  # the office asks again at the next start
            self.on_answer(asked.command_id, error)  # first, so that a repeat finds either the request or its answer
            with self._bell:
                self._asked.popleft()

    def _try(self, asked: _Asked) -> TapalError | None:
        try:
            self._make(asked)
        except TapalError as error:
            return error
        except Exception as error:  # one bad film must not end the making of others
            log.exception("the clip of event %s could not be made", asked.event_id)
            return ClipError("failed", f"the clip could not be made: {error}")
        return None

    def _make(self, asked: _Asked) -> None:
        clip, about_s = self._finished(asked)
        seen: list[list[Look]] = []

        def look(image: Image) -> Detections:
            found = self._look(asked.post, image)
            seen.append(_told(found, image))
            return found

        with tempfile.TemporaryDirectory(prefix="tapal-film-") as folder:
            copy = Path(folder) / "copy.mp4"
            try:
                shrink(clip, copy, look, most_bytes=self.most_bytes, span=_span(clip, asked, about_s))
            except TapalError as error:
                raise ClipError("failed", str(error)) from error
            pieces = cut(add_looks(copy.read_bytes(), seen), asked.command_id)
        if not self._stopped.is_set():
            self.outbox.add_pieces([(piece.id, piece.dump()) for piece in pieces])

    def _finished(self, asked: _Asked) -> tuple[Path, float]:
        """Wait for a clip that is still being written; return it, and how many seconds more of it are to be sent."""
        own, part = (asked.clips.path_of(asked.event_id + kind) for kind in ("", PART))
        deadline, gone, remembered = time.monotonic() + UNFINISHED_S, 0, False
        while not own.exists() and not part.exists():
            at_work = any(asked.clips.is_at_work(asked.event_id + kind) for kind in ("", PART))
            gone = 0 if at_work else gone + 1
            if gone > LOOKS and not remembered:
                moment, gone, remembered = moment_of(asked.event_id), 0, True
                if moment is None or not asked.clips.keep_moment(asked.event_id, moment, ABOUT_S):
                    return _showing(asked.clips, moment), ABOUT_S
            elif gone > LOOKS:
                raise ClipError("failed", "the clip of this moment could not be written")
            if time.monotonic() > deadline:
                raise ClipError("failed", f"the clip is not finished: camera {asked.post.name!r} sends nothing more")
            if self._stopped.wait(LOOK_EVERY_S):
                raise ClipError("failed", "the node ends")
        return (own, MARGIN_S) if own.exists() else (part, ABOUT_S)

    def _look(self, post: Post, image: Image) -> Detections:
        """Find persons for the blurring; waits as long as that took, so that counting has the other half."""
        if self._stopped.is_set():
            raise ClipError("failed", "the node ends")
        started = time.monotonic()
        model = self.detector.model
        found = model.detect_batch([image])
        if post.camera.regions:
            found.append(detect_with_regions(model, image, post.camera.regions))
        self._stopped.wait(time.monotonic() - started)
        return Detections.together(found)  # a head found twice is blurred twice, which harms nobody


def _showing(clips: ClipRecorder, moment: float | None) -> Path:
    """Another event's clip that shows the moment."""
    found = None if moment is None else clips.showing(moment)
    if found is None:
        raise ClipError("not-kept", "there is no clip of this moment; it was deleted for age or want of room")
    return found


def _span(clip: Path, asked: _Asked, about_s: float) -> Span:
    """The seconds around the event: where much happens, one clip holds a minute of it."""
    begins, moment = begun(clip), moment_of(asked.event_id)
    before_s, after_s = asked.clips.around_s
    if begins is None or moment is None:
        return WHOLE
    told = moment - begins
    if not 0 <= told <= LONGEST_S + before_s + after_s:  # the clock was set in between
        return WHOLE
    return Span(max(0.0, told - before_s - about_s), told + after_s + about_s)


def _told(found: Detections, image: Image) -> list[Look]:
    """What was seen, for whoever labels the film: the surest first, each once."""
    height, width = image.shape[:2]
    shares = np.clip(found.boxes / (width, height, width, height), 0, 1)
    classes = np.unique(found.labels, return_inverse=True)[1]
    kept = suppress(found.boxes, found.confidences, classes, iou=SAME, most=len(found.boxes))
    return [Look(found.labels[one], float(found.confidences[one]), *map(float, shares[one])) for one in kept]


def _sees_persons(model: Model) -> bool:
    """A model that cannot tell is not trusted to blur."""
    return PERSON in getattr(model, "names", ())
