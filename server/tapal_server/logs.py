"""The process's log, one entry after the other in UTC, in which nothing that others said can look like an entry."""

import json
import logging
import time
from datetime import UTC, datetime
from enum import StrEnum

__all__ = ["Form", "Json", "Lines", "configure"]

_FORMAT = "%(asctime)s %(levelname)s %(name)s: %(message)s"


class Lines(logging.Formatter):
    """Whatever follows the first line, as of a traceback, stands indented, so that no value can forge an entry."""

    converter = staticmethod(time.gmtime)
    default_time_format = "%Y-%m-%dT%H:%M:%S"
    default_msec_format = "%s.%03dZ"

    def __init__(self) -> None:
        super().__init__(_FORMAT)

    def format(self, record: logging.LogRecord) -> str:
        """One entry."""
        return "\n    ".join(super().format(record).splitlines())


class Json(logging.Formatter):
    """An object a line, for programs that gather the logs of many machines."""

    def format(self, record: logging.LogRecord) -> str:
        """One entry."""
        at = datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
        entry = {"at": at, "level": record.levelname, "part": record.name, "message": record.getMessage()}
        if record.exc_info:
            entry["trace"] = self.formatException(record.exc_info)
        return json.dumps(entry)


class Form(StrEnum):
    """How entries are written."""

    LINES = "lines"
    JSON = "json"


def configure(level: str, form: Form = Form.LINES) -> None:
    """Write to standard error, which systemd and containers collect."""
    handler = logging.StreamHandler()
    handler.setFormatter(Json() if form is Form.JSON else Lines())
    logging.basicConfig(level=level.upper(), handlers=[handler])
