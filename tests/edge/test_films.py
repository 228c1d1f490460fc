"""Clips the office asked for: small, heads blurred, in pieces that no event waits for."""

import asyncio
import os
import threading
from pathlib import Path

import av
import cv2
import numpy as np
import pytest

from tapal_contract.clip import PIECE_BYTES, cut, join, read_piece
from tapal_contract.errors import TapalError
from tapal_contract.ids import id_at, new_id
from tapal_contract.looks import read_looks
from tapal_contract.node import Command
from tapal_detector.detections import Detections
from tapal_edge.clip_export import Span, shrink
from tapal_edge.clips import BEGUN, PART, ClipRecorder
from tapal_edge.config import Camera, Clips
from tapal_edge.films import ASKED_AT_MOST, ClipError, Films, _told
from tapal_edge.outbox import Outbox
from tapal_edge.post import Post
from tapal_edge.updates.switching import SwitchingDetector
from tests.edge.test_commands import running
from tests.support.films import draw, film
from tests.support.patience import PATIENCE_S

WIDTH, HEIGHT, RATE = 960, 540, 25
PERSON = (360, 90, 600, 450)
HEAD = (slice(70, 130), slice(250, 390))  # of the person, in a frame two thirds as large
BODY = (slice(190, 290), slice(250, 390))


