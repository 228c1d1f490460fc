"""What people add to an alert: files, ties, and the agencies it is shown to."""

import pytest
from fastapi.testclient import TestClient

from tapal_server.bootstrap import build_server
from tapal_server.errors import ConflictError, ForbiddenError, InvalidError, NotFoundError
from tapal_server.paging import Paging
from tapal_server.people.actor import SYSTEM
from tapal_server.people.passwords import Passwords
from tapal_server.people.roles import Permission, Role
from tests.server.conftest import PASSWORD, QUICK
from tests.server.edges import JPEG, Edge

PDF = b"%PDF-1.7 manifest"


@pytest.fixture
def alert(parts):
    """Somebody landed at Bambangan; there is a picture."""
    edge = Edge(site="bambangan", line="jetty")
    event = edge.crossing()
    parts.intake.take([*edge.sent(event), edge.picture(event)])
    parts.correlator.step()
    return parts.services.alerts.page(SYSTEM, Paging()).items[0]


@pytest.fixture
def other(parts, alert):
    """Another landing, an hour later."""
    parts.intake.take((edge := Edge(node="nunukan-02", site="bambangan", line="jetty")).sent(edge.crossing(3600)))
    parts.correlator.step()
    page = parts.services.alerts.page(SYSTEM, Paging())
    return next(one for one in page.items if one.id != alert.id)


@pytest.fixture
def partner(parts):
    parts.services.people.add(SYSTEM, "bp3mi-ani", PASSWORD, role=Role.PARTNER, agency="BP3MI", sites=frozenset())
    return parts.services.auth.actor_named("bp3mi-ani")


def actions(parts, people, alert) -> list[tuple[str, str]]:
    page = parts.services.audit.page(people.auditor, Paging(), subject=f"alert:{alert.id}")
    return [(link.actor, link.action) for link in reversed(page.items)]


