"""Films of events: asked for, taken in piece by piece, shown to whom the picture is shown, and deleted with it."""

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import func, select

from tapal_contract.clip import PIECE_BYTES, Piece, cut
from tapal_contract.ids import new_id
from tapal_contract.node import CommandAnswer
from tapal_server.alerts.states import Outcome
from tapal_server.bootstrap import build_server
from tapal_server.db.tables import ClipPieceRow, ClipRow, EventRow, RejectedRow
from tapal_server.errors import ForbiddenError, NotFoundError
from tapal_server.events import ClipChanged, CommandIssued
from tapal_server.keeping.retention import RetentionJob, RetentionSettings
from tapal_server.media import MediaStore
from tapal_server.paging import Paging
from tapal_server.people.actor import SYSTEM
from tapal_server.people.passwords import Passwords
from tapal_server.people.roles import Role
from tests.server.conftest import PASSWORD, QUICK
from tests.server.edges import START, Edge
from tests.server.test_api import bearer
from tests.support.films import film

DAY = 86400.0
FILM = film(2 * PIECE_BYTES)


@pytest.fixture
def edge(parts) -> Edge:
    node = Edge(site="bambangan", line="jetty")
    parts.intake.take([node.state()])
    return node


@pytest.fixture
def event(parts, edge) -> str:
    """Somebody landed at Bambangan, which is an alert."""
    landed = edge.crossing()
    parts.intake.take(edge.sent(landed))
    parts.correlator.step()
    return landed.id


@pytest.fixture
def asked(parts, people, event) -> str:
    """The id of the command that asks for the film."""
    parts.services.clips.ask(people.officer, event)
    return sent(parts)[-1].id


def sent(parts) -> list:
    return [one.command for one in parts.dispatcher.due() if one.command.name == "clip"]


def answered(edge: Edge, command_id: str, outcome="done", reason="", cause=None):
    said = CommandAnswer(id=command_id, outcome=outcome, reason=reason, cause=cause, time=START)
    return edge.health(commands=(said,))


def pieces(edge: Edge, command_id: str, whole: bytes = FILM) -> list:
    return [edge.on("media", piece.dump()) for piece in cut(whole, command_id)]


def state(parts, people, event) -> tuple[str, str | None]:
    view = parts.services.clips.view(people.officer, event)
    return view.state, view.cause


def actions(parts, people) -> list[str]:
    return [one.action for one in parts.services.audit.page(people.auditor, Paging(size=200)).items]


def files(parts) -> list[str]:
    found = [path for path in parts.settings.media_folder.rglob("*") if path.is_file()]
    return sorted(path.suffix for path in found)


def test_a_film_is_asked_for_comes_in_pieces_and_is_watched(parts, people, edge, event, heard):
    clips = parts.services.clips
    assert state(parts, people, event) == ("none", None)
    assert clips.ask(people.officer, event).state == "asked"
    (command,) = sent(parts)
    assert (command.camera, command.events, command.issued_by) == ("gate-1", (event,), "sari")
    assert CommandIssued(command_id=command.id, node=edge.node) in heard
    assert clips.ask(people.supervisor, event).asked_by == "sari", "it is on its way already"
    parts.intake.take([answered(edge, command.id)])
    assert state(parts, people, event) == ("coming", None)
    first, second, third = pieces(edge, command.id)
    (told,) = parts.intake.take([third, first])
    ids = [piece.id for piece in cut(FILM, command.id)]
    assert set(told.ack.media) == {ids[0], ids[2]}
    view = clips.view(people.officer, event)
    assert (view.state, view.pieces, view.of) == ("coming", 2, 3)
    heard.clear()
    parts.intake.take([second])
    assert heard == [ClipChanged(event_id=event)]
    assert clips.view(people.officer, event).state == "here"
    assert clips.read(people.officer, event) == FILM
    assert clips.read(people.officer, event) == FILM
    assert files(parts) == [".mp4"], "no piece is left"
    assert clips.ask(people.officer, event).state == "here"
    assert [actions(parts, people).count(action) for action in ("clip.ask", "clip.view")] == [1, 1]


def test_what_comes_twice_late_or_made_anew_makes_the_same_film(parts, people, edge, event, asked):
    first, second, third = pieces(edge, asked)
    parts.intake.take([first, first])
    other = pieces(edge, asked, film(2 * PIECE_BYTES + 1))
    parts.intake.take([other[2]])
    assert parts.services.clips.view(people.officer, event).pieces == 1, "the newest making counts"
    parts.intake.take([first, third])
    parts.intake.take([second])
    assert parts.services.clips.read(people.officer, event) == FILM
    (told,) = parts.intake.take([second])
    assert len(told.ack.media) == 1, "a repeat is acknowledged, so that it ends"
    assert parts.services.clips.read(people.officer, event) == FILM
    assert files(parts) == [".mp4"]


