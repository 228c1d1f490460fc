"""No more is decoded than somebody looks at, and what is looked at is what was sent."""

import threading
from collections.abc import Iterator
from itertools import count
from pathlib import Path

import av
import numpy as np
import pytest
import yaml

from benchmarks.counting import score
from tapal_contract.ids import new_id
from tapal_detector.catalogue import find
from tapal_detector.detector import Detector
from tapal_detector.tracker import TrackerSettings
from tapal_edge.analyst import Analyst, Seat
from tapal_edge.config import Camera
from tapal_edge.messages import Author
from tapal_edge.recorder import Recorder
from tapal_edge.sources.decoder import Need
from tapal_edge.sources.inbox import Inbox
from tapal_edge.sources.reader import Shot, open_reader
from tapal_edge.sources.recorded import Recording
from tapal_edge.view import View

RATE, FRAMES = 10, 60
WIDTH, HEIGHT = 160, 96


def drawn(number: int) -> np.ndarray:
    """A square that wanders over a textured wall."""
    image = np.random.default_rng(3).integers(60, 120, (HEIGHT, WIDTH, 3), np.uint8)
    image[30:60, 2 * number : 2 * number + 20] = 230
    return image


def film(path: Path, *, between_keys: int, b_frames: int = 0) -> Path:
    with av.open(str(path), "w") as out:
        options = {"bf": str(b_frames), "sc_threshold": "0", "b-adapt": "0", "g": str(between_keys)}
        stream = out.add_stream("libx264", rate=RATE, options=options)
        stream.width, stream.height, stream.pix_fmt = WIDTH, HEIGHT, "yuv420p"
        for number in range(FRAMES):
            out.mux(stream.encode(av.VideoFrame.from_ndarray(drawn(number), format="bgr24")))
        out.mux(stream.encode(None))
    return path


def shots(path: Path, need: Need | None = None, **settings: object) -> Iterator[Shot]:
    camera = Camera.model_validate({"id": "c", "source": str(path), "motion_gate": True, **settings})
    return open_reader(camera, need=need).shots()


def brightness(shot: Shot) -> np.ndarray:
    assert shot.luma is not None
    return shot.luma.plane.astype(np.int16)


def test_frames_on_which_no_other_depends_are_passed_over_until_one_is_due(tmp_path: Path) -> None:
    path = film(tmp_path / "b.mp4", between_keys=30, b_frames=3)
    plain = {shot.index: brightness(shot) for shot in shots(path)}
    need, wanted, seen = Need(), [], 0
    due = float("-inf")
    for shot in shots(path, need):
        seen += 1
        if shot.media_s < due:
            continue
        due = need.next_s = shot.media_s + 0.7 - 0.01
        wanted.append(shot.index)
        np.testing.assert_array_equal(brightness(shot), plain[shot.index], "not one bit differs")
    assert wanted == list(range(0, FRAMES, 7))
    assert len(plain) == FRAMES
    assert seen < 0.7 * FRAMES


def test_in_calm_times_only_key_frames_are_decoded_and_then_it_catches_up(tmp_path: Path) -> None:
    path = film(tmp_path / "short.mp4", between_keys=10)
    plain = [brightness(shot) for shot in shots(path)]
    packets = count()
    seen: list[int] = []
    for shot in shots(path, Need(lambda: next(packets) < 43, rest_s=1.0)):
        seen.append(shot.index)
        assert np.abs(brightness(shot) - plain[shot.index]).mean() < 1.5, "blocks at most"
    # two key frames tell how far apart they are; from 43 on something moves
    assert seen == [*range(20), 20, 30, 40, *range(43, FRAMES)]


@pytest.mark.parametrize(
    ("between_keys", "b_frames", "rest_s"),
    [
        pytest.param(30, 0, 1.0, id="key-frames-too-seldom"),
        pytest.param(10, 2, 1.0, id="frames-out-of-order"),
        pytest.param(10, 0, 0.0, id="no-rest-allowed"),
    ],
)
def test_else_every_frame_is_decoded(tmp_path: Path, between_keys: int, b_frames: int, rest_s: float) -> None:
    path = film(tmp_path / "film.mp4", between_keys=between_keys, b_frames=b_frames)
    assert [shot.index for shot in shots(path, Need(lambda: True, rest_s))] == list(range(FRAMES))


def counted(source: Path, lines: list[dict[str, object]], **settings: object) -> tuple[list[tuple[float, str]], int]:
    """Crossings of a film as the edge sees them, and the frames that were decoded for it."""
    events: list[tuple[float, str]] = []
    camera = Camera.model_validate({"id": "pier", "source": str(source), "lines": lines, **settings})

    def note(draft: object) -> None:
        fields = draft.fields  # type: ignore[attr-defined]
        if "direction" in fields:
            events.append((fields["time"].timestamp(), fields["direction"]))

    view = View(camera, Author("n", "s", camera.id, new_id(), "m@1"), Recorder(None, on_draft=note), pictures=False)
    bell, done = threading.Condition(), threading.Event()
    inbox = Inbox(bell, newest_only=False)
    detector = Detector.load(find("default"), size=320, labels=["person"], confidence=TrackerSettings().unsure)
    analyst = Analyst(detector, [Seat(camera.id, inbox, view)], bell, on_done=done.set)
    reading = Recording(camera, inbox, start_s=0.0, calm=view.calm)
    analyst.start()
    reading.start()
    assert done.wait(300)
    reading.stop()
    analyst.stop()
    return events, view.frames


def still_then(source: Path, path: Path, *, still_s: int) -> Path:
    """The sample feed as a camera sends it, a key frame each second, after a time in which nothing moves."""
    with av.open(str(source)) as film, av.open(str(path), "w") as out:
        given = film.streams.video[0]
        stream = out.add_stream("libx264", rate=RATE, options={"preset": "veryfast", "bf": "0", "g": str(RATE)})
        stream.width, stream.height, stream.pix_fmt = given.width, given.height, "yuv420p"
        frames = (frame.to_ndarray(format="bgr24") for frame in film.decode(given))
        first = next(frames)
        for image in (*([first] * still_s * RATE), *frames):
            out.mux(stream.encode(av.VideoFrame.from_ndarray(image, format="bgr24")))
        out.mux(stream.encode(None))
    return path


def test_the_sample_feed_counts_the_same_with_all_that_is_spared(root: Path, tmp_path: Path) -> None:
    card = yaml.safe_load((root / "datasets/sample/pier.yaml").read_text())
    still_s = 20
    source = still_then(root / "datasets/sample/pier.mp4", tmp_path / "pier.mp4", still_s=still_s)
    found, frames = counted(source, card["lines"], motion_gate=True, rest_fps=1)
    begun = still_s - 1 / RATE
    truth = [(one["time_s"] + begun, one["direction"]) for one in card["crossings"]]
    assert score(found, truth).f1 >= 0.96
    assert frames < 0.6 * (card["frames"] + still_s * RATE)
