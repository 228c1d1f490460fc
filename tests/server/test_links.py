"""`require_tls` refuses whatever others could read on the wire, and nothing that stays on the machine."""

import pytest
from pydantic import ValidationError

from tapal_server.settings import Settings

SAFE = {
    "require_tls": True,
    "http": {"host": "0.0.0.0", "tls_certificate": "own.pem", "tls_key": "own.key"},
    "mqtt": {"url": "mqtts://broker.example"},
    "database": "postgresql://tapal@db.example/tapal?sslmode=verify-full",
    "media": {"url": "s3://tapal/pictures", "options": {"endpoint_url": "https://s3.example"}},
}
OUTSIDE = "postgresql://tapal:word@db1.example,db2.example:5433/tapal"
SOCKETS = "postgresql://tapal@/tapal?host=db1,db2&port=5432,5432"
BEHIND_A_PROXY = {"host": "127.0.0.1", "public_url": "https://office.example"}


@pytest.mark.parametrize(
    "part",
    [
        pytest.param({}, id="all-over-tls"),
        pytest.param({"http": BEHIND_A_PROXY}, id="proxy-on-this-machine"),
        pytest.param({"http": {"host": "::1"}, "mqtt": None}, id="nobody-but-this-machine"),
        pytest.param({"mqtt": {"url": "mqtt://127.0.0.1"}, "media": {}}, id="broker-on-this-machine"),
        pytest.param({"database": None}, id="sqlite"),
        pytest.param({"database": "postgresql://tapal@localhost:5433/tapal"}, id="database-on-this-machine"),
        pytest.param({"database": "postgresql:///tapal?host=/run/postgresql"}, id="database-by-a-socket"),
        pytest.param({"database": "postgresql://tapal@[::1]:5432/tapal"}, id="database-by-ipv6"),
        pytest.param({"database": f"{SOCKETS}&sslmode=verify-ca"}, id="a-standby-over-tls"),
    ],
)
def test_what_nobody_else_can_read_may_run(part):
    assert Settings.model_validate(SAFE | part).require_tls


@pytest.mark.parametrize(
    ("part", "told"),
    [
        pytest.param({"http": {"host": "0.0.0.0"}}, "the pages (set http.tls_certificate", id="pages"),
        pytest.param(
            {"http": {"host": "127.0.0.1", "public_url": "http://office.example"}}, "not https", id="plain-proxy"
        ),
        pytest.param(
            {"http": {"host": "0.0.0.0", "public_url": "https://office.example"}}, "from the proxy", id="proxy-afar"
        ),
        pytest.param({"mqtt": {"url": "mqtt://broker.example"}}, "mqtt.url: mqtts://", id="broker"),
        pytest.param({"database": OUTSIDE}, "sslmode=verify-full", id="database"),
        pytest.param({"database": f"{OUTSIDE}?sslmode=require"}, "sslmode=verify-full", id="unchecked-certificate"),
        pytest.param({"database": SOCKETS}, "sslmode=verify-full", id="standby"),
        pytest.param(
            {"media": {"url": "s3://x", "options": {"endpoint_url": "http://s3"}}}, "endpoint_url", id="store"
        ),
    ],
)
def test_what_others_could_read_is_refused_with_what_to_set(part, told):
    with pytest.raises(ValidationError) as refused:
        Settings.model_validate(SAFE | part)
    (error,) = refused.value.errors()
    assert told in error["msg"]
    assert "word" not in error["msg"]
    assert not Settings.model_validate(SAFE | part | {"require_tls": False}).require_tls
