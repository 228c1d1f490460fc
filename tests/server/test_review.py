"""Pictures on their way from a verdict to a label, and their end."""

from datetime import timedelta

import pytest

from tapal_server.alerts.states import Outcome
from tapal_server.errors import ConflictError, ForbiddenError, InvalidError, NotFoundError
from tapal_server.models.propagating import Keyframe, ReviewBox, carried
from tapal_server.paging import Paging
from tapal_server.people.actor import SYSTEM
from tapal_server.people.roles import Role
from tapal_server.voyages.entries import PlanEntry
from tests.server.edges import START, Edge


@pytest.fixture
def backend() -> str:
    """Enough on one kind of database; the tables themselves are tested on both."""
    return "sqlite"


def box(x: float, label: str = "person", y: float = 0.2, confidence: float | None = None) -> ReviewBox:
    return ReviewBox(label=label, x1=x, y1=y, x2=x + 0.1, y2=y + 0.4, confidence=confidence)


@pytest.fixture
def trainer(parts):
    parts.services.people.add(SYSTEM, "tini", "kapal-besar-biru", role=Role.TRAINER, sites=frozenset())
    return parts.services.auth.actor_named("tini")


class Office:
    """A server with crossings of one unofficial jetty, each an alert with a picture."""

    def __init__(self, parts, people) -> None:
        self.parts, self.people = parts, people
        self.edge = Edge(site="bambangan", line="jetty")
        self.parts.intake.take([self.edge.state()])

    def crossings(self, *at_s: float, **changes):
        events = [self.edge.crossing(at, **changes) for at in at_s]
        pictures = [self.edge.picture(event) for event in events]
        self.parts.intake.take([*self.edge.sent(*events), *pictures])
        self.parts.correlator.step()
        return events

    def judge(self, outcome: Outcome) -> None:
        alerts = self.parts.services.alerts
        for one in alerts.page(self.people.supervisor, Paging()).items:
            if one.state != "resolved":
                alerts.resolve(self.people.supervisor, one.id, outcome, "looked at")
        self.parts.collector.work()


@pytest.fixture
def office(parts, people) -> Office:
    return Office(parts, people)


def queue(parts, trainer, **wanted):
    return parts.services.review.page(trainer, Paging(), **wanted).items


def test_a_verdict_queues_its_pictures_once_with_what_the_edge_saw(parts, office, trainer) -> None:
    (event,) = office.crossings(0, box=(0.1, 0.2, 0.3, 0.9), confidence=0.7)
    assert queue(parts, trainer) == (), "nobody has judged it yet"
    office.judge(Outcome.CONFIRMED)
    assert parts.collector.work() == 0
    (item,) = queue(parts, trainer)
    assert (item.event_id, item.why, item.camera, item.state) == (event.id, "confirmed", "gate-1", "open")
    detail = parts.services.review.get(trainer, item.id)
    assert detail.boxes is None
    assert detail.proposals == (ReviewBox(label="person", x1=0.1, y1=0.2, x2=0.3, y2=0.9, confidence=0.7),)
    assert parts.services.review.picture(trainer, item.id) == parts.services.media.read(trainer, event.id)


def test_what_a_late_row_or_a_plan_explained_is_nobodys_verdict(parts, office, trainer) -> None:
    office.crossings(0)
    hour = timedelta(hours=1)
    plan = PlanEntry(site="bambangan", starts_at=START - hour, ends_at=START + hour, kind="exercise", note="latihan")
    parts.services.plans.enter(SYSTEM, plan)
    parts.correlator.step()
    (alert,) = parts.services.alerts.page(SYSTEM, Paging()).items
    assert (alert.state, alert.outcome) == ("resolved", Outcome.EXPLAINED)
    assert parts.collector.work() == 0
    assert queue(parts, trainer) == ()


def test_those_come_first_from_which_most_is_learned(parts, office, trainer) -> None:
    office.crossings(0, confidence=0.95)
    office.judge(Outcome.CONFIRMED)
    office.crossings(7200, confidence=0.3)
    office.judge(Outcome.CONFIRMED)
    office.crossings(14400, confidence=0.9)
    office.judge(Outcome.FALSE_ALARM)
    found = queue(parts, trainer)
    assert [item.why for item in found] == ["false_alarm", "confirmed", "confirmed"]
    assert [item.uncertainty for item in found] == sorted((item.uncertainty for item in found), reverse=True)
    assert next(iter(queue(parts, trainer, order="newest"))).taken_at == START + timedelta(hours=4)


def test_where_models_disagree_is_looked_at_first(parts, office, trainer, people) -> None:
    office.crossings(0, 600, 1200, confidence=0.9)
    office.judge(Outcome.CONFIRMED)
    review = parts.services.review
    first, second, third = sorted(queue(parts, trainer), key=lambda one: one.taken_at)
    assert first.disagreement is None
    noted = review.disagree(trainer, {second.id: 0.9, third.id: 0.01, "gone": 1.0}, "default@1 and teacher")
    assert noted == 2
    assert next(iter(queue(parts, trainer))).id == second.id
    (again,) = [one for one in queue(parts, trainer) if one.id == second.id]
    assert (again.disagreement, again.version) == (0.9, second.version), "who draws in it is not disturbed"
    with pytest.raises(ForbiddenError):
        review.disagree(people.officer, {first.id: 1.0}, "a and b")