def checks(path: Path, *, seconds: float = 3.0, noise: bool = False) -> Path:
    """A wide film at 25 frames a second, sharp all over: a chequered ground, or noise that no encoder makes small."""
    chance = np.random.default_rng(3)
    ground = np.kron(np.indices((HEIGHT // 18, WIDTH // 24)).sum(0) % 2, np.ones((18, 24)))[..., None] * np.full(3, 255)
    with av.open(str(path), "w", format="mp4") as out:
        stream = out.add_stream("libx264", rate=RATE, options={"crf": "20", "preset": "ultrafast"})
        stream.width, stream.height, stream.pix_fmt = WIDTH, HEIGHT, "yuv420p"
        for _ in range(round(seconds * RATE)):
            image = chance.integers(0, 256, (HEIGHT, WIDTH, 3)) if noise else ground
            out.mux(stream.encode(av.VideoFrame.from_ndarray(image.astype(np.uint8), format="bgr24")))
        out.mux(stream.encode(None))
    return path


def every_second(calls: list[int]):
    """Finds one person in every second frame only."""

    def look(_: np.ndarray) -> Detections:
        calls.append(1)
        return Detections.of([PERSON], ["person"]) if len(calls) % 2 else Detections.none()

    return look


def shown(path: Path) -> tuple[list[np.ndarray], list[float]]:
    with av.open(str(path)) as source:
        frames = list(source.decode(video=0))
    return [frame.to_ndarray(format="gray") for frame in frames], [frame.time for frame in frames]


def test_a_copy_for_the_office_is_narrow_slow_and_shows_no_head(tmp_path: Path) -> None:
    calls: list[int] = []
    count = shrink(checks(tmp_path / "clip.mp4"), tmp_path / "copy.mp4", every_second(calls), most_bytes=900_000)
    images, times = shown(tmp_path / "copy.mp4")
    assert (count, len(calls), len(images)) == (count, count, count)
    assert 0.3 * 75 <= count <= 0.5 * 75, "of 25 frames a second about ten"
    assert times[0] == 0
    assert times[-1] > 2.5, "it lasts as long as the clip"
    assert {image.shape for image in images} == {(360, 640)}
    for image in images:
        assert image[HEAD].std() < 0.6 * image[BODY].std()
    data = (tmp_path / "copy.mp4").read_bytes()
    assert join(cut(data, new_id())) == data, "the contract takes it for a film"
    assert data.index(b"moov") < data.index(b"mdat"), "a browser can begin before all is there"


def test_a_copy_of_noise_is_no_larger_than_allowed(tmp_path: Path) -> None:
    clip = checks(tmp_path / "clip.mp4", seconds=4, noise=True)
    shrink(clip, tmp_path / "copy.mp4", lambda _: Detections.none(), most_bytes=150_000)
    assert (tmp_path / "copy.mp4").stat().st_size <= 150_000


def test_only_the_seconds_around_the_event_are_sent(tmp_path: Path) -> None:
    clip, copy = draw(tmp_path / "clip.mp4", seconds=6), tmp_path / "copy.mp4"
    calls: list[int] = []
    count = shrink(clip, copy, every_second(calls), most_bytes=900_000, span=Span(2.0, 4.0))
    sent, times = shown(copy)
    assert (count, len(calls)) == (21, 21), "what is not sent is not looked at"
    assert (times[0], times[-1]) == (0, 2)
    kept = shown(clip)[0]
    best = [min(range(60), key=lambda n, one=one: np.abs(kept[n].astype(int) - one).mean()) for one in sent[::10]]
    assert best == [20, 30, 40]


def test_what_cannot_be_read_or_made_small_enough_leaves_nothing(tmp_path: Path) -> None:
    (tmp_path / "bad.mp4").write_bytes(b"no film")
    for clip, most in ((tmp_path / "bad.mp4", 900_000), (draw(tmp_path / "good.mp4"), 3_000)):
        with pytest.raises(TapalError, match="clip"):
            shrink(clip, tmp_path / "copy.mp4", lambda _: Detections.none(), most_bytes=most)
        assert not (tmp_path / "copy.mp4").exists()


def test_what_was_seen_twice_goes_with_a_film_once() -> None:
    image = np.zeros((100, 200, 3), np.uint8)
    boxes = np.array([[20, 10, 60, 90], [21, 10, 61, 90], [20, 10, 60, 90], [-5, 50, 20, 105]], np.float32)
    found = Detections(boxes, np.array([0.5, 0.9, 0.8, 0.3], np.float32), ("person", "person", "boat", "person"))
    told = [
        (one.label, round(one.confidence, 2), *(round(value, 3) for value in one[2:])) for one in _told(found, image)
    ]
    assert told == [
        ("person", 0.9, 0.105, 0.1, 0.305, 0.9),
        ("boat", 0.8, 0.1, 0.1, 0.3, 0.9),
        ("person", 0.3, 0.0, 0.5, 0.1, 1.0),
    ]
    assert _told(Detections.none(), image) == []


@pytest.fixture
def outbox(tmp_path: Path):
    with Outbox(tmp_path / "outbox.db") as box:
        yield box


def waiting(outbox: Outbox, limit: int = 100) -> list[str]:
    return [one.event_id for one in outbox.pictures(limit=limit)]


def test_pieces_go_out_behind_the_newest_pictures_and_stay_until_acknowledged(outbox: Outbox, tmp_path: Path) -> None:
    old, new = new_id(), new_id()
    outbox.add(old, lambda _: b"{}", b"\xff\xd8old")
    outbox.acknowledge(1)
    pieces = [(piece.id, piece.dump()) for piece in cut(film(2 * PIECE_BYTES), new_id())]
    outbox.add(new_id(), lambda _: b"{}")
    outbox.acknowledge(2)
    outbox.add_pieces(pieces)
    outbox.add(new, lambda _: b"{}", b"\xff\xd8new")
    outbox.acknowledge(3)
    ids = [piece_id for piece_id, _ in pieces]
    assert waiting(outbox)[0] == new, "what is seen now is shown before a clip"
    assert set(waiting(outbox)[1:4]) == set(ids)
    assert waiting(outbox)[4] == old
    assert outbox.backlog().picture_bytes == sum(len(payload) for _, payload in pieces) + 10
    outbox.add_pieces(pieces)
    assert outbox.backlog().pictures == 5, "made again they replace what there was"
    with Outbox(tmp_path / "outbox.db") as again:
        assert set(ids) < set(waiting(again)), "a restart loses none"
    outbox.acknowledge(3, tuple(ids))
    assert waiting(outbox) == [new, old]


class Eyes:
    """A model that sees one person, or waits to be let go."""

    batch = 1
    name_version = "eyes@1"
    names = ("person",)

    def __init__(self) -> None:
        self.go = threading.Event()

    def detect_batch(self, frames: list[np.ndarray]) -> list[Detections]:
        self.go.wait(PATIENCE_S)
        return [Detections.of([[100, 50, 140, 170]], ["person"]) for _ in frames]


class Desk:
    """Films at work, and what they answered."""

    def __init__(self, folder: Path, outbox: Outbox) -> None:
        self.eyes = Eyes()
        self.films = Films(SwitchingDetector(self.eyes, "eyes@1"), outbox, self._told)
        self.clips = ClipRecorder(folder / "clips" / "yard", Clips())
        camera = Camera(id="yard", source="rtsp://camera")
        self.post = Post(camera, None, None, self.clips)  # type: ignore[arg-type]  # only its clips are asked for
        self.answers: dict[str, TapalError | None] = {}
        self._bell = threading.Condition()

    def _told(self, command_id: str, error: TapalError | None) -> None:
        with self._bell:
            self.answers[command_id] = error
            self._bell.notify_all()

    def ask(self, event_id: str, post: Post | None = None) -> str:
        command = Command.model_validate(
            {"id": new_id(), "name": "clip", "camera": "yard", "issued_at": "2026-03-02T06:00:00.000+08:00"}
            | {"issued_by": "sari", "events": (event_id,)}
        )
        self.films.ask(command, post or self.post)
        return command.id

    def answer(self, command_id: str) -> TapalError | None:
        with self._bell:
            assert self._bell.wait_for(lambda: command_id in self.answers, PATIENCE_S)
            return self.answers[command_id]

    def place(self, event_id: str) -> None:
        path = self.clips.path_of(event_id)
        path.parent.mkdir(parents=True, exist_ok=True)
        draw(path.with_suffix(".drawn.mp4"), seconds=1).replace(path)  # whole from the first, as a recorder does it


@pytest.fixture
def desk(tmp_path: Path, outbox: Outbox) -> Desk:
    return Desk(tmp_path, outbox)


def test_a_clip_that_was_asked_for_lies_in_the_outbox_in_pieces(desk: Desk, outbox: Outbox, tmp_path: Path) -> None:
    event_id = new_id()
    desk.place(event_id)
    with desk.films.running():
        command_id = desk.ask(event_id)
        assert desk.films.wanted() == {event_id}, "it is not deleted meanwhile"
        desk.eyes.go.set()
        assert desk.answer(command_id) is None
    pieces = [read_piece(one.jpeg) for one in outbox.pictures(limit=100)]
    assert {piece.clip for piece in pieces} == {command_id}
    copy = join(pieces)
    (tmp_path / "copy.mp4").write_bytes(copy)
    seen = read_looks(copy)
    assert len(seen) == len(shown(tmp_path / "copy.mp4")[0]), "what was seen in each frame goes with it"
    assert {len(frame) for frame in seen} == {1}
    assert seen[0][0][:2] == ("person", 0.9)


def test_of_a_long_clip_the_seconds_around_the_event_go_out(desk: Desk, outbox: Outbox, tmp_path: Path) -> None:
    event_id = new_id()
    told = int(event_id.replace("-", "")[:12], 16) / 1000
    path = desk.clips.path_of(event_id)
    path.parent.mkdir(parents=True, exist_ok=True)
    draw(path, seconds=30, comment=f"{BEGUN}{told - 15:.3f}")  # told after 15 of 30 s
    desk.eyes.go.set()
    with desk.films.running():
        assert desk.answer(desk.ask(event_id)) is None
    copy = tmp_path / "copy.mp4"
    copy.write_bytes(join([read_piece(one.jpeg) for one in outbox.pictures(limit=100)]))
    _, times = shown(copy)
    assert times[-1] == pytest.approx(12, abs=0.3), "five before, five after, and a second each for what is late"


@pytest.mark.parametrize("comment", ["", "begun=1.0", "begun=soon", "begun=99999999999"])
def test_a_clip_that_does_not_say_when_it_begins_goes_out_whole(desk: Desk, outbox: Outbox, comment: str) -> None:
    event_id = new_id()
    path = desk.clips.path_of(event_id)
    path.parent.mkdir(parents=True, exist_ok=True)
    draw(path, seconds=2, comment=comment)
    desk.eyes.go.set()
    with desk.films.running():
        assert desk.answer(desk.ask(event_id)) is None
    assert outbox.pictures(limit=1)


def test_a_clip_still_being_written_is_waited_for(desk: Desk, outbox: Outbox) -> None:
    event_id = new_id()
    desk.eyes.go.set()
    desk.clips.keep(event_id)  # its packets are still to come
    with desk.films.running():
        command_id = desk.ask(event_id)
        assert not desk.answers
        desk.place(event_id)
        assert desk.answer(command_id) is None
    assert outbox.pictures(limit=1)


def test_of_a_moment_without_an_event_another_clip_that_shows_it_goes_out(
    desk: Desk, outbox: Outbox, tmp_path: Path
) -> None:
    moment = 1_772_000_000.0
    path = desk.clips.path_of(new_id())
    path.parent.mkdir(parents=True, exist_ok=True)
    draw(path, seconds=50, comment=f"{BEGUN}{moment - 20:.3f}")
    os.utime(path, (moment + 30, moment + 30))
    desk.eyes.go.set()
    with desk.films.running():
        assert desk.answer(desk.ask(id_at(moment))) is None
        error = desk.answer(desk.ask(id_at(moment + 40)))
        assert isinstance(error, ClipError)
        assert error.cause == "not-kept"
    copy = tmp_path / "copy.mp4"
    copy.write_bytes(join([read_piece(one.jpeg) for one in outbox.pictures(limit=100)]))
    _, times = shown(copy)
    assert times[-1] == pytest.approx(30, abs=0.5), "five before, five after, and ten each: people say when about"


def test_a_moment_that_is_remembered_is_waited_for(desk: Desk, outbox: Outbox, monkeypatch: pytest.MonkeyPatch) -> None:
    moment, about = 1_772_000_000.0, []

    def keep_moment(event_id: str, moment_s: float, about_s: float) -> bool:
        about.append((moment_s, about_s))
        desk.place(event_id + PART)
        return True

    monkeypatch.setattr(desk.clips, "keep_moment", keep_moment)
    desk.eyes.go.set()
    with desk.films.running():
        assert desk.answer(desk.ask(id_at(moment))) is None
    assert about == [(moment, 10.0)]
    assert outbox.pictures(limit=1)


def test_why_there_is_no_clip_is_said(desk: Desk) -> None:
    event_id = new_id()
    desk.eyes.go.set()
    with desk.films.running():
        error = desk.answer(desk.ask(event_id))
        assert isinstance(error, ClipError)
        assert (error.cause, "deleted" in str(error)) == ("not-kept", True)
        desk.place(event_id)
        desk.clips.path_of(event_id).write_bytes(b"no film")
        error = desk.answer(desk.ask(event_id))
        assert isinstance(error, ClipError)
        assert error.cause == "failed"
        with pytest.raises(ClipError, match="keeps no clips") as refused:
            desk.ask(event_id, Post(desk.post.camera, None, None))  # type: ignore[arg-type]  # as above
        assert refused.value.cause == "no-clips"
        desk.eyes.names = ("boat",)
        with pytest.raises(ClipError, match="knows no persons") as refused:
            desk.ask(event_id)
        assert refused.value.cause == "not-blurred"


def test_many_at_once_are_refused_and_a_stop_waits_for_none(desk: Desk, outbox: Outbox) -> None:
    event_id = new_id()
    desk.place(event_id)
    with desk.films.running():
        for _ in range(ASKED_AT_MOST):
            desk.ask(event_id)
        with pytest.raises(ClipError, match="ask again") as refused:
            desk.ask(event_id)
        assert refused.value.cause == "busy"
        desk.films._stopped.set()
        desk.eyes.go.set()
    assert outbox.pictures(limit=1) == []
    assert desk.answers == {}, "the office asks again"


CLIPS = "clips: {pre_s: 1, post_s: 1}\n"


@pytest.mark.services
async def test_a_node_sends_the_clip_of_an_event_with_heads_blurred(tmp_path: Path) -> None:
    """A real node, a real broker, an office that acknowledges; the toy model sees a person at one place."""
    event_id, gone = new_id(), new_id()
    clip = tmp_path / "data/clips/yard" / f"{event_id}.mp4"
    clip.parent.mkdir(parents=True)
    async with running(tmp_path, extra=CLIPS) as here:
        await asyncio.to_thread(checks, clip)
        answer = await here.ask("clip", events=[event_id])
        assert (answer.outcome, answer.cause) == ("done", None)
        pieces = here.office.pieces.setdefault(answer.id, {})
        await here.office.until(lambda: pieces and len(pieces) == next(iter(pieces.values())).of)
        refused = await here.ask("clip", events=[gone])
        assert (refused.outcome, refused.cause) == ("refused", "not-kept")
        other = await here.ask("clip", "other", events=[event_id])
        assert other.cause == "not-kept", "a camera gives only its own"
    copy = tmp_path / "copy.mp4"
    copy.write_bytes(join(list(pieces.values())))
    images, _ = shown(copy)
    sharp = cv2.resize(shown(clip)[0][0], (640, 360), interpolation=cv2.INTER_AREA)
    # boxes of the toy model: x 15 to 25, y 10 to 30 of 64 x 64, into which a frame of 16 : 9 is fitted with bars
    head = (slice(0, 30), slice(160, 240))
    assert sharp[head].std() > 60
    for image in images:
        assert image[head].std() < 0.6 * sharp[head].std()
        assert image[200:, :].std() > 0.8 * sharp[200:, :].std(), "the rest is as it was"
