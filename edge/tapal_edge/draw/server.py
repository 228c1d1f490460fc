"""A small web page for the technician: on loopback, or on the local network behind a token."""

import json
import logging
import secrets
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from importlib import resources
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

from pydantic import ValidationError

from tapal_contract.errors import TapalError
from tapal_contract.events import first_problem
from tapal_detector.scene import refuse_hidden
from tapal_edge import config_file
from tapal_edge.config import load
from tapal_edge.geometry import Geometry, overridden, side_file
from tapal_edge.post import view_file

log = logging.getLogger(__name__)

MAX_BODY = 256 * 1024
Grab = Callable[[str], bytes]


@dataclass(frozen=True)
class Studio:
    """What the page works on: a configuration file, and a way to a blurred frame of each camera."""

    path: Path
    grab: Grab
    token: str = field(default_factory=lambda: secrets.token_urlsafe(12))
    lock: threading.Lock = field(default_factory=threading.Lock)

    def cameras(self) -> list[dict[str, Any]]:
        """Return id, lines and zones of each camera, as they are in force now."""
        return [
            camera.model_dump(mode="json", by_alias=True, include={"id", "lines", "zones"})
            for camera in overridden(load(self.path)).cameras
        ]

    def save(self, body: bytes) -> None:
        """Check what was drawn and save it; a reference view learned for another framing is forgotten.

        Raises:
            TapalError: it is not a line or zone that can be watched.
        """
        try:
            drawn = Geometry.model_validate_json(body)
        except ValidationError as error:
            raise TapalError(f"not saved: {first_problem(error)}") from error
        for line in drawn.lines:
            refuse_hidden(line)
        with self.lock:
            config_file.save_geometry(self.path, drawn.camera, drawn.lines, drawn.zones)
            folder = load(self.path).folder()
            side_file(folder, drawn.camera).unlink(missing_ok=True)  # what was drawn here counts from now on
            view_file(folder, drawn.camera).unlink(missing_ok=True)


class _Handler(BaseHTTPRequestHandler):
    """Answers the page; every request must carry the token."""

    server_version = "tapal"
    sys_version = ""

    def __init__(self, studio: Studio, *args: Any) -> None:
        self._studio = studio
        super().__init__(*args)

    def do_GET(self) -> None:
        """Send the page, the geometry or a frame."""
        route = {"/": self._page, "/geometry": self._geometry, "/frame": self._frame}.get(urlsplit(self.path).path)
        self._answer(route)

    def do_POST(self) -> None:
        """Save what was drawn."""
        self._answer(self._save if urlsplit(self.path).path == "/geometry" else None)

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002, ARG002 - the signature is http.server's
        """Log without the query, which carries the token."""
        log.debug("%s %s", self.command, urlsplit(self.path).path)

    def _answer(self, route: Callable[[], None] | None) -> None:
        given = self._query("token") or self.headers.get("X-Token", "")
        if not secrets.compare_digest(given.encode(), self._studio.token.encode()):
            self._send(HTTPStatus.FORBIDDEN, b"open the address with its token, as 'tapal edge draw' printed it")
        elif route is None:
            self._send(HTTPStatus.NOT_FOUND, b"there is nothing here")
        else:
            try:
                route()
            except TapalError as error:
                self._send(HTTPStatus.UNPROCESSABLE_ENTITY, str(error).encode())

    def _page(self) -> None:
        page = resources.files("tapal_edge.draw").joinpath("page.html").read_bytes()
        self._send(HTTPStatus.OK, page, "text/html; charset=utf-8")

    def _geometry(self) -> None:
        self._send(HTTPStatus.OK, json.dumps(self._studio.cameras()).encode(), "application/json")

    def _frame(self) -> None:
        self._send(HTTPStatus.OK, self._studio.grab(self._query("camera")), "image/jpeg")

    def _save(self) -> None:
        length = self.headers.get("Content-Length", "")
        if not length.isdigit() or int(length) > MAX_BODY:
            raise TapalError("not saved: the request is too large or has no length")
        self._studio.save(self.rfile.read(int(length)))
        self._send(HTTPStatus.OK, b"saved")

    def _query(self, name: str) -> str:
        return parse_qs(urlsplit(self.path).query).get(name, [""])[0]

    def _send(self, status: HTTPStatus, body: bytes, kind: str = "text/plain; charset=utf-8") -> None:
        self.send_response(status)
        for name, value in (
            ("Content-Type", kind),
            ("Content-Length", str(len(body))),
            ("Cache-Control", "no-store"),
            ("Referrer-Policy", "no-referrer"),
            ("X-Content-Type-Options", "nosniff"),
            (
                "Content-Security-Policy",
                "default-src 'self'; img-src 'self' data:; style-src 'unsafe-inline'; script-src 'unsafe-inline'",
            ),
        ):
            self.send_header(name, value)
        try:
            self.end_headers()
            self.wfile.write(body)
        except ConnectionError:
            log.debug("the browser went away before %s was sent", urlsplit(self.path).path)


@contextmanager
def serve(studio: Studio, host: str, port: int) -> Iterator[str]:
    """Serve the page for the length of the block; yields its address with the token.

    Raises:
        TapalError: the port is taken or the address is not of this machine.
    """
    try:
        server = ThreadingHTTPServer((host, port), partial(_Handler, studio))
    except OSError as error:
        raise TapalError(
            f"cannot serve at {host}:{port} ({error.strerror}); choose another --host or --port"
        ) from error
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, name="draw", daemon=True)
    thread.start()
    try:
        yield f"http://{host}:{server.server_address[1]}/?token={studio.token}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