def test_boxes_are_accepted_moved_added_and_deleted(parts, office, trainer) -> None:
    office.crossings(0)
    office.judge(Outcome.CONFIRMED)
    review = parts.services.review
    (item,) = queue(parts, trainer)
    saved = review.save(trainer, item.id, [box(0.2), box(0.6, "boat")], expected_version=item.version)
    assert (saved.view.state, saved.boxes) == ("done", (box(0.2), box(0.6, "boat")))
    with pytest.raises(ConflictError, match="somebody else"):
        review.save(trainer, item.id, [box(0.2)], expected_version=item.version)
    negative = review.save(trainer, item.id, [], negative=True)
    assert (negative.view.negative, negative.boxes) == (True, ())
    assert review.reopen(trainer, item.id).view.state == "open"
    assert review.skip(trainer, item.id).view.state == "skipped"
    assert {entry.action for entry in parts.services.audit.page(SYSTEM, Paging()).items} >= {"review.save"}


@pytest.mark.parametrize(
    ("boxes", "negative", "field"),
    [
        pytest.param([], False, "boxes", id="neither"),
        pytest.param([box(0.2)], True, "boxes", id="both"),
        pytest.param([box(0.2, "smuggler")], False, "boxes.0.label", id="no-label-of-ours"),
        pytest.param([box(0.2), box(0.95)], False, "boxes.1", id="off-the-picture"),
    ],
)
def test_labels_that_cannot_be_are_refused(parts, office, trainer, boxes, negative, field) -> None:
    office.crossings(0)
    office.judge(Outcome.CONFIRMED)
    with pytest.raises(InvalidError) as error:
        parts.services.review.save(trainer, queue(parts, trainer)[0].id, boxes, negative=negative)
    assert error.value.field == field


def test_a_missed_crossing_queues_what_was_sent_around_it(parts, office, people, trainer) -> None:
    office.crossings(0, 30)
    office.crossings(600)
    review = parts.services.review
    told = review.report_missed(people.officer, "nunukan-01", "gate-1", START + timedelta(seconds=20), "behind a truck")
    assert [item.why for item in told] == ["missed"] * 3
    assert [item.has_picture for item in sorted(told, key=lambda one: one.taken_at)] == [True, False, True]
    (report,) = [item for item in told if not item.has_picture]
    with pytest.raises(ConflictError, match="no picture"):
        review.save(trainer, report.id, [box(0.1)])
    with pytest.raises(NotFoundError):
        review.report_missed(people.officer, "nowhere", "gate-1", START, "")
    with pytest.raises(ForbiddenError):
        review.report_missed(trainer, "nunukan-01", "gate-1", START, "")


def test_boxes_are_carried_through_the_clip(parts, office, trainer) -> None:
    office.crossings(0, 1, 2, 3)
    office.crossings(3600)
    office.judge(Outcome.CONFIRMED)
    review = parts.services.review
    items = sorted(queue(parts, trainer), key=lambda one: one.taken_at)
    review.save(trainer, items[0].id, [box(0.5)])
    review.save(trainer, items[2].id, [box(0.7)])
    carried_on = review.propagate(trainer, items[0].id)
    assert [one.view.id for one in carried_on] == [items[1].id, items[3].id], "not another hour's"
    assert [round(one.proposals[0].x1, 3) for one in carried_on] == [0.6, 0.8]
    with pytest.raises(ConflictError, match="label this picture first"):
        review.propagate(trainer, items[4].id)


def test_what_is_deleted_is_told_and_does_not_come_back(parts, office, trainer) -> None:
    (event,) = office.crossings(0)
    office.judge(Outcome.CONFIRMED)
    review = parts.services.review
    (item,) = queue(parts, trainer)
    review.delete(trainer, item.id)
    assert review.deleted(trainer, START - timedelta(days=1)) == (event.id,)
    assert parts.collector.work() == 0
    with pytest.raises(NotFoundError):
        review.get(trainer, item.id)


def test_the_review_ends_with_its_period(parts, office, trainer, clock) -> None:
    (event,) = office.crossings(0)
    office.judge(Outcome.CONFIRMED)
    clock.move(91 * 86400)
    assert parts.retention.work()["review"] == 1
    assert parts.services.review.deleted(trainer, START) == (event.id,)
    assert queue(parts, trainer) == ()


def test_nobody_sees_pictures_of_another_site_or_without_the_permission(parts, office, people) -> None:
    office.crossings(0)
    office.judge(Outcome.CONFIRMED)
    with pytest.raises(ForbiddenError):
        parts.services.review.page(people.officer, Paging())
    parts.services.people.add(SYSTEM, "tono", "kapal-besar-biru", role=Role.TRAINER, sites=frozenset({"tunon-taka"}))
    assert queue(parts, parts.services.auth.actor_named("tono")) == ()


@pytest.mark.parametrize(
    ("known", "at_s", "proposals", "expected"),
    [
        pytest.param([], 1, [box(0.3)], [], id="nothing-labelled"),
        pytest.param([Keyframe(0, (box(0.2),))], 1, [], [box(0.2)], id="one-stands"),
        pytest.param([Keyframe(0, (box(0.2),))], 1, [box(0.24, confidence=0.5)], [box(0.24)], id="snaps-to-the-edges"),
        pytest.param([Keyframe(0, (box(0.2),))], 1, [box(0.21, "boat")], [box(0.2)], id="not-to-another-label"),
        pytest.param([Keyframe(0, (box(0.8),)), Keyframe(1, (box(0.88),))], 4, [], [], id="has-left"),
        pytest.param(
            [Keyframe(0, (box(0.0),)), Keyframe(0.1, (box(0.9),))], 0.05, [], [box(0.0)], id="too-far-to-be-it"
        ),
    ],
)
def test_carrying_on(known, at_s, proposals, expected) -> None:
    found = carried(known, at_s, proposals)
    assert [round(one.x1, 6) for one in found] == [one.x1 for one in expected]
    assert [one.label for one in found] == [one.label for one in expected]
