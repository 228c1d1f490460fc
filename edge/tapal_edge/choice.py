"""The way of running the model that ``tapal edge bench`` found fastest here; ``provider: auto`` takes it."""

import logging
from pathlib import Path
from typing import Literal

from pydantic import ValidationError

from tapal_contract.errors import TapalError
from tapal_contract.model import Frozen
from tapal_detector.catalogue import find
from tapal_detector.measure import Way
from tapal_edge.config import EdgeConfig
from tapal_edge.config_file import write_whole

log = logging.getLogger(__name__)


class Choice(Frozen):
    """What was chosen, for which model at which size."""

    of_model: str
    size: int | None
    threads: int | None
    model: str
    provider: Literal["cpu", "openvino", "cuda", "tensorrt"]


def file_of(config: EdgeConfig) -> Path:
    """Return where a node keeps its choice."""
    return config.folder() / "bench.json"


def save(config: EdgeConfig, way: Way) -> Path:
    """Keep a choice for the next start; return its file.

    Raises:
        TapalError: the node's folder cannot be written.
    """
    choice = Choice.model_validate(
        {
            "of_model": str(find(config.model)),
            "size": config.size,
            "threads": config.threads,
            "model": str(way.model),
            "provider": way.provider,
        }
    )
    file = file_of(config)
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        write_whole(file, choice.model_dump_json() + "\n")
    except OSError as error:
        raise TapalError(
            f"{file}: the choice cannot be written ({error.strerror}); run as the user of the node, or with --write"
        ) from error
    return file


def read(config: EdgeConfig) -> Choice | None:
    """Return the choice, if it was made for the model, size and threads configured now."""
    file = file_of(config)
    try:
        choice = Choice.model_validate_json(file.read_bytes())
    except FileNotFoundError:
        return None
    except (OSError, ValidationError) as error:
        log.warning("%s cannot be read (%s); run 'tapal edge bench' again", file, error)
        return None
    asked = (str(find(config.model)), config.size, config.threads)
    if asked != (choice.of_model, choice.size, choice.threads) or not Path(choice.model).is_file():
        log.info("%s was made for another model, size or number of threads; run 'tapal edge bench' again", file)
        return None
    return choice
