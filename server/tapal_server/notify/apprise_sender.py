"""Sending through Apprise."""

import logging

__all__ = ["send"]

log = logging.getLogger(__name__)


def send(url: str, title: str, body: str) -> bool:
    """Give a message to a channel; False where it was not taken."""
    import apprise  # noqa: PLC0415 - loads a hundred services, which a server without channels need not

    sender = apprise.Apprise()
    if not sender.add(url):
        log.error("a channel's address is not one that Apprise knows; correct it in the settings")
        return False
    return bool(sender.notify(title=title, body=body))
