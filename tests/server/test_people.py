from base64 import b32decode
from datetime import timedelta

import pytest
from sqlalchemy import delete

from tapal_server.db.tables import SessionRow, UserRow
from tapal_server.errors import (
    CodeNeededError,
    ConflictError,
    FirstPasswordOverError,
    ForbiddenError,
    InvalidError,
    NotFoundError,
    SignInError,
    TooManyAttemptsError,
)
from tapal_server.paging import Paging
from tapal_server.people.auth import AuthService, Outside
from tapal_server.people.passwords import Passwords
from tapal_server.people.roles import Permission, Role
from tapal_server.people.totp import code_at
from tapal_server.settings import SignInSettings
from tests.server.conftest import PASSWORD, QUICK


def test_sign_in_gives_a_token_that_names_the_person(parts, people):
    auth = parts.services.auth
    signed_in = auth.sign_in(" Sari ", PASSWORD, client="127.0.0.1")
    actor = auth.actor_for(signed_in.token)
    assert actor == signed_in.actor
    assert (actor.name, actor.role, actor.sites) == ("sari", Role.OFFICER, frozenset())


@pytest.mark.parametrize(
    ("name", "password"),
    [pytest.param("sari", "wrong", id="password"), pytest.param("nobody", PASSWORD, id="name")],
)
def test_what_was_wrong_is_not_said(parts, people, name, password):
    with pytest.raises(SignInError, match=r"^the name, the password or the code is wrong$"):
        parts.services.auth.sign_in(name, password)


def test_neither_password_nor_token_is_stored(parts, people):
    token = parts.services.auth.sign_in("sari", PASSWORD).token
    with parts.database.read() as session:
        stored = [str(vars(row)) for table in (UserRow, SessionRow) for row in session.query(table)]
    assert stored
    assert not any(PASSWORD in text or token in text for text in stored)


def test_after_some_failures_one_waits_and_the_wait_grows(parts, people, clock):
    auth = parts.services.auth
    for _ in range(5):
        with pytest.raises(SignInError):
            auth.sign_in("sari", "wrong")
    with pytest.raises(TooManyAttemptsError) as refused:
        auth.sign_in("sari", PASSWORD)
    assert refused.value.retry_after_s == 30
    clock.move(31)
    with pytest.raises(SignInError):
        auth.sign_in("sari", "wrong")
    with pytest.raises(TooManyAttemptsError) as refused:
        auth.sign_in("sari", PASSWORD)
    assert refused.value.retry_after_s == 60
    clock.move(61)
    assert auth.sign_in("sari", PASSWORD).token
    assert auth.sign_in("budi", PASSWORD).token, "others are not held up"


def test_a_session_ends(parts, people, clock):
    auth = parts.services.auth
    first, second, third = (auth.sign_in("sari", PASSWORD).token for _ in range(3))
    auth.sign_out(first)
    assert auth.actor_for(first) is None
    auth.revoke_session(people.admin, auth.actor_for(second).session_id)
    assert auth.actor_for(second) is None
    clock.move(timedelta(hours=3).total_seconds())
    assert auth.actor_for(third)
    clock.move(timedelta(hours=5).total_seconds())
    assert auth.actor_for(third) is None, "idle too long"


def test_a_password_that_somebody_else_chose_is_of_no_use_when_nobody_changed_it_in_time(parts, people, clock):
    auth, directory = parts.services.auth, parts.services.people
    directory.set_password(people.admin, "sari", "perahu-besar-merah")
    clock.move(72 * 3600)
    auth.sign_in("sari", "perahu-besar-merah")
    clock.move(1)
    with pytest.raises(FirstPasswordOverError, match="ask the administrator for another one"):
        auth.sign_in("sari", "perahu-besar-merah")
    with pytest.raises(SignInError, match="wrong"):
        auth.sign_in("sari", "another")
    directory.set_password(people.admin, "sari", "perahu-kecil-merah")
    signed = auth.sign_in("sari", "perahu-kecil-merah")
    directory.change_own_password(signed.actor, "perahu-kecil-merah", "sampan-hijau-muda")
    clock.move(400 * 86400)
    assert auth.sign_in("sari", "sampan-hijau-muda").actor.name == "sari"


def test_a_session_of_somebody_else_does_not_exist(parts, people):
    theirs = parts.services.auth.sign_in("admin", PASSWORD).actor
    with pytest.raises(NotFoundError):
        parts.services.auth.revoke_session(people.officer, theirs.session_id)


