"""The audit chain's head, kept where the database is not."""

import asyncio
import json
import logging
from pathlib import Path

from sqlalchemy.exc import SQLAlchemyError

from tapal_contract.errors import TapalError
from tapal_server.audit.log import AuditLog, SignedHead

__all__ = ["AnchorError", "AnchorFile", "read_anchors"]

log = logging.getLogger(__name__)

EVERY_S = 600.0


class AnchorError(TapalError):
    """An anchor file that cannot be read."""


class AnchorFile:
    """Appends the signed head to a file, every ten minutes while it moves; copy the file elsewhere."""

    def __init__(self, path: Path, audit: AuditLog) -> None:
        self._path = path
        self._audit = audit
        self._last = -1

    async def run(self) -> None:
        """Anchor until cancelled."""
        while True:
            try:
                await asyncio.to_thread(self.write)
            except (SQLAlchemyError, OSError):
                log.exception("the audit head could not be anchored; trying again")
            await asyncio.sleep(EVERY_S)

    def write(self) -> SignedHead | None:
        """Append the head, if it moved."""
        head = self._audit.head()
        if head is None or head.seq == self._last:
            return None
        self._path.parent.mkdir(parents=True, exist_ok=True)
        with self._path.open("a", encoding="utf-8") as file:
            file.write(head.to_json() + "\n")
        self._last = head.seq
        return head


def read_anchors(path: Path) -> tuple[SignedHead, ...]:
    """Heads of a file, oldest first.

    Raises:
        AnchorError: unreadable, or a line that is no head.
    """
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
        return tuple(SignedHead(**json.loads(line)) for line in lines if line.strip())
    except OSError as error:
        raise AnchorError(f"{path}: cannot be read ({error.strerror}); check the path") from error
    except (ValueError, TypeError) as error:
        raise AnchorError(f"{path}: has a line that is no audit head; take the file the server wrote") from error
