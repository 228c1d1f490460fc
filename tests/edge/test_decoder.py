"""No more is decoded than somebody looks at, and what is looked at is what was sent."""

import threading
from collections.abc import Callable, Iterator
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
from tapal_edge.sources.usual import UsualSizes
from tapal_edge.view import View

RATE, FRAMES = 10, 60
WIDTH, HEIGHT = 160, 96


def drawn(number: int) -> np.ndarray:
    """A square that wanders over a textured wall."""
    image = np.random.default_rng(3).integers(60, 120, (HEIGHT, WIDTH, 3), np.uint8)
    image[30:60, 2 * number : 2 * number + 20] = 230
    return image


class Scripted:
    """Is calm for so many packets, and sees motion in the pictures it is told to."""

    def __init__(self, calm_until: int = 1_000, *, moves: Callable[[int], bool] = lambda _: False) -> None:
        self._packets, self._calm_until, self._moves = count(), calm_until, moves
        self._asked = count()

    def calm(self) -> bool:
        return next(self._packets) < self._calm_until

    def moves(self, _: object) -> bool:
        return self._moves(next(self._asked))


def film(
    path: Path,
    *,
    between_keys: int,
    b_frames: int = 0,
    frames: int = FRAMES,
    picture: Callable[[int], np.ndarray] = drawn,
) -> Path:
    with av.open(str(path), "w") as out:
        options = {"bf": str(b_frames), "sc_threshold": "0", "b-adapt": "0", "g": str(between_keys)}
        stream = out.add_stream("libx264", rate=RATE, options=options)
        stream.width, stream.height, stream.pix_fmt = WIDTH, HEIGHT, "yuv420p"
        for number in range(frames):
            out.mux(stream.encode(av.VideoFrame.from_ndarray(picture(number), format="bgr24")))
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


def still_but_at(moment: int) -> Callable[[int], np.ndarray]:
    """A scene with the noise of a sensor, in which something stands for three frames."""

    def picture(number: int) -> np.ndarray:
        noise = np.random.default_rng(100 + number).integers(-3, 4, (HEIGHT, WIDTH, 3))
        scene = drawn(0) if moment <= number < moment + 3 else drawn(70)
        return np.clip(scene + noise, 0, 255).astype(np.uint8)

    return picture


def woken(path: Path, watch: Scripted) -> dict[int, float]:
    """The frames that come, and how long after they were taken; all but dozing ones as if it had never dozed."""
    plain = [brightness(shot) for shot in shots(path)]
    came: dict[int, float] = {}
    for shot in shots(path, Need(watch)):
        assert shot.index not in came
        came[shot.index] = round(shot.behind_s, 3)
        off = np.abs(brightness(shot) - plain[shot.index])
        assert off.mean() < 1.5, "blocks at most"
        if shot.behind_s:
            assert not off.any(), "caught up, not one bit differs"
    assert list(came) == sorted(came)
    return came


def test_in_calm_times_only_key_frames_are_decoded_until_something_moves(tmp_path: Path) -> None:
    path = film(tmp_path / "short.mp4", between_keys=10, picture=still_but_at(FRAMES))
    came = woken(path, Scripted(calm_until=43))
    # two key frames tell how far apart they are; at 43 calm is over
    assert list(came) == [*range(20), 20, 30, *range(40, FRAMES)]
    assert {index: late for index, late in came.items() if late} == {41: 0.2, 42: 0.1}


def test_a_key_frame_that_shows_motion_brings_back_all_frames_since_the_one_before(tmp_path: Path) -> None:
    path = film(tmp_path / "short.mp4", between_keys=10, picture=still_but_at(FRAMES))
    came = woken(path, Scripted(moves=lambda asked: asked == 1))
    assert list(came) == [*range(20), 20, *range(30, FRAMES)], "asked at 30 and at 40, where it saw motion"
    assert came[31] == pytest.approx(0.9)
    assert came[39] == pytest.approx(0.1)
    assert came[40] == 0


def test_packets_larger_than_usual_bring_back_what_no_key_frame_shows(tmp_path: Path) -> None:
    path = film(tmp_path / "brief.mp4", between_keys=10, frames=90, picture=still_but_at(74))
    came = woken(path, Scripted())
    assert {*range(71, 80)} <= {*came}, "between the key frames at 70 and 80"
    assert not {*range(61, 70)} & {*came}, "where nothing was"


def groups(usual: UsualSizes, number: int, share: float = 1.0) -> list[bool]:
    """Groups of ten packets of a size that grows from key frame to key frame, as with an encoder that keeps a rate."""
    told = []
    for group in range(number):
        usual.key()
        wavering = np.random.default_rng(group).normal(1, 0.02, 10)
        sizes = [int(share * w * (800 + 50 * at)) for at, w in enumerate(wavering)]
        told.append(True in [usual.exceeded_by(size) for size in sizes])
    return told


def test_a_little_more_in_every_packet_tells_and_a_scene_that_stays_busier_becomes_the_usual_one() -> None:
    usual = UsualSizes()
    assert not any(groups(usual, 50))
    assert groups(usual, 1, share=1.15) == [True]
    assert not any(groups(usual, 5))
    assert not any(groups(usual, 60, share=2.0)[30:])


def test_sizes_are_learned_only_while_nothing_moves() -> None:
    usual = UsualSizes()
    groups(usual, 10)
    usual.key()
    assert True not in [usual.exceeded_by(9_000, learn=False) for _ in range(30)]
    assert groups(usual, 1, share=1.2) == [True]


@pytest.mark.parametrize(
    ("between_keys", "b_frames"),
    [
        pytest.param(100, 0, id="key-frames-too-seldom"),
        pytest.param(10, 2, id="frames-out-of-order"),
    ],
)
def test_else_every_frame_is_decoded(tmp_path: Path, between_keys: int, b_frames: int) -> None:
    path = film(
        tmp_path / "film.mp4", between_keys=between_keys, b_frames=b_frames, frames=250, picture=lambda _: drawn(0)
    )
    assert [shot.index for shot in shots(path, Need(Scripted()))] == list(range(250))


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
    reading = Recording(camera, inbox, start_s=0.0, watch=view)
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
