"""A verdict fetches its clip for the review by itself: once, in its turn, and not after it was taken back."""

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest

from tapal_contract.clip import cut
from tapal_contract.ids import moment_of
from tapal_contract.node import CommandAnswer
from tapal_server.alerts.states import Outcome
from tapal_server.clips.turns import AGAIN_AFTER, WAITS_AT_MOST
from tapal_server.models.review import ReviewService
from tapal_server.paging import Paging
from tapal_server.parts import Parts, build_parts
from tapal_server.people.actor import SYSTEM
from tapal_server.people.passwords import Passwords
from tapal_server.people.roles import Role
from tapal_server.settings import ReviewSettings
from tests.server.conftest import QUICK
from tests.server.edges import START
from tests.server.test_review import Office, queue
from tests.support.walking import walker

FALSE, CONFIRMED = Outcome.FALSE_ALARM, Outcome.CONFIRMED


@pytest.fixture
def office(parts, people) -> Office:
    return Office(parts, people)


@pytest.fixture
def trainer(parts):
    parts.services.people.add(SYSTEM, "tini", "kapal-besar-biru", role=Role.TRAINER, sites=frozenset())
    return parts.services.auth.actor_named("tini")


def asked(parts) -> list:
    """What nodes are asked for now, and were not answered yet."""
    return [one.command for one in parts.dispatcher.due() if one.command.name == "clip"]


def view(parts, event_id: str):
    return parts.services.clips.view(SYSTEM, event_id)


def answer(office, command_id: str, outcome="done", cause=None):
    said = CommandAnswer(id=command_id, outcome=outcome, reason="a reason", cause=cause, time=START)
    office.parts.intake.take([office.edge.health(commands=(said,))])


def bring(office, command_id: str, film: bytes) -> None:
    """As a node sends it: the answer first."""
    answer(office, command_id)
    office.parts.intake.take([office.edge.on("media", piece.dump()) for piece in cut(film, command_id)])


def entries(parts, action: str):
    return [one for one in parts.services.audit.page(SYSTEM, Paging(size=200)).items if one.action == action]


def alert(parts) -> str:
    return parts.services.alerts.page(SYSTEM, Paging()).items[0].id


def test_a_verdict_fetches_its_clip_which_comes_into_the_review(parts, office, trainer) -> None:
    (event,) = office.crossings(0)
    parts.collector.work()
    assert asked(parts) == [], "nobody has judged it yet"
    office.judge(FALSE)
    (command,) = asked(parts)
    assert (command.camera, command.events, command.issued_by) == ("gate-1", (event.id,), "review")
    assert (view(parts, event.id).state, view(parts, event.id).why) == ("asked", "false_alarm")
    (said,) = entries(parts, "clip.ask")
    assert (said.actor, said.subject) == ("system", f"event:{event.id}")
    assert said.detail == {"command": command.id, "after": "false_alarm"}
    bring(office, command.id, walker(11)[0])
    parts.collector.work()
    assert view(parts, event.id).state == "here"
    frames = [one for one in queue(parts, trainer) if one.clip == event.id]
    assert {(one.why, one.frame) for one in frames} == {("false_alarm", number) for number in (0, 5, 10)}


def test_it_is_asked_for_once_whoever_judges_and_whatever_restarts(parts, office, settings, clock, people) -> None:
    (event,) = office.crossings(0)
    office.judge(FALSE)
    (command,) = asked(parts)
    service, known = parts.services.alerts, alert(parts)
    service.reopen(people.supervisor, known, "look again")
    service.resolve(people.officer, known, CONFIRMED, "there is somebody")
    again = build_parts(settings, clock=clock, passwords=Passwords(QUICK))
    for some in (parts, again):
        some.collector.work()
        some.collector.work()
    again.database.close()
    assert len(entries(parts, "clip.ask")) == 1
    assert parts.services.clips.ask(people.officer, event.id).asked_by == "review", "it is on its way already"
    assert parts.services.commands.command(SYSTEM, command.id).state == "waiting"


def test_two_servers_at_once_ask_once(parts, office, people) -> None:
    (event,) = office.crossings(0)
    (one,) = parts.services.alerts.page(SYSTEM, Paging()).items
    parts.services.alerts.resolve(people.supervisor, one.id, FALSE, "nobody")
    both = threading.Barrier(2)

    def work() -> int:
        both.wait()
        return parts.collector._wishes.work()

    with ThreadPoolExecutor(2) as pool:
        asks = [pool.submit(work) for _ in range(2)]
        assert sorted(ask.result() for ask in asks) == [0, 1]
    assert [command.events for command in asked(parts)] == [(event.id,)]