def test_changed_rights_end_sessions_at_once(parts, people):
    services = parts.services
    token = services.auth.sign_in("sari", PASSWORD).token
    services.people.change(people.admin, "sari", sites=frozenset({"bambangan"}))
    assert services.auth.actor_for(token) is None
    assert services.auth.sign_in("sari", PASSWORD).actor.sites == {"bambangan"}
    services.people.change(people.admin, "sari", disabled=True)
    with pytest.raises(SignInError):
        services.auth.sign_in("sari", PASSWORD)


def test_only_an_administrator_manages_people(parts, people):
    with pytest.raises(ForbiddenError, match="'sari' may not"):
        parts.services.people.add(people.officer, "rini", PASSWORD, role=Role.ADMIN)
    with pytest.raises(ConflictError, match="own role"):
        parts.services.people.change(people.admin, "admin", role=Role.OFFICER)
    assert parts.services.people.page(people.admin, Paging()).total == 5


@pytest.mark.parametrize(
    ("name", "password", "error"),
    [
        pytest.param("sari", PASSWORD, ConflictError, id="taken"),
        pytest.param("a b", PASSWORD, InvalidError, id="name-with-space"),
        pytest.param("rini", "short", InvalidError, id="short-password"),
        pytest.param("kartika", "kartika12345", InvalidError, id="password-is-the-name"),
    ],
)
def test_a_new_person_must_be_usable(parts, people, name, password, error):
    with pytest.raises(error):
        parts.services.people.add(people.admin, name, password, role=Role.OFFICER)


