"""Who is told what: the file's rules, then the office's own, checked, audited and in force at once."""

import pytest

from tapal_server.errors import ConflictError, ForbiddenError, InvalidError
from tapal_server.notify.book import read_rules
from tapal_server.paging import Paging
from tapal_server.parts import build_parts
from tests.server.edges import Edge
from tests.server.test_desk import NOTIFY, Post, land

QUIET = {"rules": [], "escalation": [], "push_least_severity": "high"}


@pytest.fixture
def post() -> Post:
    return Post()


@pytest.fixture
def office(settings, clock, post, people):
    built = build_parts(settings.model_copy(update={"notify": NOTIFY}), clock=clock, send=post)
    yield built
    built.database.close()


def test_until_somebody_changes_them_the_file_holds(office, people):
    found = office.services.rules.get(people.admin)
    assert [rule.channel for rule in found.rules.rules] == ["duty", "protection"]
    assert (found.version, found.changed_by) == (0, None)


def test_what_an_administrator_changes_counts_at_once_and_is_on_record(office, people, post):
    book = office.services.rules
    changed = book.change(people.admin, read_rules(QUIET), expected_version=0)
    assert (changed.version, changed.changed_by) == (1, "admin")
    land(office, Edge(site="bambangan", line="jetty"))
    office.notifier.work()
    assert post.sent == [], "nobody is to be told any more"
    back = book.forget(people.admin, expected_version=1)
    assert (back.version, len(back.rules.rules)) == (2, 2)
    office.notifier.work()
    assert [url for url, _, _ in post.sent] == ["json://localhost"]
    (newest, oldest) = office.services.audit.page(people.auditor, Paging(), action="notify.rules").items
    assert oldest.detail["before"]["rules"][0]["channel"] == "duty"
    assert newest.detail["after"] == "the settings file"


@pytest.mark.parametrize(
    ("rule", "field", "says"),
    [
        pytest.param({"channel": "nobody"}, "channel", "choose among duty, protection", id="channel"),
        pytest.param({"channel": "duty", "sites": ["moon"]}, "site", "site 'moon' is not known", id="site"),
        pytest.param({"channel": "duty", "kinds": ["rain"]}, "kind", "kind 'rain' is not known", id="kind"),
        pytest.param({"channel": "duty", "on": []}, "rules", "has no occasion", id="never"),
        pytest.param({"channel": "duty", "timezone": "Mars"}, "timezone", "'Mars'", id="zone"),
    ],
)
def test_what_cannot_be_is_named(office, people, rule, field, says):
    with pytest.raises(InvalidError, match=says) as refused:
        office.services.rules.change(people.admin, read_rules(QUIET | {"rules": [rule]}), expected_version=0)
    assert refused.value.field == field


def test_a_severity_that_is_none_and_steps_in_disorder_are_refused(office, people):
    with pytest.raises(InvalidError, match="least_severity"):
        read_rules(QUIET | {"rules": [{"channel": "duty", "least_severity": "huge"}]})
    steps = [{"after_minutes": 15}, {"after_minutes": 5}]
    with pytest.raises(InvalidError, match="later than the one before"):
        office.services.rules.change(people.admin, read_rules(QUIET | {"escalation": steps}), expected_version=0)


def test_who_comes_second_has_to_look_again_and_others_may_not(office, people):
    book = office.services.rules
    book.change(people.admin, read_rules(QUIET), expected_version=0)
    with pytest.raises(ConflictError):
        book.change(people.admin, read_rules(QUIET), expected_version=0)
    with pytest.raises(ForbiddenError):
        book.get(people.officer)
