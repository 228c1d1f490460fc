"""The process's log: one line for each entry, in UTC, and nothing that was said by others can look like an entry."""

import logging
import time

__all__ = ["Lines", "configure"]

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


def configure(level: str) -> None:
    """Write to standard error, which systemd and containers collect."""
    handler = logging.StreamHandler()
    handler.setFormatter(Lines())
    logging.basicConfig(level=level.upper(), handlers=[handler])