def test_of_a_longer_film_that_was_made_before_nothing_is_left(parts, people, edge, event, asked):
    parts.intake.take(pieces(edge, asked, film(4 * PIECE_BYTES))[3:])
    parts.intake.take(pieces(edge, asked))
    assert parts.services.clips.read(people.officer, event) == FILM
    assert files(parts) == [".mp4"]


def test_only_the_node_that_was_asked_can_send_it(parts, people, event, asked):
    stranger = Edge("tarakan-01")
    (told,) = parts.intake.take([stranger.state(), *pieces(stranger, asked)])
    assert len(told.ack.media) == 3, "acknowledged, or it would send them for ever"
    assert state(parts, people, event) == ("asked", None)
    (told,) = parts.intake.take(pieces(stranger, new_id()))
    assert len(told.ack.media) == 3
    assert files(parts) == []


@pytest.mark.parametrize(
    "whole",
    [
        pytest.param(b"\xff\xd8\xff\xd9" * 40_000, id="not-a-film"),
        pytest.param(film(100, entry=b"hev1"), id="another-codec"),
        pytest.param(b"<html>" + bytes(PIECE_BYTES), id="a-page"),
    ],
)
def test_what_is_no_film_is_not_kept_and_can_be_asked_for_again(parts, people, edge, event, asked, whole):
    import hashlib

    starts = range(0, len(whole), PIECE_BYTES)
    digest = hashlib.sha256(whole).hexdigest()
    cuts = [Piece(asked, n, len(starts), digest, whole[at : at + PIECE_BYTES]).dump() for n, at in enumerate(starts, 1)]
    parts.intake.take([edge.on("media", payload) for payload in cuts])
    assert state(parts, people, event) == ("failed", "broken")
    with pytest.raises(NotFoundError):
        parts.services.clips.read(people.officer, event)
    assert files(parts) == []
    assert parts.services.clips.ask(people.officer, event).state == "asked"


def test_pieces_of_what_is_too_large_are_refused_as_they_come(parts, edge, asked):
    head = f"tapal/1 clip={asked} piece=1/99 sha256={'0' * 64}\n".encode()
    long = f"tapal/1 clip={asked} piece=1/2 sha256={'0' * 64}\n".encode() + bytes(PIECE_BYTES + 1)
    parts.intake.take([edge.on("media", head + bytes(PIECE_BYTES)), edge.on("media", long)])
    with parts.database.read() as session:
        reasons = session.scalars(select(RejectedRow.reason)).all()
        assert session.scalar(select(func.count()).select_from(ClipPieceRow)) == 0
    assert len(reasons) == 2
    assert any("at most 32 pieces" in reason for reason in reasons)
    assert any("65537 bytes" in reason for reason in reasons)


def test_why_it_cannot_be_had_is_told(parts, people, edge, event, asked, clock):
    refused = answered(edge, asked, "refused", "there is no clip of this event", "not-kept")
    parts.intake.take([refused])
    view = parts.services.clips.view(people.officer, event)
    assert (view.state, view.cause, view.reason) == ("failed", "not-kept", "there is no clip of this event")
    parts.services.clips.ask(people.officer, event)
    assert state(parts, people, event) == ("asked", None)
    clock.move(601)
    assert state(parts, people, event) == ("failed", "silent")
    parts.intake.take([edge.state("offline")])
    assert state(parts, people, event) == ("failed", "offline")
    assert parts.services.clips.ask(people.officer, event).node_online is False
    command = sent(parts)[-1]
    parts.intake.take([answered(edge, command.id), pieces(edge, command.id)[0]])
    assert state(parts, people, event) == ("coming", None)
    clock.move(1801)
    assert state(parts, people, event) == ("failed", "stalled")
    parts.intake.take(pieces(edge, command.id)[1:])
    assert state(parts, people, event) == ("here", None), "better late than never"


def test_an_older_node_refuses_without_a_word_of_why(parts, people, edge, event, asked):
    parts.intake.take([answered(edge, asked, "refused", "not a command message: name: unknown")])
    view = parts.services.clips.view(people.officer, event)
    assert (view.cause, view.reason) == ("failed", "not a command message: name: unknown")