def test_whoever_finds_a_session_open_cannot_put_a_second_factor_of_theirs_on_it(parts, people, clock):
    service = parts.services.people
    secret, _ = service.propose_second_factor(people.officer)
    code = code_at(b32decode(secret), int(clock.now().timestamp()) // 30)
    with pytest.raises(SignInError, match="the password is wrong"):
        service.confirm_second_factor(people.officer, secret, code, password="guessed")
    assert not parts.services.auth.sign_in("sari", PASSWORD).actor.has_second_factor


def test_a_second_factor_is_asked_for_and_a_code_works_once(parts, people, clock):
    services = parts.services
    import base64

    secret, address = services.people.propose_second_factor(people.officer)
    assert address.startswith("otpauth://totp/")
    key = base64.b32decode(secret)
    code = code_at(key, int(clock.now().timestamp()) // 30)
    services.people.confirm_second_factor(people.officer, secret, code, password=PASSWORD)
    with pytest.raises(SignInError, match="authenticator"):
        services.auth.sign_in("sari", PASSWORD)
    with pytest.raises(SignInError):
        services.auth.sign_in("sari", PASSWORD, code=code)
    clock.move(30)
    code = code_at(key, int(clock.now().timestamp()) // 30)
    assert services.auth.sign_in("sari", PASSWORD, code=code).actor.has_second_factor
    with pytest.raises(SignInError):
        services.auth.sign_in("sari", PASSWORD, code=code)


def test_a_password_that_was_forgotten_is_no_way_round_the_second_factor(parts, people, clock):
    auth, directory = parts.services.auth, parts.services.people
    secret, _ = directory.propose_second_factor(people.officer)
    code = code_at(b32decode(secret), int(clock.now().timestamp()) // 30)
    directory.confirm_second_factor(people.officer, secret, code, password=PASSWORD)
    directory.set_password(people.admin, "sari", "perahu-besar-merah")
    with pytest.raises(CodeNeededError):
        auth.sign_in("sari", "perahu-besar-merah")
    clock.move(30)
    code = code_at(b32decode(secret), int(clock.now().timestamp()) // 30)
    assert auth.sign_in("sari", "perahu-besar-merah", code=code).actor.has_second_factor


def test_the_codes_are_those_of_rfc_6238():
    key = b"12345678901234567890"
    assert [code_at(key, at // 30) for at in (59, 1111111109, 20000000000)] == ["287082", "081804", "353130"]


def test_a_token_has_no_more_than_its_scopes_and_its_owner(parts, people, clock):
    services = parts.services
    new = services.tokens.create(people.supervisor, "feed", frozenset({Permission.PASSAGES}))
    actor = services.auth.actor_for(new.token)
    assert actor.permissions == {Permission.PASSAGES}
    services.people.change(people.admin, "budi", role=Role.OFFICER)
    assert services.auth.actor_for(new.token).permissions == frozenset()
    services.tokens.revoke(people.admin, new.view.id)
    assert services.auth.actor_for(new.token) is None
    with pytest.raises(InvalidError, match="people"):
        services.tokens.create(people.officer, "too much", frozenset({Permission.PEOPLE}))


def test_a_token_expires(parts, people, clock):
    new = parts.services.tokens.create(
        people.officer, "short", frozenset({Permission.SEE}), expires_at=clock.now() + timedelta(minutes=1)
    )
    assert parts.services.auth.actor_for(new.token)
    clock.move(60)
    assert parts.services.auth.actor_for(new.token) is None


def test_everything_about_people_is_audited(parts, people):
    parts.services.auth.sign_in("sari", PASSWORD)
    page = parts.services.audit.page(people.auditor, Paging())
    assert {"user.add", "session.start"} <= {link.action for link in page.items}
    assert parts.services.audit.verify() is None
    with pytest.raises(ForbiddenError):
        parts.services.audit.page(people.officer, Paging())


def test_nobody_signs_in_before_there_is_somebody(parts):
    assert parts.services.auth.has_users()
    with parts.database.write() as session:
        session.execute(delete(UserRow))
    assert not parts.services.auth.has_users()


def test_a_code_in_other_letters_is_a_wrong_code(parts, people):
    """It was a server error: only ASCII text can be compared in constant time."""
    secret, _ = parts.services.people.propose_second_factor(people.officer)
    with pytest.raises(InvalidError, match="does not fit"):
        parts.services.people.confirm_second_factor(
            people.officer, secret, "\u0661\u0662\u0663\u0664\u0665\u0666", password=PASSWORD
        )


@pytest.mark.parametrize(
    "password",
    [
        pytest.param("password12345", id="on-every-list"),
        pytest.param("P@ssw0rd2024", id="with-signs-for-letters"),
        pytest.param("qwertyuiop12", id="along-the-keyboard"),
        pytest.param("aaaaaaaaaaaa", id="one-letter"),
        pytest.param("merdeka17081945", id="a-word-and-a-date"),
        pytest.param("indonesia2024", id="the-country-and-a-year"),
        pytest.param("Bismillah123!", id="a-word-people-begin-with"),
        pytest.param("TapalTapalTapal", id="the-program"),
        pytest.param("sarisari2026", id="the-person"),
    ],
)  # fmt: skip
def test_what_is_guessed_first_is_no_password(password):
    with pytest.raises(InvalidError):
        Passwords(QUICK).hash(password, name="sari")


@pytest.mark.parametrize(
    "password", [PASSWORD, "jaring ikan di atap", "correct horse battery", "x" * 3 + "kapal biru 77 layar"]
)
def test_words_that_do_not_belong_together_are_one(password):
    assert Passwords(QUICK).matches(Passwords(QUICK).hash(password, name="sari"), password)


def strict(parts) -> AuthService:
    """Signing in at an office that wants a second factor of administrators."""
    plain = parts.services.auth
    return AuthService(
        parts.database,
        audit=parts.services.audit,
        clock=parts.services.clock,
        passwords=Passwords(QUICK),
        second_factor=plain._second_factor,
        settings=SignInSettings(second_factor=(Role.ADMIN,)),
    )


def test_who_must_have_a_second_factor_may_do_nothing_before_it_is_set_up(parts, people, clock):
    auth, service = strict(parts), parts.services.people
    assert auth.sign_in("sari", PASSWORD).actor.permissions, "nothing is asked of officers"
    session = auth.sign_in("admin", PASSWORD)
    admin = auth.actor_for(session.token)
    assert admin == session.actor
    assert (admin.needs_second_factor, admin.permissions) == (True, frozenset())
    with pytest.raises(ForbiddenError):
        service.page(admin, Paging())
    with pytest.raises(InvalidError, match="scopes"):
        parts.services.tokens.create(admin, "way round", frozenset({Permission.PEOPLE}))
    secret, _ = service.propose_second_factor(admin)
    step = int(clock.now().timestamp()) // 30
    service.confirm_second_factor(admin, secret, code_at(b32decode(secret), step), password=PASSWORD)
    admin = auth.actor_for(session.token)
    assert (admin.needs_second_factor, admin.may(Permission.PEOPLE)) == (False, True)
    with pytest.raises(SignInError):
        auth.sign_in("admin", PASSWORD)


def test_the_offices_provider_must_ask_for_the_second_factor_too(parts, people):
    auth = strict(parts)
    weak, strong = (Outside(subject="s-1", name="admin", strong=strong) for strong in (False, True))
    with pytest.raises(SignInError, match="provider has to ask"):
        auth.sign_in_outside(weak)
    assert auth.actor_for(auth.sign_in_outside(strong).token).may(Permission.PEOPLE)
    with pytest.raises(SignInError, match="provider"):
        auth.sign_in("admin", PASSWORD)
