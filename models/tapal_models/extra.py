"""The one door to ultralytics and torch, so that everything else works without them."""

import contextlib
import os
import sys
import warnings
from collections.abc import Iterator
from typing import Any

from tapal_contract.errors import TapalError


def ultralytics() -> Any:
    """Import ultralytics with its downloads, installs and telemetry switched off.

    Raises:
        TapalError: where the train extra is not installed.
    """
    os.environ.setdefault("YOLO_AUTOINSTALL", "false")
    os.environ.setdefault("YOLO_OFFLINE", "true")
    os.environ.setdefault("YOLO_VERBOSE", "false")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            import ultralytics as module  # noqa: PLC0415 - heavy and optional
    except ImportError as error:
        raise TapalError(
            f"this command needs the train extra, which is not installed ({error.name} is missing): "
            "run pip install 'tapal[train]' in an environment of its own"
        ) from error
    return module


@contextlib.contextmanager
def talking_aside() -> Iterator[None]:
    """Send to standard error what ultralytics says on standard output, which a program may read."""
    with contextlib.redirect_stdout(sys.stderr):
        yield


def torch() -> Any:
    """Import torch, explained like `ultralytics`."""
    ultralytics()
    import torch as module  # noqa: PLC0415 - heavy and optional

    return module
