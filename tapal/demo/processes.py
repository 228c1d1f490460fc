"""Child processes of the demo: started with a log of their own, watched, and stopped in order."""

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

from tapal_contract.errors import TapalError

STOP_S = 15.0
_LAST_LINES = 12


class Child:
    """A running part of the system."""

    def __init__(self, name: str, process: asyncio.subprocess.Process, log: Path) -> None:
        self.name = name
        self.log = log
        self._process = process
        self._stopping = False

    async def watch(self) -> None:
        """Return when the child was asked to stop; raise when it ended by itself.

        Raises:
            TapalError: the child ended unasked; shows the last lines of its log.
        """
        status = await self._process.wait()
        if not self._stopping:
            raise TapalError(f"the {self.name} ended by itself with status {status}; its last words:\n{self._tail()}")

    async def stop(self) -> None:
        """Ask the child to end; kill it when it does not within :data:`STOP_S` seconds."""
        self._stopping = True
        if self._process.returncode is not None:
            return
        self._process.send_signal(signal.SIGTERM)
        try:
            await asyncio.wait_for(self._process.wait(), STOP_S)
        except TimeoutError:
            self._process.kill()
            await self._process.wait()

    def _tail(self) -> str:
        lines = self.log.read_text(encoding="utf-8", errors="replace").splitlines()
        return "\n".join(f"  {line}" for line in lines[-_LAST_LINES:]) or "  (none)"


@asynccontextmanager
async def running(name: str, arguments: Sequence[str], folder: Path) -> AsyncIterator[Child]:
    """Run ``tapal ARGUMENTS`` in the folder until the block ends; its output goes to ``NAME.log`` there."""
    log = folder / f"{name}.log"
    with log.open("wb") as output:
        # A session of its own: Ctrl-C reaches the demo alone, which then stops the children in order.
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "tapal",
            *arguments,
            cwd=folder,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=output,
            stderr=asyncio.subprocess.STDOUT,
            start_new_session=True,
            env={**os.environ, "PYTHONUNBUFFERED": "1"},
        )
    child = Child(name, process, log)
    try:
        yield child
    finally:
        await child.stop()


async def run_once(arguments: Sequence[str], folder: Path, *, stdin: str = "") -> str:
    """Run ``tapal ARGUMENTS`` to its end and return what it printed.

    Raises:
        TapalError: it failed; carries its last words.
    """
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "tapal",
        *arguments,
        cwd=folder,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    output, errors = await process.communicate(stdin.encode())
    if process.returncode != 0:
        words = errors.decode(errors="replace").strip() or "(nothing on stderr)"
        raise TapalError(f"'tapal {' '.join(arguments[:2])}' failed with status {process.returncode}: {words}")
    return output.decode()
