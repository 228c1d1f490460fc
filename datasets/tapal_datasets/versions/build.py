"""Folders of labelled pictures into one immutable version in Ultralytics' format."""

import hashlib
import os
import shutil
from collections import Counter, defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import yaml

from tapal_contract.errors import TapalError
from tapal_datasets import provenance, yolofiles
from tapal_datasets.importing.boxes import NAMES
from tapal_datasets.importing.folder import PICTURES
from tapal_datasets.provenance import Provenance
from tapal_datasets.versions import manifest, similar, splitting
from tapal_datasets.versions.manifest import Item, Manifest, Split
from tapal_datasets.versions.splitting import Group
from tapal_datasets.yolofiles import Label
from tapal_detector.light import Light, light_of

Tick = Callable[[int, int], object]


@dataclass(frozen=True, slots=True, kw_only=True)
class Recipe:
    """How a version is to be built."""

    name: str
    val: float = 0.15
    test: float = 0.0
    keep_repeats: bool = False
    split_within_a_day: bool = False
    gap: int = 5

    @property
    def shares(self) -> dict[Split, float]:
        """The share of each split."""
        if not (0 <= self.val < 1 and 0 <= self.test < 1 and self.val + self.test < 1):
            raise TapalError(
                f"shares --val {self.val:g} and --test {self.test:g} leave nothing to train on: keep their sum below 1"
            )
        return {"train": 1 - self.val - self.test, "val": self.val, "test": self.test}


@dataclass(frozen=True, slots=True)
class _Picture:
    path: Path
    labels_path: Path
    name: str
    source: Provenance
    light: Light
    fingerprint: int
    labels: list[Label]

    @property
    def group(self) -> Group:
        return self.source.camera, str(self.source.day or "unknown day")


def build(
    folders: Sequence[Path], out: Path, recipe: Recipe, *, held: Sequence[Path] = (), tick: Tick | None = None
) -> Path:
    """Build OUT/NAME@VERSION and return its folder; the same folders give the same version, byte for byte.

    Where folders are `held` back, those alone prove while training, and the others alone train.

    Raises:
        TapalError: nothing to build from, unlabelled proposals, two pictures of one name, or too few camera days.
    """
    shares = recipe.shares
    pictures = _read_all([*folders, *held], tick)
    kept = pictures if recipe.keep_repeats else _without_repeats(pictures)
    splits = _held_back(kept, held, recipe) if held else _split(kept, recipe, shares)
    items = tuple(_item(picture, splits[picture.name]) for picture in kept if picture.name in splits)
    version = manifest.version_of(items)
    made = Manifest(
        name=recipe.name,
        version=version,
        licences=tuple(sorted({picture.source.licence for picture in kept})),
        origins=tuple(sorted({picture.source.origin for picture in kept})),
        split_within_a_day=recipe.split_within_a_day,
        left_out_as_repeats=len(pictures) - len(kept),
        items=items,
    )
    return _publish(made, {picture.name: picture for picture in kept}, out)


def _read_all(folders: Sequence[Path], tick: Tick | None) -> list[_Picture]:
    files = []
    for folder in folders:
        source = provenance.read(folder)
        if source.state == "proposed":
            raise TapalError(
                f"folder {str(folder)!r} holds boxes that a model proposed: look at them first, "
                f"then set state: labelled in its {provenance.NAME}"
            )
        found = sorted(path for path in (folder / "images").glob("*") if path.suffix.lower() in PICTURES)
        if not found:
            raise TapalError(f"folder {str(folder)!r} has no pictures in images/: import some into it")
        files += [(path, source) for path in found]
    pictures: dict[str, _Picture] = {}
    for number, (path, source) in enumerate(files, start=1):
        picture = _read(path, source)
        if picture.name in pictures:
            raise TapalError(
                f"two pictures become {picture.name!r} ({pictures[picture.name].path} and {path}): rename one"
            )
        pictures[picture.name] = picture
        if tick:
            tick(number, len(files))
    return [pictures[name] for name in sorted(pictures)]


