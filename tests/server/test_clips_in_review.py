"""A clip that is on the server comes into the review after a verdict, is labelled frame by frame, and goes again."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from tapal_contract.looks import Look, add_looks
from tapal_datasets import review as exporting
from tapal_datasets.versions import build, checking, manifest
from tapal_server.alerts.states import Outcome
from tapal_server.bootstrap import build_server
from tapal_server.db.tables import ClipRow
from tapal_server.media import MediaStore
from tapal_server.models.propagating import ReviewBox, overlap
from tapal_server.people.passwords import Passwords
from tapal_server.people.roles import Permission
from tests.server.conftest import QUICK
from tests.server.edges import START
from tests.server.test_review import Office, box, queue, trainer  # noqa: F401 - a fixture
from tests.server.test_review_export import Asked
from tests.support.walking import walker

FRAMES = 21


@pytest.fixture
def backend() -> str:
    return "sqlite"


def film(*, looks: bool = True) -> bytes:
    """Somebody walks through; the edge saw it in every second frame, and was once unsure of something else."""
    made, places = walker(FRAMES)
    seen = [[Look("person", 0.8, *place)] if number % 2 == 0 else [] for number, place in enumerate(places)]
    seen[0].append(Look("boat", 0.1, 0, 0, 1, 1))
    return add_looks(made, seen) if looks else made


def store_of(parts) -> MediaStore:
    return parts.collector._store


def brought(parts, event_id: str, content: bytes) -> None:
    """As if the node had sent the film."""
    with parts.database.write() as session:
        path = store_of(parts).put(event_id, content, suffix=".mp4")
        session.merge(
            ClipRow(
                event_id=event_id,
                command_id=event_id,
                node="nunukan-01",
                site="bambangan",
                asked_at=START,
                asked_by="sari",
                path=path,
                hold="",
            )
        )


@pytest.fixture
def office(parts, people) -> Office:
    return Office(parts, people)


def frames_of(parts, actor):
    return sorted((one for one in queue(parts, actor) if one.clip), key=lambda one: one.frame)


def test_a_verdict_queues_the_clips_frames_once_with_what_the_edge_saw(parts, office, trainer) -> None:  # noqa: F811
    (event,) = office.crossings(0)
    brought(parts, event.id, film())
    assert parts.collector.work() == 0, "nobody has judged it yet"
    office.judge(Outcome.CONFIRMED)
    assert parts.collector.work() == 0, "once"
    found = frames_of(parts, trainer)
    assert [(one.frame, one.at_s, one.why, one.clip) for one in found] == [
        (number, number / 10, "confirmed", event.id) for number in (0, 5, 10, 15, 20)
    ]
    details = [parts.services.review.get(trainer, one.id) for one in found]
    _, places = walker(FRAMES)
    assert [[box.label for box in one.proposals] for one in details] == [["person"], [], ["person"], [], ["person"]]
    assert details[2].proposals[0].x1 == pytest.approx(places[10][0], abs=0.001)
    assert parts.services.review.picture(trainer, found[0].id).startswith(b"\xff\xd8")
    assert parts.services.review.frames(trainer, found[3].id) == tuple(found)
    (picture,) = [one for one in queue(parts, trainer) if not one.clip]
    assert parts.services.review.frames(trainer, picture.id) == tuple(found), "the picture leads to them"


def test_a_clip_that_comes_late_is_queued_as_its_picture_was(parts, office, people, trainer) -> None:  # noqa: F811
    (event,) = office.crossings(0)
    parts.services.review.report_missed(people.officer, "nunukan-01", "gate-1", START, "behind a truck")
    assert parts.collector.work() == 0
    brought(parts, event.id, film())
    assert parts.collector.work() == 5
    assert {(one.why, one.note) for one in frames_of(parts, trainer)} == {("missed", "behind a truck")}


@pytest.mark.parametrize("gone", [False, True], ids=["followed", "by-motion-where-the-clip-is-gone"])
def test_boxes_are_carried_through_the_clip(parts, office, trainer, gone: bool) -> None:  # noqa: F811
    (event,) = office.crossings(0)
    brought(parts, event.id, film(looks=False))
    office.judge(Outcome.CONFIRMED)
    review, found = parts.services.review, frames_of(parts, trainer)
    _, places = walker(FRAMES)
    boxes = {
        number: ReviewBox(label="person", **dict(zip(("x1", "y1", "x2", "y2"), places[number], strict=True)))
        for number in (0, 5, 10, 15, 20)
    }
    for place in (0, 2):
        review.save(trainer, found[place].id, [boxes[found[place].frame]])
    if gone:
        store_of(parts).delete(store_of(parts).path_of(event.id, ".mp4"))
    carried = review.propagate(trainer, found[0].id)
    assert [one.view.frame for one in carried] == [5, 15, 20]
    for one in carried:
        (proposal,) = one.proposals
        assert overlap(proposal, boxes[one.view.frame]) > 0.6
        assert one.boxes is None, "a person still has to say so"


def test_one_that_cannot_be_read_is_said_and_not_tried_again(parts, office, trainer) -> None:  # noqa: F811
    (event,) = office.crossings(0)
    brought(parts, event.id, b"\x00\x00\x00\x10ftypisom\x00\x00\x00\x00")
    office.judge(Outcome.CONFIRMED)
    assert parts.collector.work() == 0
    (broken,) = [one for one in queue(parts, trainer, state="skipped") if one.clip]
    assert "cannot be taken apart" in broken.note
    assert not broken.has_picture
    assert parts.services.review.frames(trainer, broken.id) == ()


def test_all_of_an_event_goes_together_and_does_not_come_back(parts, office, trainer, clock) -> None:  # noqa: F811
    (event,) = office.crossings(0)
    brought(parts, event.id, film())
    office.judge(Outcome.CONFIRMED)
    (other,) = office.crossings(7200)
    brought(parts, other.id, film())
    office.judge(Outcome.CONFIRMED)
    review = parts.services.review
    kept = [one for one in queue(parts, trainer) if event.id not in {one.event_id, one.clip}]
    review.delete(trainer, next(one for one in frames_of(parts, trainer) if one.clip == event.id).id)
    assert set(queue(parts, trainer)) == set(kept)
    assert len(kept) == 6
    assert review.deleted(trainer, START - timedelta(days=1)) == (event.id,)
    assert parts.collector.work() == 0
    clock.move(91 * 86400)
    assert parts.retention.work()["review"] == 6
    assert set(review.deleted(trainer, START)) == {event.id, other.id}


def test_labelled_frames_become_a_dataset_and_leave_it_with_their_clip(settings, clock, tmp_path: Path) -> None:
    app = build_server(settings, clock=clock, passwords=Passwords(QUICK), console=False)
    parts = app.state.parts
    supervisor, admin = (parts.services.auth.actor_named(name) for name in ("budi", "admin"))
    office = Office(parts, type("People", (), {"supervisor": supervisor}))
    (event,) = office.crossings(0)
    brought(parts, event.id, film())
    office.judge(Outcome.CONFIRMED)
    found = frames_of(parts, admin)
    for one in found[:3]:
        parts.services.review.save(admin, one.id, [box(0.2)])
    with TestClient(app) as client:
        api = Asked(client, parts.services.tokens.create(admin, "r", frozenset({Permission.REVIEW})).token)
        since = datetime(2026, 3, 1, tzinfo=UTC)
        written = exporting.reviewed(api, tmp_path / "out", since=since, licence="office", origin="test")
        assert written == {"gate-1-2026-03-02": 3}
        folder = tmp_path / "out/gate-1-2026-03-02"
        names = [path.stem for path in sorted((folder / "images").iterdir())]
        assert names == [f"confirmed-{event.id}-{number:04d}" for number in (0, 5, 10)]
        recipe = build.Recipe(name="pier", split_within_a_day=True, val=0.0, keep_repeats=True)
        dataset = build.build([folder], tmp_path / "datasets", recipe)
        parts.services.review.delete(admin, found[4].id)
        (gone,) = exporting.deleted(api, since)
        assert checking.forget(dataset, gone) == 3
    assert manifest.read(dataset).items == ()