def test_what_a_person_asked_for_is_not_asked_for_again(parts, office, people) -> None:
    (event,) = office.crossings(0)
    parts.services.clips.ask(people.officer, event.id)
    office.judge(CONFIRMED)
    assert [one.issued_by for one in asked(parts)] == ["sari"]
    assert view(parts, event.id).why is None


def test_one_after_the_other_and_so_many_a_day(parts, office, clock, people) -> None:
    events = [office.crossings(3600 * hour)[0].id for hour in range(8)]
    office.judge(CONFIRMED)
    film = walker(3)[0]
    fetched = []
    while (now := asked(parts)) or clock.now() < START + timedelta(hours=2):
        for command in now:
            fetched += command.events
            bring(office, command.id, film)
        assert len(now) <= 1
        parts.collector.work()
        clock.move(60)
    assert fetched == [*reversed(events)][:6], "the newest, as many as a day may cost"
    assert {view(parts, one).hold for one in events[:2]} == {"share"}
    assert parts.services.clips.ask(people.officer, events[0]).state == "asked", "a person need not wait"
    clock.move(86400)
    parts.collector.work()
    assert view(parts, events[1]).state == "asked", "another day"


def test_it_waits_for_a_node_that_is_away_or_has_other_things_to_send(parts, office, clock) -> None:
    edge = office.edge
    (event,) = office.crossings(0)
    parts.intake.take([edge.state("offline")])
    office.judge(FALSE)
    assert (view(parts, event.id).state, view(parts, event.id).hold) == ("waiting", "away")
    parts.intake.take([edge.state(), edge.health(media_queue=40)])
    parts.collector.work()
    assert view(parts, event.id).hold == "sending"
    assert [command.events for _, command in parts.dispatcher.keeper.due()] == [(event.id,)], "not to be deleted there"
    clock.move(60)
    parts.intake.take([edge.health(media_queue=0)])
    parts.collector.work()
    assert view(parts, event.id).state == "asked"


@pytest.mark.parametrize("cause", ["not-kept", "no-clips", "not-blurred"])
def test_why_it_cannot_be_had_stays_and_costs_the_next_nothing(parts, office, cause: str) -> None:
    (event,) = office.crossings(0)
    office.judge(FALSE)
    answer(office, asked(parts)[0].id, "refused", cause)
    parts.collector.work()
    assert (view(parts, event.id).state, view(parts, event.id).cause) == ("failed", cause)
    assert len(entries(parts, "clip.ask")) == 1


def test_a_node_that_does_not_answer_is_asked_three_times(parts, office, clock) -> None:
    (event,) = office.crossings(0)
    office.judge(FALSE)
    for tried in (1, 2, 3):
        assert len(entries(parts, "clip.ask")) == tried
        clock.move(601)
        parts.collector.work()
        if tried < 3:
            assert (view(parts, event.id).state, view(parts, event.id).hold) == ("waiting", "again")
        clock.move(AGAIN_AFTER.total_seconds())
        parts.collector.work()
    assert (view(parts, event.id).state, view(parts, event.id).cause) == ("failed", "silent")


def test_what_never_has_its_turn_is_given_up(parts, office, clock) -> None:
    (event,) = office.crossings(0)
    parts.intake.take([office.edge.state("offline")])
    office.judge(FALSE)
    clock.move(WAITS_AT_MOST.total_seconds())
    parts.collector.work()
    assert (view(parts, event.id).state, view(parts, event.id).cause) == ("failed", "late")


def test_a_verdict_taken_back_asks_for_nothing_and_another_follows(parts, office, people) -> None:
    (event,) = office.crossings(0)
    parts.intake.take([office.edge.state("offline")])
    office.judge(FALSE)
    parts.services.alerts.reopen(people.supervisor, alert(parts), "look again")
    parts.collector.work()
    assert view(parts, event.id).state == "none"
    office.judge(CONFIRMED)
    assert view(parts, event.id).why == "confirmed"
    parts.services.alerts.reopen(people.supervisor, alert(parts), "look again")
    office.judge(Outcome.WELFARE)
    assert view(parts, event.id).state == "none", "who needs help is no material"


