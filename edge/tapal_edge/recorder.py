"""Where drafts become messages: the outbox for the server, and a file of lines for whoever analyses recordings."""

import json
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Self, TextIO

from tapal_contract.errors import TapalError
from tapal_contract.events import dump
from tapal_edge.messages import Draft
from tapal_edge.outbox import Outbox


class Recorder:
    """Gives each draft its ``seq`` once, the same in the outbox and in the file. Safe to use from several threads."""

    def __init__(
        self, outbox: Outbox | None, events_out: Path | None = None, *, on_draft: Callable[[Draft], None] | None = None
    ) -> None:
        self._outbox = outbox
        self._on_draft = on_draft
        self._lock = threading.Lock()
        self._issued = 0
        self.count = 0
        self._file: TextIO | None = None
        if events_out is not None:
            try:
                events_out.parent.mkdir(parents=True, exist_ok=True)
                self._file = events_out.open("w", encoding="utf-8")
            except OSError as error:
                raise TapalError(
                    f"events file {events_out}: cannot be written ({error.strerror}); choose another --events-out"
                ) from error

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def record(self, draft: Draft, *, frame: int = 0, picture: bytes | None = None) -> None:
        """Keep a message; ``frame`` is the number of the frame it was seen in."""
        if self._on_draft is not None:
            self._on_draft(draft)
        with self._lock:
            self.count += 1
            if self._outbox is None:
                self._issued += 1
                seq: int | None = self._issued
            else:
                seq = self._outbox.add(draft.id, lambda number: dump(draft.numbered(number)), picture, kind=draft.kind)
            if self._file is not None and seq is not None:
                line = json.loads(dump(draft.numbered(seq))) | {"frame": frame}
                self._file.write(json.dumps(line, ensure_ascii=False) + "\n")
                self._file.flush()

    def close(self) -> None:
        """Close the file."""
        if self._file is not None:
            self._file.close()
