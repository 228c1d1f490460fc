"""Serving the application over HTTP until a signal says to stop."""

import signal
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import uvicorn

from tapal_contract import systemd
from tapal_server import pauses
from tapal_server.bootstrap import build_server
from tapal_server.settings import Settings

__all__ = ["serve", "server_of"]

# Of TLS 1.2 only what keeps past sessions secret and cannot be changed unseen; those of 1.3 all do.
CIPHERS = "ECDHE+AESGCM:ECDHE+CHACHA20"
_SIGNALS = (signal.SIGINT, signal.SIGTERM)


class _Server(uvicorn.Server):
    """Ends with status 0 when asked to stop (uvicorn's own raises the signal again), and tells systemd how it does."""

    def __init__(self, config: uvicorn.Config, begun: Callable[[], bool] | None = None) -> None:
        super().__init__(config)
        self._begun = begun
        self._interval_s = systemd.watchdog_interval_s()
        self._next_sign_s = 0.0

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Listen, and only then say so: what is ordered after this service may connect at once."""
        await super().startup(sockets)
        if self._begun is not None:
            pauses.set_aside()
        if self.started:
            systemd.notify("READY=1")

    async def on_tick(self, counter: int) -> bool:
        """Ten times a second. The sign of life comes from the loop that answers everybody: a hung one is ended."""
        if self._interval_s is not None and time.monotonic() >= self._next_sign_s:
            self._next_sign_s = time.monotonic() + self._interval_s
            systemd.notify("WATCHDOG=1")
        if self._begun is not None and self._begun():
            self._begun = None
            pauses.set_aside()
        return await super().on_tick(counter)

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Answer whom is being answered, and end."""
        systemd.notify("STOPPING=1")
        await super().shutdown(sockets)

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Stop on a signal, and nothing more."""
        if threading.current_thread() is not threading.main_thread():
            yield
            return
        before = {number: signal.signal(number, self.handle_exit) for number in _SIGNALS}
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)


def serve(settings: Settings) -> None:
    """Run until SIGINT or SIGTERM, in a process of its own."""
    server_of(settings, alone=True).run()


def server_of(settings: Settings, *, alone: bool = False) -> uvicorn.Server:
    """The server as the settings want it, not yet running; `alone` in its process, or beside other things."""
    http = settings.http
    app = build_server(settings)
    config = uvicorn.Config(
        app,
        host=http.host,
        port=http.port,
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=bool(http.trusted_proxies),
        forwarded_allow_ips=list(http.trusted_proxies),
        ssl_certfile=http.tls_certificate,
        ssl_keyfile=http.tls_key,
        ssl_ciphers=CIPHERS,
        timeout_graceful_shutdown=5,
    )
    return _Server(config, (lambda: app.state.parts.correlator.running) if alone else None)
