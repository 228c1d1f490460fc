"""The models a node holds besides the configured one, and which of them it uses: kept over restarts."""

import hashlib
import logging
import shutil
from pathlib import Path
from typing import Self

from pydantic import Field, ValidationError, model_validator

from tapal_contract import bundle as bundles
from tapal_contract.errors import TapalError
from tapal_contract.model import Frozen
from tapal_contract.updates import ModelBounds, ModelOffer
from tapal_edge.config_file import write_whole

log = logging.getLogger(__name__)

STARTS_AT_MOST = 3
"""So often a node may start with a model that was not proven; then it is taken for what ends the node."""


class Place(Frozen):
    """A model on the shelf; without a title it is the configured one."""

    title: str = ""
    digest: str = Field(default="", description="SHA-256 of the model, which names its folder")


class InUse(Frozen):
    """What is used, what was before it, and whether the change is proven; until then also what was before both."""

    active: Place = Place()
    previous: Place | None = None
    earlier: Place | None = None
    proven: bool = True
    starts: int = 0
    bounds: ModelBounds = ModelBounds()
    failed: str = ""
    detail: str = ""

    @model_validator(mode="after")
    def _has_a_way_back(self) -> Self:
        if not self.proven and self.previous is None:
            raise ValueError("what is not proven needs a way back")
        return self

    def back(self, failed: str, why: str) -> "InUse":
        """The model before this one in use again, as it was: it keeps its own way back."""
        return InUse(active=self.previous or Place(), previous=self.earlier, failed=failed, detail=why[:500])


class Shelf:
    """A folder: bundles as they came, the models in them, and `in-use.json`."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._file = folder / "in-use.json"

    def read(self) -> InUse:
        """What is used; the configured model where nothing can be read."""
        try:
            return InUse.model_validate_json(self._file.read_bytes())
        except FileNotFoundError:
            return InUse()
        except (OSError, ValidationError) as error:
            log.warning("%s cannot be read (%s); the configured model is used", self._file, error)
            return InUse()

    def write(self, in_use: InUse) -> None:
        """Keep it, and of the models only those it names.

        Raises:
            TapalError: the folder cannot be written.
        """
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            write_whole(self._file, in_use.model_dump_json(indent=1) + "\n")
        except OSError as error:
            raise TapalError(f"{self._file}: cannot be written ({error.strerror}); make room on the disk") from error
        self._tidy(in_use)

    def put(self, bundle: Path, offer: ModelOffer, key: Path) -> Place:
        """Verify a bundle and lay its model on the shelf.

        Raises:
            TapalError: not signed by the key, damaged, or another model than was offered.
        """
        manifest, content = bundles.verify(bundle, key)
        if manifest.title != offer.title:
            raise TapalError(f"the bundle holds {manifest.title}, not {offer.title} as was offered: roll it out anew")
        place = Place(title=manifest.title, digest=manifest.sha256)
        target = self.file_of(place)
        assert target is not None, "a model with a title has a file"
        try:
            target.parent.mkdir(parents=True, exist_ok=True)
            draft = target.with_suffix(".part")
            draft.write_bytes(content)
            draft.replace(target)
        except OSError as error:
            raise TapalError(f"{target}: cannot be written ({error.strerror}); make room on the disk") from error
        return place

    def file_of(self, place: Place) -> Path | None:
        """The file of a model; None is the configured one."""
        return self.folder / place.digest[:16] / "model.onnx" if place.title else None

    def require_intact(self, place: Place) -> Path | None:
        """The file of a model, if it is still what was signed; None is the configured one.

        Raises:
            TapalError: it is missing or damaged.
        """
        file = self.file_of(place)
        try:
            whole = file is None or hashlib.sha256(file.read_bytes()).hexdigest() == place.digest
        except OSError as error:
            raise TapalError(
                f"the file of {place.title} cannot be read ({error.strerror}): roll it out anew"
            ) from error
        if not whole:
            raise TapalError(f"the file of {place.title} is damaged: roll it out anew")
        return file

    def _tidy(self, in_use: InUse) -> None:
        places = (in_use.active, in_use.previous, in_use.earlier)
        keep = {place.digest[:16] for place in places if place is not None and place.title}
        for path in self.folder.iterdir():
            if path.is_dir() and path.name not in keep:
                shutil.rmtree(path, ignore_errors=True)
            elif path.suffix == ".tapal":
                path.unlink(missing_ok=True)