def test_what_is_deleted_in_the_review_is_neither_kept_nor_asked_for(parts, office, trainer) -> None:
    (event,) = office.crossings(0)
    office.judge(FALSE)
    (command,) = asked(parts)
    picture = parts.services.review
    picture.delete(trainer, queue(parts, trainer)[0].id)
    assert view(parts, event.id).state == "none"
    assert asked(parts) == []
    bring(office, command.id, walker(11)[0])
    parts.collector.work()
    assert (view(parts, event.id).state, queue(parts, trainer), files(parts)) == ("none", (), [".jpg"])
    (other,) = office.crossings(7200)
    office.judge(FALSE)
    bring(office, asked(parts)[0].id, walker(11)[0])
    parts.collector.work()
    assert ".mp4" in files(parts)
    parts.services.review.delete(trainer, next(one for one in queue(parts, trainer) if one.clip == other.id).id)
    assert ".mp4" not in files(parts), "the clip goes with its frames"
    assert set(parts.services.review.deleted(trainer, START - timedelta(days=1))) == {event.id, other.id}


def test_a_clip_that_a_person_asked_for_stays_with_its_alert(parts, office, trainer, people) -> None:
    (event,) = office.crossings(0)
    parts.services.clips.ask(people.officer, event.id)
    bring(office, asked(parts)[0].id, walker(11)[0])
    office.judge(FALSE)
    parts.services.review.delete(trainer, queue(parts, trainer)[0].id)
    assert view(parts, event.id).state == "here", "as its picture does"


def test_a_legal_hold_keeps_the_clip_that_the_review_fetched(parts, office, trainer, clock) -> None:
    (event,) = office.crossings(0)
    office.judge(FALSE)
    bring(office, asked(parts)[0].id, walker(11)[0])
    store, bus = parts.collector._store, parts.services.bus
    held = (alert(parts),)
    review = ReviewService(parts.database, store, held, audit=parts.services.audit, bus=bus, clock=clock)
    review.delete(trainer, queue(parts, trainer)[0].id)
    assert view(parts, event.id).state == "here"
    assert queue(parts, trainer) == ()


def files(parts: Parts) -> list[str]:
    return sorted({path.suffix for path in parts.settings.media_folder.rglob("*") if path.is_file()})


def test_a_report_of_somebody_missed_asks_for_the_film_of_that_moment(parts, office, people, trainer) -> None:
    at = START + timedelta(seconds=90)
    parts.services.review.report_missed(people.officer, "nunukan-01", "gate-1", at, "behind a truck")
    parts.collector.work()
    (command,) = asked(parts)
    (report,) = queue(parts, trainer)
    assert parts.services.review.films(trainer, [report])[command.events[0]].state == "asked"
    assert command.camera == "gate-1"
    assert moment_of(command.events[0]) == at.timestamp(), "an id of that moment"
    film = walker(11)[0]
    bring(office, command.id, film)
    parts.collector.work()
    assert parts.services.clips.read(trainer, command.events[0]) == film
    frames = queue(parts, trainer)
    assert {(one.why, one.note, one.clip) for one in frames} == {("missed", "behind a truck", command.events[0])}
    assert len(frames) == 3
    assert entries(parts, "clip.ask")[0].detail["after"] == "missed"
    parts.services.review.delete(trainer, frames[0].id)
    assert queue(parts, trainer) == (), "the report goes, too"
    assert parts.services.review.deleted(trainer, START) == (command.events[0],)
    assert ".mp4" not in files(parts)


@pytest.mark.parametrize(
    ("review", "expected"),
    [
        pytest.param(ReviewSettings(clips=("false_alarm",)), [], id="another-verdict"),
        pytest.param(ReviewSettings(clips=()), [], id="after-none"),
        pytest.param(ReviewSettings(clips_per_day=0), [], id="none-a-day"),
        pytest.param(ReviewSettings(clips=("explained", "confirmed")), ["review"], id="this-verdict"),
    ],
)
@pytest.mark.parametrize("backend", ["sqlite"])  # the same on any database
def test_the_setting_says_after_what(settings, clock, review, expected) -> None:
    changed = settings.model_copy(update={"review": review})
    some = build_parts(changed, clock=clock, passwords=Passwords(QUICK))
    supervisor = some.services.auth.actor_named("budi")
    office = Office(some, type("People", (), {"supervisor": supervisor}))
    office.crossings(0)
    office.judge(CONFIRMED)
    assert [one.issued_by for one in asked(some)] == expected
    some.database.close()
