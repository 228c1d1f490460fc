"""The server with a certificate of its own, without a proxy."""

import json
import socket
import ssl
import threading
import time
import urllib.error
import urllib.request
from http.client import RemoteDisconnected

import pytest

from tapal_server.serving import server_of
from tests.server.conftest import PASSWORD
from tests.support.certificates import certificate
from tests.support.patience import PATIENCE_S
from tests.support.services import free_port

pytestmark = pytest.mark.services


@pytest.fixture
def backend() -> str:
    """How it is served does not depend on the database."""
    return "sqlite"


@pytest.fixture
def served(tmp_path, settings):
    """A running server with its own certificate: its port, and the certificate."""
    own, key = certificate(tmp_path)
    http = settings.http.model_copy(update={"port": free_port(), "tls_certificate": own, "tls_key": key})
    server = server_of(settings.model_copy(update={"http": http}))
    thread = threading.Thread(target=server.run, name="server")
    thread.start()
    try:
        deadline = time.monotonic() + PATIENCE_S
        while not server.started and thread.is_alive() and time.monotonic() < deadline:
            thread.join(0.05)
        assert server.started
        yield http.port, own
    finally:
        server.should_exit = True
        thread.join(PATIENCE_S)
    assert not thread.is_alive()


def test_a_browser_is_served_over_tls_and_nothing_without(served):
    port, own = served
    trusting = ssl.create_default_context(cafile=str(own))
    url = f"https://127.0.0.1:{port}/api/v1"
    body = json.dumps({"name": "sari", "password": PASSWORD}).encode()
    ask = urllib.request.Request(f"{url}/sessions", data=body, headers={"Content-Type": "application/json"})
    with urllib.request.urlopen(ask, timeout=PATIENCE_S, context=trusting) as answer:
        cookie = answer.headers["Set-Cookie"]
        assert "secure" in cookie.lower()
        assert "max-age" in answer.headers["Strict-Transport-Security"]
    with pytest.raises(urllib.error.URLError, match="CERTIFICATE_VERIFY_FAILED"):
        urllib.request.urlopen(f"{url}/health", timeout=PATIENCE_S)
    with pytest.raises((RemoteDisconnected, ConnectionResetError, urllib.error.URLError)):
        urllib.request.urlopen(f"http://127.0.0.1:{port}/api/v1/health", timeout=PATIENCE_S)


@pytest.mark.filterwarnings("ignore:ssl.TLSVersion.TLSv1:DeprecationWarning")
def test_old_and_weak_ways_of_tls_are_refused(served):
    port, own = served

    def spoken(ciphers: str, *, newest: ssl.TLSVersion = ssl.TLSVersion.TLSv1_2) -> str | None:
        """The version that such a client and the server agree on."""
        client = ssl.create_default_context(cafile=str(own))
        client.minimum_version, client.maximum_version = ssl.TLSVersion.TLSv1, newest
        client.set_ciphers(f"{ciphers}:@SECLEVEL=0")
        with (
            socket.create_connection(("127.0.0.1", port), timeout=PATIENCE_S) as plain,
            client.wrap_socket(plain, server_hostname="127.0.0.1") as link,
        ):
            return link.version()

    assert spoken("ALL", newest=ssl.TLSVersion.MAXIMUM_SUPPORTED) == "TLSv1.3"
    assert spoken("ALL") == "TLSv1.2"
    for weak in ("ECDHE-RSA-AES128-SHA", "ECDHE-RSA-AES256-SHA384", "AES256-GCM-SHA384"):
        with pytest.raises((ssl.SSLError, ConnectionResetError)):
            spoken(weak)
    with pytest.raises((ssl.SSLError, ConnectionResetError)):
        spoken("ALL", newest=ssl.TLSVersion.TLSv1_1)
