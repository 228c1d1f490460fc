"""Whether a version is still what its manifest says, and taking a deleted clip out of it."""

import hashlib
from pathlib import Path

from tapal_contract.errors import TapalError
from tapal_datasets.versions import manifest
from tapal_datasets.versions.manifest import Item, Manifest


def image_of(folder: Path, item: Item) -> Path | None:
    """The picture of an item, None where it is gone."""
    return next(iter(sorted((folder / "images" / item.split).glob(f"{item.name}.*"))), None)


def verify(folder: Path) -> Manifest:
    """Check every file against its hash.

    Raises:
        TapalError: a file is missing, changed, or not in the manifest.
    """
    made = manifest.read(folder)
    for item in made.items:
        image = image_of(folder, item)
        labels = folder / "labels" / item.split / f"{item.name}.txt"
        for file, digest in ((image, item.image), (labels, item.labels)):
            if file is None or not file.is_file():
                raise TapalError(f"dataset {made.title} lacks the files of {item.name!r}: build it again")
            if hashlib.sha256(file.read_bytes()).hexdigest() != digest:
                raise TapalError(
                    f"{str(file)!r} is not what {made.title} was built with: versions are not edited; build a new one"
                )
    known = {item.name for item in made.items}
    strangers = sorted(
        path.name for path in (folder / "images").rglob("*") if path.is_file() and path.stem not in known
    )
    if strangers:
        raise TapalError(f"dataset {made.title} holds {strangers[0]!r}, which its manifest does not name: remove it")
    return made


def forget(folder: Path, clip: str) -> int:
    """Delete the pictures of a clip from a version; the manifest keeps the clip's id, so that it is known to be less.

    Raises:
        TapalError: the version has nothing of this clip.
    """
    made = manifest.read(folder)
    gone = [item for item in made.items if item.clip == clip]
    if not gone:
        raise TapalError(f"dataset {made.title} has no picture of clip {clip!r}: nothing was deleted")
    left = tuple(item for item in made.items if item.clip != clip)
    manifest.write(folder, made.model_copy(update={"items": left, "withdrawn": (*made.withdrawn, clip)}))
    for item in gone:
        image = image_of(folder, item)
        for file in (image, folder / "labels" / item.split / f"{item.name}.txt"):
            if file is not None:
                file.unlink(missing_ok=True)
    return len(gone)
