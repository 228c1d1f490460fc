"""Which events open alerts rest on, as the office said last: their clips and pictures are deleted last."""

import logging
import threading
import time
from pathlib import Path

from pydantic import AwareDatetime, ValidationError

from tapal_contract.errors import TapalError
from tapal_contract.ids import Uuid
from tapal_contract.model import Frozen
from tapal_contract.node import Command
from tapal_edge.config_file import write_whole

log = logging.getLogger(__name__)


class _Kept(Frozen):
    events: tuple[Uuid, ...]
    until: AwareDatetime


class Evidence:
    """Remembers over restarts; safe to use from several threads."""

    def __init__(self, folder: Path) -> None:
        self._file = folder / "kept.json"
        self._lock = threading.Lock()
        self._kept = self._read()

    def keep(self, command: Command) -> None:
        """Take the newest list of the office in place of the one before.

        Raises:
            TapalError: it cannot be written; it is heeded all the same until the next start.
        """
        assert command.events is not None, "the contract gives 'keep' its events"
        assert command.until is not None, "the contract gives 'keep' its end"
        kept = _Kept(events=command.events, until=command.until)
        with self._lock:
            self._kept = kept
            try:
                self._file.parent.mkdir(parents=True, exist_ok=True)
                write_whole(self._file, kept.model_dump_json())
            except OSError as error:
                raise TapalError(
                    f"{self._file}: cannot be written ({error.strerror}); make room on the disk"
                ) from error

    def events(self, now_s: float | None = None) -> frozenset[str]:
        """The ids to spare now."""
        with self._lock:
            kept = self._kept
        now = time.time() if now_s is None else now_s
        return frozenset(kept.events) if kept is not None and kept.until.timestamp() > now else frozenset()

    def _read(self) -> _Kept | None:
        try:
            return _Kept.model_validate_json(self._file.read_bytes())
        except FileNotFoundError:
            return None
        except (OSError, ValidationError) as error:  # the office says it again within minutes
            log.warning("%s cannot be read (%s)", self._file, error)
            return None