def test_it_is_shown_to_whom_the_picture_is_shown_and_to_nobody_else(parts, people, edge, event, asked):
    parts.intake.take(pieces(edge, asked))
    clips = parts.services.clips
    gate = Edge("gate-01")
    crossing = gate.crossing()
    parts.intake.take(gate.sent(crossing))
    people_add = parts.services.people.add
    people_add(SYSTEM, "bp3mi-ani", PASSWORD, role=Role.PARTNER, agency="BP3MI", sites=frozenset())
    people_add(SYSTEM, "tunon", PASSWORD, role=Role.OFFICER, sites=frozenset({"tunon-taka"}))
    partner, tunon = (parts.services.auth.actor_named(name) for name in ("bp3mi-ani", "tunon"))
    for ask in (clips.view, clips.read):
        for actor in (partner, tunon):
            with pytest.raises(NotFoundError, match="not known"):
                ask(actor, event)
    with pytest.raises(NotFoundError, match="not known"):
        clips.ask(tunon, event)
    for actor in (partner, people.auditor, people.admin):
        with pytest.raises(ForbiddenError):
            clips.ask(actor, event)
    (alert,) = parts.services.alerts.page(SYSTEM, Paging()).items
    parts.services.sharing.share(people.supervisor, alert.id, "BP3MI", "protection")
    assert clips.view(partner, event).state == "here"
    assert clips.read(partner, event) == FILM
    assert clips.read(people.elsewhere, event) == FILM, "Bambangan is their site"
    with pytest.raises(NotFoundError, match="not known"):
        clips.ask(people.officer, crossing.id)  # no alert rests on it: nobody looks through people who passed
    with pytest.raises(NotFoundError, match="not known"):
        clips.view(people.officer, new_id())


def test_it_is_deleted_with_the_picture_and_held_with_it(parts, people, edge, event, asked, clock):
    parts.intake.take(pieces(edge, asked))
    (alert,) = parts.services.alerts.page(SYSTEM, Paging()).items
    clock.move(40 * DAY)
    assert "clips" not in parts.retention.work(), "the film of an open alert stays"
    parts.services.alerts.resolve(people.officer, alert.id, Outcome.CONFIRMED, "seen")
    clock.move(30 * DAY + 1)
    store, held = MediaStore(parts.settings.media_folder), RetentionSettings(held_alerts=(alert.id,))
    job = RetentionJob(
        parts.database, store, held, audit=parts.services.audit, clock=clock, review=parts.services.review
    )
    assert "clips" not in job.work()
    assert files(parts) == [".mp4"]
    assert parts.retention.work()["clips"] == 1
    assert files(parts) == []
    with pytest.raises(NotFoundError):
        parts.services.clips.read(people.officer, event)


def test_one_that_never_came_whole_leaves_nothing(parts, people, edge, event, asked, clock):
    parts.intake.take(pieces(edge, asked)[:2])
    (alert,) = parts.services.alerts.page(SYSTEM, Paging()).items
    parts.services.alerts.resolve(people.officer, alert.id, Outcome.FALSE_ALARM, "nobody")
    clock.move(31 * DAY)
    assert parts.retention.work()["clips"] == 1
    assert files(parts) == []
    with parts.database.read() as session:
        assert session.scalar(select(func.count()).select_from(ClipPieceRow)) == 0
        assert session.scalar(select(func.count()).select_from(ClipRow)) == 0
        assert session.scalar(select(func.count()).select_from(EventRow)) == 1


def test_a_browser_gets_it_whole_or_the_part_it_jumps_to(settings, clock, parts, people, edge, event, asked):
    app = build_server(settings, clock=clock, passwords=Passwords(QUICK), console=False)
    client = TestClient(app)
    url = f"/api/v1/media/{event}/clip"
    officer = bearer(client, "sari")
    assert client.get(f"{url}.mp4", headers=officer).status_code == 404
    again = client.post(url, headers=officer)
    assert (again.status_code, again.json()["state"]) == (202, "asked")
    parts.intake.take(pieces(edge, asked))
    assert client.get(url, headers=officer).json()["state"] == "here"
    whole = client.get(f"{url}.mp4", headers=officer)
    assert (whole.status_code, whole.headers["content-type"], whole.content) == (200, "video/mp4", FILM)
    assert whole.headers["accept-ranges"] == "bytes"
    size = len(FILM)
    for wanted, part, told in (
        ("bytes=0-1", FILM[:2], f"bytes 0-1/{size}"),
        ("bytes=100-", FILM[100:], f"bytes 100-{size - 1}/{size}"),
        ("bytes=-5", FILM[-5:], f"bytes {size - 5}-{size - 1}/{size}"),
        ("bytes=10-999999999", FILM[10:], f"bytes 10-{size - 1}/{size}"),
    ):
        answer = client.get(f"{url}.mp4", headers=officer | {"Range": wanted})
        assert (answer.status_code, answer.content, answer.headers["content-range"]) == (206, part, told)
    for wanted in ("bytes=9-3", "bytes=0-1,4-5", "bytes=-", "lines=1-2", "bytes=" + "9" * 40 + "-"):
        assert client.get(f"{url}.mp4", headers=officer | {"Range": wanted}).status_code == 200, wanted
    beyond = client.get(f"{url}.mp4", headers=officer | {"Range": f"bytes={size}-"})
    assert (beyond.status_code, beyond.headers["content-range"]) == (416, f"bytes */{size}")
    assert actions(parts, people).count("clip.view") == 1, "one look, however many parts"
    app.state.parts.database.close()
