"""Where labelled pictures come from: a `source.yaml` beside images/ and labels/, which no dataset is built without."""

from datetime import date, datetime
from pathlib import Path
from typing import Literal

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from tapal_contract.errors import TapalError
from tapal_contract.yamlfile import load

NAME = "source.yaml"
Word = r"^[A-Za-z0-9][A-Za-z0-9._-]*$"


class Provenance(BaseModel):
    """What is known of one folder of labelled pictures.

    Attributes:
        camera: pictures of one camera and day never lie in two splits.
        day: when they were taken; None where nobody knows, which counts as a day of its own.
        licence: as a model's card will print it.
        origin: where they were got, in words or as an address.
        blurred: heads were blurred before the pictures left the edge, or nobody is in them.
        state: `proposed` boxes were drawn by a model and wait for a person; only `labelled` ones become datasets.
        clips: picture name to the id of the event or clip it was taken from, by which it can be deleted.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    camera: str = Field(pattern=Word, max_length=64)
    day: date | None = None
    licence: str = Field(min_length=1, max_length=200)
    origin: str = Field(min_length=1, max_length=500)
    blurred: bool = False
    state: Literal["labelled", "proposed"] = "labelled"
    clips: dict[str, str] = {}


def read(folder: Path) -> Provenance:
    """Read a folder's provenance.

    Raises:
        TapalError: there is none, or it is broken.
    """
    file = folder / NAME
    if not file.is_file():
        raise TapalError(
            f"folder {str(folder)!r} has no {NAME}: import it with --camera and --licence, so that it is known whose "
            "pictures these are and that no camera's day is split"
        )
    return load(file, Provenance)


def write(folder: Path, provenance: Provenance) -> None:
    """Write a folder's provenance."""
    folder.mkdir(parents=True, exist_ok=True)
    content = provenance.model_dump(mode="json", exclude_defaults=True)
    (folder / NAME).write_text(yaml.safe_dump(content, sort_keys=False, allow_unicode=True), encoding="utf-8")


def described(
    camera: str, day: datetime | None, licence: str | None, origin: str, *, blurred: bool
) -> Provenance | None:
    """Provenance from what somebody typed; None without a licence.

    Raises:
        TapalError: a camera's name that cannot be one.
    """
    if licence is None:
        return None
    try:
        return Provenance(
            camera=camera, day=day.date() if day else None, licence=licence, origin=origin, blurred=blurred
        )
    except ValidationError as error:
        problem = error.errors()[0]
        raise TapalError(f"{problem['loc'][0]} {problem['input']!r}: {problem['msg']}; give another") from error
