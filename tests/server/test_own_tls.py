"""The server with a certificate of its own, without a proxy."""

import json
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


def test_a_browser_is_served_over_tls_and_nothing_without(tmp_path, settings):
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
        trusting = ssl.create_default_context(cafile=str(own))
        url = f"https://127.0.0.1:{http.port}/api/v1"
        body = json.dumps({"name": "sari", "password": PASSWORD}).encode()
        ask = urllib.request.Request(f"{url}/sessions", data=body, headers={"Content-Type": "application/json"})
        with urllib.request.urlopen(ask, timeout=PATIENCE_S, context=trusting) as answer:
            cookie = answer.headers["Set-Cookie"]
            assert "secure" in cookie.lower()
            assert "max-age" in answer.headers["Strict-Transport-Security"]
        with pytest.raises(urllib.error.URLError, match="CERTIFICATE_VERIFY_FAILED"):
            urllib.request.urlopen(f"{url}/health", timeout=PATIENCE_S)
        with pytest.raises((RemoteDisconnected, ConnectionResetError, urllib.error.URLError)):
            urllib.request.urlopen(f"http://127.0.0.1:{http.port}/api/v1/health", timeout=PATIENCE_S)
    finally:
        server.should_exit = True
        thread.join(PATIENCE_S)
    assert not thread.is_alive()
