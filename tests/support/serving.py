"""An application behind a port of this machine, in a thread of this process."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import uvicorn

__all__ = ["served_at"]


@contextmanager
def served_at(app: Any, port: int, **more: Any) -> Iterator[str]:
    """Serve it for the length of the block, at the address that is handed out; `more` are options of uvicorn."""
    server = uvicorn.Server(uvicorn.Config(app, port=port, **{"log_level": "error", **more}))
    thread = threading.Thread(target=server.run, name=f"served at {port}", daemon=True)
    thread.start()
    try:
        while not server.started:
            if not thread.is_alive():
                raise RuntimeError(f"nothing answers at port {port}: the server of the test ended while it started")
            thread.join(0.02)
        yield f"http://127.0.0.1:{port}"
    finally:
        server.should_exit = True
        thread.join(20)
