"""Signing in through an OpenID Connect provider that runs on a port of this machine."""

from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from fastapi.testclient import TestClient
from joserfc.jwk import RSAKey
from pydantic import ValidationError
from sqlalchemy import select

from tapal_server.bootstrap import build_server
from tapal_server.db.tables import AuditRow, UserRow
from tapal_server.people.passwords import Passwords
from tapal_server.people.roles import Role
from tapal_server.settings import HttpSettings, OidcSettings, Settings
from tests.server.conftest import PASSWORD, QUICK
from tests.support.provider import CLIENT, SECRET, Provider, provider

PUBLIC = "http://testserver"


@pytest.fixture
def backend() -> str:
    """The two databases differ in nothing that matters here; the accounts' own tests run on both."""
    return "sqlite"


@pytest.fixture(scope="module")
def running():
    with provider() as made:
        yield made


@pytest.fixture
def office(running) -> Provider:
    running.claims, running.lie = {"sub": "u-1", "preferred_username": "sari"}, {}
    running.asked.clear()
    running.refusals.clear()
    running.rotate()
    return running


@pytest.fixture
def browser(request, settings, clock, people, office):
    """Somebody's browser before the server, whose provider may be told to lie."""
    more = getattr(request, "param", {})
    chosen = settings.model_copy(
        update={
            "http": HttpSettings(public_url=PUBLIC),
            "oidc": OidcSettings(issuer=office.issuer, client_id=CLIENT, client_secret=SECRET, **more),
        }
    )
    app = build_server(chosen, clock=clock, passwords=Passwords(QUICK), console=False)
    yield TestClient(app, follow_redirects=False)
    app.state.parts.database.close()


def go(browser: TestClient, following: str = "/alerts") -> httpx.Response:
    """There and back again; the answer is of the address the provider sends people back to."""
    begun = browser.get("/oidc/start", params={"next": following})
    assert begun.status_code == 303, begun.text
    sent_back = httpx.get(begun.headers["location"], follow_redirects=False)
    return browser.get(sent_back.headers["location"].removeprefix(PUBLIC))


def me(browser: TestClient) -> httpx.Response:
    return browser.get("/api/v1/sessions/current")


def user(browser: TestClient, name: str) -> UserRow:
    with browser.app.state.parts.database.read() as session:
        return session.scalars(select(UserRow).where(UserRow.name == name)).one()


