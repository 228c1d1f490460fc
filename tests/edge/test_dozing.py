"""While nothing moves next to nothing is decoded, and whoever walks by is counted as if everything had been."""

import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import av
import cv2
import numpy as np
import pytest
import yaml

from tapal_contract.ids import new_id
from tapal_detector.catalogue import find
from tapal_detector.detector import Detector
from tapal_detector.tracker import TrackerSettings
from tapal_edge.analyst import Analyst, Seat
from tapal_edge.config import Camera
from tapal_edge.messages import Author
from tapal_edge.recorder import Recorder
from tapal_edge.sources.decoder import Wakeful
from tapal_edge.sources.frame import Image
from tapal_edge.sources.inbox import Inbox
from tapal_edge.sources.recorded import Recording
from tapal_edge.view import View

WIDTH, HEIGHT = 640, 360
FPS, SECONDS = 10, 27
NOISE = 2.0
LAMPS_ON_S = 18.0
MARGIN = 10


@dataclass
class Walker:
    """Somebody of the sample feed: where they are, by frame, and when they cross the line."""

    boxes: dict[int, tuple[int, int, int, int]]
    crossed: int

    @classmethod
    def of(cls, root: Path, person: int) -> "Walker":
        """Read the truth of the sample feed."""
        card = yaml.safe_load((root / "datasets/sample/pier.yaml").read_text())
        boxes = {}
        for line in (root / "datasets/sample/pier.gt.txt").read_text().splitlines():
            frame, number, *box = (int(float(value)) for value in line.split(",")[:6])
            if number == person:
                x, y, width, height = (round(value * WIDTH / card["size"][0]) for value in box)
                boxes[frame - 1] = (x, y, x + width, y + height)
        return cls(boxes, next(one["frame"] for one in card["crossings"] if one["person"] == person))


class Stage:
    """An empty pier, over which two people of the sample feed walk alone, for 1.8 s each, and lamps that go on.

    The first one comes and goes between the key frames at 12 and 14 s, the second one is there at that of 24 s.
    """

    def __init__(self, root: Path) -> None:
        self._walks = [(13.05, Walker.of(root, 2)), (24.0, Walker.of(root, 7))]
        self._taken, still = {}, []
        wanted = {walker.crossed + step for _, walker in self._walks for step in range(-FPS, FPS + 1)}
        with av.open(str(root / "datasets/sample/pier.mp4")) as film:
            for number, frame in enumerate(film.decode(video=0)):
                if number in wanted or number % 20 == 0:
                    image = frame.reformat(width=WIDTH, height=HEIGHT).to_ndarray(format="bgr24")
                    self._taken[number] = image
                    still += [image] if number % 20 == 0 else []
        self._empty = np.median(np.stack(still), axis=0).astype(np.uint8)

    def frames(self) -> Iterator[Image]:
        """Every frame as the camera takes it."""
        for number in range(SECONDS * FPS):
            image = self._empty.copy()
            for at_s, walker in self._walks:
                taken = walker.crossed + number - round(at_s * FPS)
                if abs(number - at_s * FPS) <= 0.9 * FPS and taken in walker.boxes:
                    x1, y1, x2, y2 = walker.boxes[taken]
                    part = np.s_[max(0, y1 - MARGIN) : y2 + MARGIN, max(0, x1 - MARGIN) : x2 + MARGIN]
                    image[part] = self._taken[taken][part]
            light = 1.0 if number < LAMPS_ON_S * FPS else 1.25
            coarse = np.random.default_rng(number).normal(0, NOISE, (HEIGHT // 2, WIDTH // 2)).astype(np.float32)
            noise = cv2.resize(coarse, (WIDTH, HEIGHT))[..., None]
            yield np.clip(image * light + noise, 0, 255).astype(np.uint8)


@pytest.fixture(scope="module")
def stage(root: Path) -> Stage:
    return Stage(root)


def sent(path: Path, stage: Stage, between_keys: int) -> Path:
    with av.open(str(path), "w") as out:
        options = {"preset": "veryfast", "bf": "0", "g": str(between_keys), "sc_threshold": "0", "crf": "26"}
        stream = out.add_stream("libx264", rate=FPS, options=options)
        stream.width, stream.height, stream.pix_fmt = WIDTH, HEIGHT, "yuv420p"
        for image in stage.frames():
            out.mux(stream.encode(av.VideoFrame.from_ndarray(image, format="bgr24")))
        out.mux(stream.encode(None))
    return path


class Counted:
    """What the edge makes of a film."""

    def __init__(self, source: Path, root: Path, *, wakeful: bool = False) -> None:
        lines = yaml.safe_load((root / "datasets/sample/pier.yaml").read_text())["lines"]
        settings = {"id": "pier", "source": str(source), "lines": lines, "motion_gate": True}
        camera = Camera.model_validate(settings)
        self.crossings: list[tuple[float, str]] = []
        recorder = Recorder(None, on_draft=self._note)
        self.view = View(camera, Author("n", "s", camera.id, new_id(), "m@1"), recorder, pictures=False)
        bell, done = threading.Condition(), threading.Event()
        inbox = Inbox(bell, newest_only=False)
        detector = Detector.load(find("default"), size=320, labels=["person"], confidence=TrackerSettings().unsure)
        analyst = Analyst(detector, [Seat(camera.id, inbox, self.view)], bell, on_done=done.set)
        reading = Recording(camera, inbox, start_s=0.0, watch=Wakeful() if wakeful else self.view)
        analyst.start()
        reading.start()
        assert done.wait(300)
        reading.stop()
        analyst.stop()

    def _note(self, draft: Any) -> None:
        if "direction" in draft.fields:
            self.crossings.append((draft.fields["time"].timestamp(), draft.fields["direction"]))

    @property
    def offered(self) -> int:
        """The frames that came out of the decoder."""
        return self.view.frames + self.view.idle


def test_who_walks_by_between_key_frames_is_counted_as_if_every_frame_had_been_decoded(
    root: Path, stage: Stage, tmp_path: Path
) -> None:
    film = sent(tmp_path / "pier.mp4", stage, between_keys=2 * FPS)
    every, dozing = Counted(film, root, wakeful=True), Counted(film, root)
    assert every.offered == SECONDS * FPS
    assert [way for _, way in every.crossings] == ["outbound", "outbound"]
    assert [way for _, way in dozing.crossings] == ["outbound", "outbound"]
    # a gate that saw fewer frames knows the noise a little less well, and may open a frame earlier or later
    assert [at for at, _ in dozing.crossings] == pytest.approx([at for at, _ in every.crossings], abs=0.15)
    assert dozing.offered < 0.9 * SECONDS * FPS
    assert dozing.view.frames < 1.3 * every.view.frames, "the lamps wake nobody for long"
