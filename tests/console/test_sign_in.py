from dataclasses import replace

import pytest

from tapal_server.console.ports import RefusedError
from tapal_server.web import local_path
from tests.console.conftest import sign_in
from tests.console.fakes import OFFICER


async def test_a_stranger_is_sent_to_the_sign_in_page_and_back_afterwards(stranger):
    answer = await stranger.http_client.get("/alerts/a1?x=1")
    assert answer.status_code == 303
    assert answer.headers["location"] == "/sign-in?next=%2Falerts%2Fa1%3Fx%3D1"
    page = await stranger.http_client.get(answer.headers["location"])
    assert 'value="/alerts/a1?x=1"' in page.text


async def test_the_sign_in_page_speaks_indonesian_first(stranger):
    page = await stranger.http_client.get("/sign-in")
    assert '<html lang="id"' in page.text
    assert "Kata sandi" in page.text
    stranger.http_client.cookies.set("tapal_language", "en")
    assert "Password" in (await stranger.http_client.get("/sign-in")).text


async def test_a_right_password_opens_the_duty_page(stranger):
    answer = await sign_in(stranger)
    assert (answer.status_code, answer.headers["location"]) == (303, "/")
    cookie = answer.headers["set-cookie"].lower()
    assert "httponly" in cookie
    assert "samesite=lax" in cookie
    await stranger.open("/")
    await stranger.should_see("Perlu tindakan")


async def test_a_wrong_password_says_so_and_keeps_the_name(stranger):
    answer = await stranger.http_client.post("/sign-in", data={"username": "sari", "password": "nope"})
    assert answer.status_code == 401
    assert "tidak cocok" in answer.text
    assert 'value="sari"' in answer.text


@pytest.mark.parametrize(
    ("refused", "status", "words"),
    [
        pytest.param(RefusedError("limited", retry_after_s=300), 429, "dalam 5 menit", id="too-many"),
        pytest.param(RefusedError("code"), 401, "Kode autentikator", id="second-factor"),
        pytest.param(RefusedError("over"), 401, "Kata sandi awal ini", id="first-password-over"),
    ],
)
async def test_a_refused_sign_in_says_what_to_do(stranger, desk, refused, status, words):
    desk.refuse = refused
    answer = await sign_in(stranger)
    assert answer.status_code == status
    assert words in answer.text


async def test_a_form_of_another_site_is_refused(stranger):
    form = {"username": "sari", "password": "correct horse"}
    answer = await stranger.http_client.post("/sign-in", data=form, headers={"origin": "https://evil.example"})
    assert answer.status_code == 403


async def test_signing_out_ends_the_session(officer, desk):
    answer = await officer.http_client.post("/sign-out")
    assert answer.headers["location"] == "/sign-in"
    assert desk.sessions == {}
    assert (await officer.http_client.get("/")).status_code == 303


@pytest.mark.parametrize(
    ("wanted", "path"),
    [
        pytest.param("/alerts/1?x=2", "/alerts/1?x=2", id="own-path"),
        pytest.param("https://evil.example/", "/", id="other-site"),
        pytest.param("//evil.example/", "/", id="no-scheme"),
        pytest.param("/\\evil.example/", "/", id="backslash"),
        pytest.param("javascript:alert(1)", "/", id="script"),
    ],
)
def test_the_way_back_stays_on_this_site(wanted, path):
    assert local_path(wanted) == path


async def test_a_script_in_the_name_is_shown_as_text(stranger):
    answer = await stranger.http_client.post("/sign-in", data={"username": '"><script>x', "password": "p"})
    assert "<script>x" not in answer.text


async def test_an_unknown_address_leads_back_in_ones_own_language(stranger):
    answer = await stranger.http_client.get("/nothing", headers={"accept": "text/html"})
    assert answer.status_code == 404
    assert "Halaman ini tidak ada" in answer.text
    assert 'href="/"' in answer.text
    assert (await stranger.http_client.get("/nothing")).json() == {"detail": "Not Found"}


async def test_a_first_password_has_to_be_changed(stranger, desk):
    desk.people["sari"] = replace(OFFICER, must_change_password=True)
    await sign_in(stranger)
    assert (await stranger.http_client.get("/")).headers["location"] == "/password"
    assert "Kata sandi baru" in (await stranger.http_client.get("/password")).text
    short = await stranger.http_client.post("/password", data={"old": "correct horse", "new": "short"})
    assert short.status_code == 422
    assert "Tidak diganti" in short.text
    right = await stranger.http_client.post("/password", data={"old": "correct horse", "new": "perahu-kecil-biru"})
    assert right.headers["location"] == "/sign-in"


async def test_a_second_factor_that_is_demanded_is_set_up_first(stranger, desk):
    desk.people["sari"] = replace(OFFICER, needs_second_factor=True)
    await sign_in(stranger)
    assert (await stranger.http_client.get("/")).headers["location"] == "/second-factor"
    page = (await stranger.http_client.get("/second-factor")).text
    assert "ABCD EFGH IJKL MNOP" in page
    form = {"secret": "ABCDEFGHIJKLMNOP", "code": "287082", "password": "correct horse"}
    for field, value, said in (("code", "1", "Kode tidak cocok"), ("password", "guessed", "Kata sandi salah")):
        wrong = await stranger.http_client.post("/second-factor", data=form | {field: value})
        assert wrong.status_code == 422
        assert said in wrong.text
    right = await stranger.http_client.post("/second-factor", data=form)
    assert right.headers["location"] == "/"
    assert not desk.people["sari"].needs_second_factor