def test_somebody_who_is_known_comes_in_and_goes_where_they_wanted(browser, office):
    answer = go(browser)
    assert (answer.status_code, answer.headers["location"]) == (303, "/alerts")
    cookie = answer.headers["set-cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=lax" in cookie
    assert (me(browser).json()["name"], me(browser).json()["role"]) == ("sari", "officer")
    (asked,) = office.asked
    assert asked["code_challenge_method"] == "S256"
    assert min(len(asked[name]) for name in ("state", "nonce", "code_challenge")) >= 32
    assert asked["redirect_uri"] == f"{PUBLIC}/oidc/return"
    assert user(browser, "sari").subject == f"{office.issuer}|u-1"


def test_whoever_is_not_known_gets_nothing(browser, office):
    office.claims = {"sub": "u-9", "preferred_username": "orang-lain"}
    answer = go(browser)
    assert (answer.status_code, "tapal_session" in browser.cookies) == (403, False)
    assert "no account" in answer.text
    assert me(browser).status_code == 401
    with browser.app.state.parts.database.read() as session:
        actions = session.scalars(select(AuditRow.action).order_by(AuditRow.seq.desc()).limit(1)).all()
    assert actions == ["session.refused"]


def test_a_closed_account_stays_closed(browser, people):
    browser.app.state.parts.services.people.change(people.admin, "sari", disabled=True)
    assert go(browser).status_code == 403


def test_a_name_that_passes_to_somebody_else_takes_no_account_with_it(browser, office):
    assert go(browser).status_code == 303
    browser.cookies.clear()
    office.claims = {"sub": "u-2", "preferred_username": "sari"}
    assert go(browser).status_code == 403
    office.claims = {"sub": "u-1", "preferred_username": "sari-baru"}
    assert go(browser).status_code == 303, "the account follows the person, whatever the name is now"
    assert me(browser).json()["name"] == "sari"


@pytest.mark.parametrize(
    ("lie", "status", "words"),
    [
        pytest.param({"nonce": "another"}, 502, "cannot be believed", id="nonce"),
        pytest.param({"aud": "another"}, 502, "cannot be believed", id="audience"),
        pytest.param({"aud": ["tapal", "another"]}, 502, "cannot be believed", id="two-audiences"),
        pytest.param({"iss": "https://elsewhere.example"}, 502, "cannot be believed", id="issuer"),
        pytest.param({"exp": 1_000_000_000}, 502, "cannot be believed", id="expired"),
        pytest.param({"exp": None}, 502, "cannot be believed", id="without-end"),
        pytest.param({"sub": None}, 502, "cannot be believed", id="nobody"),
        pytest.param({"preferred_username": None}, 502, "cannot be believed", id="without-name"),
        pytest.param({"error": "access_denied"}, 401, "refused", id="refused"),
    ],
)
def test_what_the_provider_says_is_checked(browser, office, lie, status, words):
    office.lie = lie
    answer = go(browser)
    assert (answer.status_code, words in answer.text) == (status, True)
    assert me(browser).status_code == 401


def test_a_token_that_somebody_else_signed_is_not_believed(browser, office):
    office.published = [RSAKey.generate_key(2048, {"kid": office.key.kid, "use": "sig"}, private=True)]
    assert go(browser).status_code == 502


def test_keys_that_the_provider_changed_are_read_again(browser, office):
    assert go(browser).status_code == 303
    office.rotate()
    assert go(browser).status_code == 303


def test_a_provider_that_calls_itself_otherwise_is_not_used(browser, office):
    office.lie = {"issuer": "https://elsewhere.example"}
    answer = browser.get("/oidc/start")
    assert (answer.status_code, "does not answer" in answer.text) == (502, True)


def test_an_answer_that_was_not_asked_for_here_is_refused(browser, office):
    """Somebody could else be signed in as another by a link (login CSRF)."""
    begun = browser.get("/oidc/start")
    back = httpx.get(begun.headers["location"], follow_redirects=False).headers["location"].removeprefix(PUBLIC)
    state = parse_qs(urlsplit(back).query)["state"][0]
    assert browser.get(back.replace(state, "x" * len(state))).status_code == 400
    stranger = TestClient(browser.app, follow_redirects=False)
    assert stranger.get(back).status_code == 400, "the cookie that began it is missing"


def test_a_code_works_once_and_only_with_its_verifier(browser, office):
    begun = browser.get("/oidc/start")
    sealed = browser.cookies["tapal_oidc"]
    back = httpx.get(begun.headers["location"], follow_redirects=False).headers["location"].removeprefix(PUBLIC)
    assert browser.get(back).status_code == 303
    again = TestClient(browser.app, follow_redirects=False, cookies={"tapal_oidc": sealed})
    assert again.get(back).status_code == 401
    assert "code" in office.refusals


@pytest.mark.parametrize("following", ["https://elsewhere.example/", "//elsewhere.example", "/\\elsewhere"])
def test_nobody_is_sent_elsewhere_afterwards(browser, following):
    assert go(browser, following).headers["location"] == "/"


ROLES = {"role_claim": "realm_access.roles", "roles": {"kasi": "supervisor", "jaga": "officer"}}


@pytest.mark.parametrize("browser", [ROLES], indirect=True)
def test_roles_come_from_the_provider_where_the_settings_say_so(browser, office):
    office.claims |= {"realm_access": {"roles": ["offline", "jaga", "kasi"]}}
    assert go(browser).status_code == 303
    assert me(browser).json()["role"] == "supervisor", "the first of the settings that fits"
    office.claims |= {"realm_access": {"roles": ["jaga"]}}
    old = browser.cookies["tapal_session"]
    assert go(browser).status_code == 303
    assert Role(user(browser, "sari").role) is Role.OFFICER
    headers = {"Authorization": f"Bearer {old}"}
    assert browser.get("/api/v1/sessions/current", headers=headers).status_code == 401, "rights shrank"
    office.claims |= {"realm_access": {"roles": ["tamu"]}}
    answer = go(browser)
    assert (answer.status_code, "no role" in answer.text) == (403, True)


def test_an_account_with_a_second_factor_needs_one_there_too(browser, office, people):
    services = browser.app.state.parts.services
    from tapal_server.people.totp import code_at

    secret, _ = services.people.propose_second_factor(people.officer)
    import base64

    step = int(services.clock.now().timestamp()) // 30
    services.people.confirm_second_factor(
        people.officer, secret, code_at(base64.b32decode(secret), step), password=PASSWORD
    )
    assert go(browser).status_code == 403
    office.claims |= {"amr": ["pwd", "otp"]}
    assert go(browser).status_code == 303


def test_a_first_password_is_of_no_use_once_its_owner_came_through_the_provider(browser, people):
    services = browser.app.state.parts.services
    services.people.set_password(people.admin, "sari", PASSWORD + "-sementara")
    assert go(browser).status_code == 303
    assert me(browser).json()["must_change_password"] is False
    body = {"name": "sari", "password": PASSWORD + "-sementara"}
    assert browser.post("/api/v1/sessions", json=body).status_code == 401


def test_without_settings_there_is_no_such_address(settings, clock, people):
    app = build_server(settings, clock=clock, passwords=Passwords(QUICK), console=False)
    assert TestClient(app).get("/oidc/start").status_code == 404
    app.state.parts.database.close()


@pytest.mark.parametrize(
    ("oidc", "words"),
    [
        pytest.param({"issuer": "http://provider.example"}, "write https://", id="not-https"),
        pytest.param({"scopes": ["profile"]}, "add openid", id="scopes"),
        pytest.param({"role_claim": "roles"}, "go together", id="claim-without-roles"),
        pytest.param({"roles": {"x": "officer"}}, "go together", id="roles-without-claim"),
        pytest.param({}, "public_url", id="nowhere-to-come-back"),
    ],
)
def test_settings_that_cannot_work_say_why(oidc, words):
    with pytest.raises(ValidationError, match=words):
        Settings.model_validate({"oidc": {"issuer": "https://provider.example", "client_id": "x"} | oidc})


def test_the_sign_in_page_leads_to_the_provider_where_there_is_one(settings, clock, people, browser):
    from tapal_server.console.session import router

    def page(app) -> str:
        app.state.tapal_language = "en"
        app.include_router(router(None, secure=False))
        return TestClient(app).get("/sign-in", params={"next": "/alerts?a=1&b=2"}).text

    assert 'href="/oidc/start?next=%2Falerts%3Fa%3D1%26b%3D2"' in page(browser.app)
    plain = build_server(settings, clock=clock, passwords=Passwords(QUICK), console=False)
    assert "/oidc/start" not in page(plain)
    plain.state.parts.database.close()
