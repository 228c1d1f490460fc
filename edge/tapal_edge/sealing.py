"""Moves passwords that stand in a configuration into the safe, leaving every other letter of the file alone."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote

import yaml

from tapal_contract import yamlfile
from tapal_contract.errors import ConfigError, TapalError
from tapal_edge.config import EdgeConfig
from tapal_edge.config_file import write_whole
from tapal_edge.safe import Safe
from tapal_edge.sources.address import plain_passwords


@dataclass(frozen=True, slots=True)
class Moved:
    """A password that is sealed now, and where from."""

    name: str
    camera: str


def seal(path: Path, safe: Safe) -> tuple[list[Moved], list[Path]]:
    """Seal every plain password of a configuration; return what was moved, and old copies that were deleted for it.

    Raises:
        TapalError: the file cannot be read or written, or the safe cannot.
    """
    config = yamlfile.load(path, EdgeConfig)
    text = path.read_text(encoding="utf-8")
    moved: list[Moved] = []
    passwords: set[str] = set()
    new: dict[str, str] = {}
    for camera in config.cameras:
        source = camera.source
        spans = plain_passwords(source)
        if isinstance(source, int) or not spans:
            continue
        changed = source
        for start, end in reversed(spans):
            name = _kept(safe, camera.id, unquote(source[start:end]))
            changed = f"{changed[:start]}${{secret:{name}}}{changed[end:]}"
            passwords.add(source[start:end])
            moved.append(Moved(name, camera.id))
        new[source] = changed
    if moved:
        _rewrite(path, text, new)
    return moved, _without_copies(path, passwords)


def _kept(safe: Safe, wanted: str, password: str) -> str:
    """Seal it under a name of its own; the same password has the same name."""
    names = set(safe.names())
    for name in _variants(wanted):
        if name not in names:
            safe.put(name, password)
            return name
        if safe.open(name) == password:
            return name
    raise TapalError(f"there is no name left for the password of camera {wanted!r}")


def _variants(name: str) -> Iterator[str]:
    yield name
    yield from (f"{name[:60]}-{number}" for number in range(2, 100))


def _rewrite(path: Path, text: str, new: dict[str, str]) -> None:
    for node in reversed(list(_sources(text))):
        if node.value in new:
            start, end = node.start_mark.index, node.end_mark.index
            text = text[:start] + json.dumps(new[node.value], ensure_ascii=False) + text[end:]
    read = yamlfile.loads(text, EdgeConfig, name=str(path))
    if any(plain_passwords(camera.source) for camera in read.cameras):
        raise ConfigError(f"{path}: cannot be changed by a program; write ${{secret:NAME}} into it by hand")
    try:
        write_whole(path, text, like=path)
    except OSError as error:
        raise ConfigError(f"{path}: cannot be changed ({error.strerror}); check its owner and permissions") from error


def _sources(text: str) -> Iterator[yaml.ScalarNode]:
    root = yaml.compose(text, Loader=yaml.SafeLoader)
    assert isinstance(root, yaml.MappingNode), "it was read as a configuration before"
    for name, cameras in root.value:
        if name.value == "cameras" and isinstance(cameras, yaml.SequenceNode):
            for camera in cameras.value:
                yield from (value for key, value in camera.value if key.value == "source")


def _without_copies(path: Path, passwords: set[str]) -> list[Path]:
    """Delete what drawing lines kept of the file as it was, if it holds what was sealed."""
    copy = path.with_name(path.name + ".bak")
    if not copy.is_file() or not any(one in copy.read_text(encoding="utf-8") for one in passwords):
        return []
    copy.unlink()
    return [copy]
