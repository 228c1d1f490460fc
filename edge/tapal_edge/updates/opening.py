"""Which model a starting node uses: the one on its shelf, unless that ended the node before or is damaged."""

import logging
import ssl
from pathlib import Path

from tapal_contract.errors import TapalError
from tapal_edge.config import Updates
from tapal_edge.updates.shelf import STARTS_AT_MOST, InUse, Shelf
from tapal_edge.updates.switching import Model, SwitchingDetector
from tapal_edge.updates.updater import Load, Trust, Updater

log = logging.getLogger(__name__)

FOLDER = "models"


def open_models(folder: Path, settings: Updates | None, load: Load) -> tuple[SwitchingDetector, Updater]:
    """Open the model to begin with.

    Raises:
        TapalError: not even the configured model can be opened.
    """
    shelf = Shelf(folder / FOLDER)
    in_use = shelf.read()
    if not in_use.proven:
        in_use = _one_more_start(shelf, in_use)
    model, in_use = _first_that_opens(shelf, in_use, load)
    detector = SwitchingDetector(model, in_use.active.title or model.name_version)
    return detector, Updater(shelf, detector, load=load, trust=_trust(settings))


def _trust(settings: Updates | None) -> Trust:
    if settings is None:
        return Trust()
    tls = ssl.create_default_context(cafile=settings.ca_file) if settings.ca_file is not None else None
    return Trust(key=settings.key_file, server=settings.server, tls=tls)


def _one_more_start(shelf: Shelf, in_use: InUse) -> InUse:
    if in_use.starts < STARTS_AT_MOST:
        counted = in_use.model_copy(update={"starts": in_use.starts + 1})
    else:
        why = f"the node started {in_use.starts} times with it before it was proven"
        log.warning("going back from %s: %s", in_use.active.title, why)
        counted = in_use.back(in_use.active.title, why)
    shelf.write(counted)
    return counted


def _first_that_opens(shelf: Shelf, in_use: InUse, load: Load) -> tuple[Model, InUse]:
    """The model in use, else the one before it, else the configured one."""
    trying = in_use
    while trying.active.title:
        try:
            return load(shelf.require_intact(trying.active)), trying
        except TapalError as error:
            log.warning("%s", error)
            trying = trying.back(trying.active.title, str(error))
            shelf.write(trying)
    return load(None), trying