def test_a_file_is_attached_given_back_and_removed(parts, people, alert):
    files = parts.services.attachments
    added = files.add(people.officer, alert.id, "../../Manifes KM 7.pdf", PDF)
    assert (added.name, added.type, added.by) == ("Manifes KM 7.pdf", "application/pdf", "sari")
    assert files.add(people.officer, alert.id, "again.pdf", PDF).id == added.id, "the same file is there once"
    assert files.read(people.supervisor, alert.id, added.id)[1] == PDF
    detail = parts.services.alerts.detail(people.officer, alert.id)
    assert [one.id for one in detail.attachments] == [added.id]
    files.remove(people.supervisor, alert.id, added.id)
    with pytest.raises(NotFoundError):
        files.read(people.officer, alert.id, added.id)
    assert not list((parts.settings.media_folder).rglob("*.file"))
    assert actions(parts, people, alert) == [
        ("sari", "alert.attach"), ("budi", "attachment.view"), ("sari", "alert.view"), ("budi", "alert.detach"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("data", "kind"),
    [
        pytest.param(JPEG, "image/jpeg", id="jpeg"),
        pytest.param(b"\x89PNG\r\n\x1a\n...", "image/png", id="png"),
        pytest.param(b"catatan: perahu biru", "text/plain; charset=utf-8", id="text"),
        pytest.param(b"", None, id="empty"),
        pytest.param(b"<svg onload=alert(1)>", None, id="markup"),
        pytest.param(b"MZ\x00\x90", None, id="program"),
        pytest.param(b"PK\x03\x04\xff\xfe", None, id="archive"),
        pytest.param(b"%PDF-" + b" " * (10 * 1024 * 1024), None, id="too-large"),
    ],
)
def test_only_a_few_kinds_of_file_and_no_large_one(parts, people, alert, data, kind):
    if kind is None:
        with pytest.raises(InvalidError):
            parts.services.attachments.add(people.officer, alert.id, "x.pdf", data)
    else:
        assert parts.services.attachments.add(people.officer, alert.id, "x.pdf", data).type == kind


def test_an_alert_has_so_many_files_and_no_more(parts, people, alert):
    for number in range(20):
        parts.services.attachments.add(people.officer, alert.id, "n", f"note {number}".encode())
    with pytest.raises(ConflictError, match="20 attachments"):
        parts.services.attachments.add(people.officer, alert.id, "n", b"one more")


def test_who_did_not_add_a_file_does_not_remove_it(parts, people, alert):
    added = parts.services.attachments.add(people.supervisor, alert.id, "n", b"text")
    with pytest.raises(ForbiddenError):
        parts.services.attachments.remove(people.officer, alert.id, added.id)
    with pytest.raises(ForbiddenError):
        parts.services.attachments.add(people.admin, alert.id, "n", b"text")


def test_attachments_end_with_their_time_and_not_under_a_hold(parts, people, alert, clock):
    from tapal_server.alerts.states import Outcome
    from tapal_server.keeping.retention import RetentionJob, RetentionSettings
    from tapal_server.media import MediaStore

    parts.services.attachments.add(people.officer, alert.id, "n", PDF)
    clock.move(200 * 86_400)
    assert "attachments" not in parts.retention.work(), "an open alert keeps its files"
    parts.services.alerts.resolve(people.officer, alert.id, Outcome.CONFIRMED, "found them")
    clock.move(91 * 86_400)
    folder = parts.settings.media_folder
    held = RetentionJob(
        parts.database,
        MediaStore(folder),
        RetentionSettings(held_alerts=(alert.id,)),
        audit=parts.services.audit,
        clock=clock,
        review=parts.services.review,
    )
    assert "attachments" not in held.work()
    assert parts.retention.work()["attachments"] == 1
    assert not list(folder.rglob("*.file"))


def test_alerts_are_tied_and_untied_from_either_end(parts, people, alert, other):
    ties, detail = parts.services.ties, parts.services.alerts.detail
    ties.tie(people.officer, alert.id, other.id, "same boat")
    ties.tie(people.officer, other.id, alert.id)
    assert [one.alert_id for one in detail(people.officer, alert.id).linked] == [other.id]
    assert [(one.alert_id, one.why) for one in detail(people.officer, other.id).linked] == [(alert.id, "same boat")]
    with pytest.raises(InvalidError):
        ties.tie(people.officer, alert.id, alert.id)
    with pytest.raises(NotFoundError):
        ties.tie(people.officer, alert.id, "nothing")
    ties.untie(people.officer, other.id, alert.id)
    assert detail(people.officer, alert.id).linked == ()
    with pytest.raises(NotFoundError):
        ties.untie(people.officer, alert.id, other.id)


def test_a_partner_sees_what_is_shared_with_it_until_it_is_taken_back(parts, people, partner, alert, other):
    services = parts.services
    event = alert.event_ids[0]

    def sees_nothing() -> bool:
        with pytest.raises(NotFoundError):
            services.alerts.detail(partner, alert.id)
        with pytest.raises(NotFoundError):
            services.media.read(partner, event)
        return services.alerts.page(partner, Paging()).total == 0

    assert sees_nothing()
    assert services.sharing.agencies(people.supervisor) == ("BP3MI",)
    services.alerts.acknowledge(people.officer, alert.id, "two women, one child")
    services.attachments.add(people.officer, alert.id, "n", PDF)
    given = services.sharing.share(people.supervisor, alert.id, "BP3MI", "needs protection")
    assert services.sharing.share(people.supervisor, alert.id, "BP3MI", "needs protection").id == given.id
    assert [one.id for one in services.alerts.page(partner, Paging()).items] == [alert.id], "and not the other one"
    shown = services.alerts.detail(partner, alert.id)
    assert (shown.pictures, shown.history, shown.records, shown.attachments, shown.alert.assignee) == (
        (event,), (), (), (), None,
    )  # fmt: skip
    assert services.media.read(partner, event)
    services.sharing.end(people.supervisor, alert.id, given.id)
    assert sees_nothing()
    seen = [action for action in actions(parts, people, alert) if action[1] != "alert.attach"]
    assert seen == [
        ("sari", "alert.acknowledge"), ("budi", "alert.share"), ("bp3mi-ani", "alert.view"), ("budi", "alert.unshare"),
    ]  # fmt: skip


def test_sharing_needs_the_right_a_reason_and_an_agency_that_can_look(parts, people, partner, alert):
    share = parts.services.sharing.share
    with pytest.raises(ForbiddenError):
        share(people.officer, alert.id, "BP3MI", "because")
    with pytest.raises(InvalidError, match="reason"):
        share(people.supervisor, alert.id, "BP3MI", " ")
    with pytest.raises(InvalidError, match="'Navy' has no partner"):
        share(people.supervisor, alert.id, "Navy", "because")
    with pytest.raises(NotFoundError):
        share(people.supervisor, "nothing", "BP3MI", "because")


def test_a_partner_reaches_only_the_shared_alert_by_any_id(parts, settings, clock, people, partner, alert, other):
    """Ids of what is not shared are answered as if they did not exist, whatever is asked with them."""
    services = parts.services
    hidden_file = services.attachments.add(people.officer, other.id, "n", PDF)
    shown_file = services.attachments.add(people.officer, alert.id, "n", PDF)
    services.sharing.share(people.supervisor, alert.id, "BP3MI", "needs protection")
    services.ties.tie(people.officer, alert.id, other.id)
    app = build_server(settings, clock=clock, passwords=Passwords(QUICK), console=False)
    client = TestClient(app)
    answer = client.post("/api/v1/sessions", json={"name": "bp3mi-ani", "password": PASSWORD})
    client.cookies.clear()
    headers = {"Authorization": f"Bearer {answer.json()['token']}"}
    refused = {
        "GET": [
            f"alerts/{other.id}", f"media/{other.event_ids[0]}", f"alerts/{other.id}/cap",
            f"alerts/{other.id}/attachments/{hidden_file.id}", f"alerts/{alert.id}/attachments/{hidden_file.id}",
            f"alerts/{alert.id}/attachments/{shown_file.id}", "audit", "users", "agencies", "feeds",
        ],
        "POST": [f"alerts/{alert.id}/acknowledge", f"alerts/{alert.id}/welfare"],
    }  # fmt: skip
    for method, paths in refused.items():
        for path in paths:
            assert client.request(method, f"/api/v1/{path}", headers=headers, json={}).status_code in {403, 404}, path
    shown = client.get(f"/api/v1/alerts/{alert.id}", headers=headers).text
    assert other.id not in shown, "a tie does not give away what it leads to"
    for path in ("events", "passages", "handovers", "nodes", "shelves", "sites"):
        assert client.get(f"/api/v1/{path}", headers=headers).json()["total"] == 0
    app.state.parts.database.close()


def test_a_partners_token_is_no_way_round(parts, people, partner, alert):
    token = parts.services.tokens.create(partner, "feed", frozenset({Permission.SEE})).token
    assert parts.services.alerts.page(parts.services.auth.actor_for(token), Paging()).total == 0


def test_a_file_over_http_is_saved_and_never_shown(parts, settings, clock, people, alert):
    app = build_server(settings, clock=clock, passwords=Passwords(QUICK), console=False)
    client = TestClient(app)
    client.post("/api/v1/sessions", json={"name": "sari", "password": PASSWORD})
    url, origin = f"/api/v1/alerts/{alert.id}/attachments", {"Origin": "http://testserver"}
    made = client.post(f"{url}?name=surat jalan.pdf", content=PDF, headers=origin)
    assert made.status_code == 201
    answer = client.get(f"{url}/{made.json()['id']}")
    assert (answer.content, answer.headers["content-type"]) == (PDF, "application/pdf")
    assert answer.headers["content-disposition"] == "attachment; filename*=UTF-8''surat%20jalan.pdf"
    assert "sandbox" in answer.headers["content-security-policy"]
    too_large = client.post(f"{url}?name=x", content=b"%PDF-" + b" " * (11 * 1024 * 1024), headers=origin)
    assert (too_large.status_code, too_large.json()["errors"][0]["field"]) == (422, "body")
    app.state.parts.database.close()
