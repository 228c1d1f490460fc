"""How often one may ask: by person and by the address of strangers, and never so that others have to wait."""

import pytest
from fastapi.testclient import TestClient

from tapal_server.bootstrap import build_server
from tapal_server.errors import TooManyAttemptsError
from tapal_server.people.passwords import Passwords
from tapal_server.rates import Buckets, Rates
from tapal_server.settings import HttpSettings
from tests.server.conftest import PASSWORD, QUICK

V1 = "/api/v1"


@pytest.fixture
def backend() -> str:
    """Nothing here depends on the database."""
    return "sqlite"


class Watch:
    """Seconds that pass when told."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def serve(settings, people):
    """A server with these limits; its buckets do not fill up again by themselves."""
    apps = []

    def started(**http) -> TestClient:
        chosen = settings.model_copy(update={"http": HttpSettings(**http)})
        app = build_server(chosen, passwords=Passwords(QUICK), console=False)
        apps.append(app)
        for buckets in (app.state.parts.services.auth.rates._people, app.state.parts.services.auth.rates._strangers):
            if buckets is not None:
                buckets._clock = Watch()
        return TestClient(app)

    yield started
    for app in apps:
        app.state.parts.database.close()


def signed_in(client: TestClient, name: str) -> dict[str, str]:
    token = client.post(f"{V1}/sessions", json={"name": name, "password": PASSWORD}).json()["token"]
    client.cookies.clear()
    return {"Authorization": f"Bearer {token}"}


def test_a_bucket_holds_a_minutes_calls_and_fills_up_again():
    watch = Watch()
    buckets = Buckets(60, clock=watch)
    assert [buckets.take("sari") for _ in range(61)] == [0.0] * 60 + [1.0]
    assert buckets.take("budi") == 0.0, "everybody has a bucket of their own"
    watch.now += 2
    assert [buckets.take("sari") for _ in range(3)] == [0.0, 0.0, 1.0]
    watch.now += 3600
    assert [buckets.take("sari") for _ in range(61)] == [0.0] * 60 + [1.0], "and never holds more"


def test_asking_in_vain_does_not_lengthen_the_wait():
    buckets = Buckets(6, clock=Watch())
    waits = [buckets.take("sari") for _ in range(50)]
    assert waits == [0.0] * 6 + [10.0] * 44


def test_buckets_need_no_more_memory_than_they_are_given():
    buckets = Buckets(2, clock=Watch(), most=100)
    for number in range(1000):
        buckets.take(f"address {number}")
        buckets.take("the busy one")
    assert len(buckets) == 100
    assert buckets.take("the busy one") > 0, "whoever asks most is forgotten last"


@pytest.mark.parametrize(
    ("first", "second", "together"),
    [
        pytest.param("10.0.0.7", "10.0.0.8", False, id="two-addresses"),
        pytest.param("2001:db8:1:2::3", "2001:db8:1:2:ffff::4", True, id="one-network-of-ipv6"),
        pytest.param("2001:db8:1:2::3", "2001:db8:1:3::3", False, id="two-networks"),
        pytest.param("testclient", "testclient", True, id="a-name"),
    ],
)
def test_strangers_are_told_apart_by_their_network(first, second, together):
    rates = Rates(None, 1, clock=Watch())
    rates.stranger(first)
    if together:
        with pytest.raises(TooManyAttemptsError):
            rates.stranger(second)
    else:
        rates.stranger(second)


def test_who_asks_too_often_waits_and_nobody_else_does(serve):
    client = serve(calls_per_minute=5)
    sari, again, budi = (signed_in(client, name) for name in ("sari", "sari", "budi"))
    current = f"{V1}/sessions/current"
    assert [client.get(current, headers=sari).status_code for _ in range(3)] == [200] * 3
    assert [client.get(current, headers=again).status_code for _ in range(3)] == [200, 200, 429], "one person"
    refused = client.get(current, headers=sari)
    assert (refused.status_code, refused.headers["retry-after"]) == (429, "12")
    assert refused.headers["content-type"] == "application/problem+json"
    assert refused.json()["detail"] == "'sari' asks too often; try again in 12 s"
    assert client.get(current, headers=budi).status_code == 200
    assert [client.get(path).status_code for path in ("/health", "/metrics", f"{V1}/health")] == [200] * 3


def test_strangers_wait_and_those_who_are_signed_in_at_the_same_address_do_not(serve):
    client = serve(stranger_calls_per_minute=4)
    budi = signed_in(client, "budi")
    wrong = {"Authorization": "Bearer guessed"}
    assert [client.get(f"{V1}/alerts", headers=wrong).status_code for _ in range(4)] == [401, 401, 401, 429]
    sari = {"name": "sari", "password": PASSWORD}
    assert client.post(f"{V1}/sessions", json=sari).status_code == 429, "guessing passwords of many names"
    code = {"code": "ABCDEFGH", "node": "x", "site": "y", "public": "0" * 64, "proof": "0" * 64}
    assert client.post(f"{V1}/enrolments", json=code).status_code == 429
    assert client.get(f"{V1}/alerts", headers=budi).status_code == 200


def test_both_limits_can_be_left_out(serve):
    client = serve(calls_per_minute=None, stranger_calls_per_minute=None)
    assert {client.get(f"{V1}/alerts").status_code for _ in range(700)} == {401}