def _read(path: Path, source: Provenance) -> _Picture:
    image, labels = yolofiles.read(path)
    wrong = next((label.number for label in labels if not 0 <= label.number < len(NAMES)), None)
    if wrong is not None:
        raise TapalError(
            f"labels of {str(path)!r} have class {wrong}, but the taxonomy ends at {len(NAMES) - 1}: correct it"
        )
    name = f"{source.camera}-{source.day or 'undated'}-{path.stem}"
    labels_path = path.parent.parent / "labels" / f"{path.stem}.txt"
    return _Picture(path, labels_path, name, source, light_of(image), similar.fingerprint(image), labels)


def _without_repeats(pictures: Sequence[_Picture]) -> list[_Picture]:
    """Leave out what looks like an earlier picture of its camera's day and has the same boxes."""
    kept: list[_Picture] = []
    seen: defaultdict[Group, list[_Picture]] = defaultdict(list)
    for picture in pictures:
        repeats = (
            similar.alike(picture.fingerprint, other.fingerprint) and similar.same_boxes(picture.labels, other.labels)
            for other in seen[picture.group]
        )
        if not any(repeats):
            kept.append(picture)
            seen[picture.group].append(picture)
    return kept


def _split(pictures: Sequence[_Picture], recipe: Recipe, shares: dict[Split, float]) -> dict[str, Split]:
    groups: defaultdict[Group, list[_Picture]] = defaultdict(list)
    for picture in pictures:
        groups[picture.group].append(picture)
    if recipe.split_within_a_day:
        splits: dict[str, Split] = {}
        for members in groups.values():
            splits |= splitting.within_day([member.name for member in members], shares, recipe.gap)
        return splits
    strata = {
        group: Counter(
            f"{p.light}/{name}" for p in members for name in [*(NAMES[b.number] for b in p.labels), "picture"]
        )
        for group, members in groups.items()
    }
    of_group = splitting.by_group(strata, shares)
    return {picture.name: of_group[picture.group] for picture in pictures}


def _held_back(pictures: Sequence[_Picture], held: Sequence[Path], recipe: Recipe) -> dict[str, Split]:
    """What lies in the held folders proves, the rest trains."""
    splits: dict[str, Split] = {one.name: "val" if one.path.parent.parent in held else "train" for one in pictures}
    if set(splits.values()) != {"train", "val"}:
        raise TapalError("nothing is left to train with, or to prove with, beside what is held back: give both")
    proving = {one.group for one in pictures if splits[one.name] == "val"}
    shared = sorted(proving & {one.group for one in pictures if splits[one.name] == "train"})
    if shared and not recipe.split_within_a_day:
        raise TapalError(
            f"camera {shared[0][0]!r}, {shared[0][1]}, lies in what is held back and in what trains: hold back whole "
            "camera days, or add --split-within-a-day and read its figures with care"
        )
    return splits


def _item(picture: _Picture, split: Split) -> Item:
    return Item(
        name=picture.name,
        split=split,
        camera=picture.source.camera,
        day=picture.source.day,
        light=picture.light,
        licence=picture.source.licence,
        image=_digest(picture.path.read_bytes()),
        labels=_digest(_label_bytes(picture)),
        boxes=similar.count(picture.labels),
        clip=picture.source.clips.get(picture.path.stem),
    )


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def _label_bytes(picture: _Picture) -> bytes:
    return picture.labels_path.read_bytes() if picture.labels_path.is_file() else b""


def _publish(made: Manifest, pictures: dict[str, _Picture], out: Path) -> Path:
    """Write beside the place, then rename: a version is there whole or not at all, and is never written again."""
    target = out / made.title
    if target.exists():
        return target
    draft = out / f".{made.title}.{os.getpid()}"
    try:
        for item in made.items:
            picture = pictures[item.name]
            for part, content, suffix in (
                ("images", picture.path.read_bytes(), picture.path.suffix.lower()),
                ("labels", _label_bytes(picture), ".txt"),
            ):
                file = draft / part / item.split / f"{item.name}{suffix}"
                file.parent.mkdir(parents=True, exist_ok=True)
                file.write_bytes(content)
        used = [split for split in manifest.SPLITS if any(item.split == split for item in made.items)]
        page: dict[str, object] = {split: f"images/{split}" for split in used}
        page["names"] = list(NAMES)
        (draft / "data.yaml").write_text(yaml.safe_dump(page, sort_keys=False), encoding="utf-8")
        manifest.write(draft, made)
        draft.rename(target)
    finally:
        shutil.rmtree(draft, ignore_errors=True)
    return target
