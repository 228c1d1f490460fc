"""Changes single keys of a configuration file, leaving every other letter and comment of it alone."""

import contextlib
import json
import os
import stat
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import yaml

from tapal_contract import yamlfile
from tapal_contract.errors import ConfigError
from tapal_contract.geometry import LineSpec, ZoneSpec
from tapal_edge.config import EdgeConfig


def save_geometry(path: Path, camera: str, lines: Sequence[LineSpec], zones: Sequence[ZoneSpec]) -> None:
    """Replace the lines and zones of a camera; the file as it was is kept beside it with the ending ``.bak``.

    Raises:
        ConfigError: the file cannot be read or written, or would not be a configuration any more.
    """

    def change(text: str) -> str:
        text = _with(text, path, camera, "lines", [_line(line) for line in lines])
        return _with(text, path, camera, "zones", [_zone(zone) for zone in zones])

    _rewrite(path, change)


def write_top_level(path: Path, values: Mapping[str, str]) -> None:
    """Set plain keys of the file itself, such as ``provider``.

    Raises:
        ConfigError: as :func:`save_geometry`.
    """

    def change(text: str) -> str:
        for key, value in values.items():
            text = _with_value(text, key, value)
        return text

    _rewrite(path, change)


def _rewrite(path: Path, change: Callable[[str], str]) -> None:
    try:
        before = path.read_text(encoding="utf-8")
        after = change(before)
        yamlfile.loads(after, EdgeConfig, name=str(path))
        write_whole(path.with_name(path.name + ".bak"), before, like=path)
        write_whole(path, after, like=path)
    except OSError as error:
        raise ConfigError(f"{path}: cannot be changed ({error.strerror}); check its owner and permissions") from error


def write_whole(path: Path, text: str, *, like: Path | None = None) -> None:
    """Replace a file so that a power cut leaves the old or the new one, never a part.

    It belongs to and is readable by whom ``like`` is: a file with a camera's password must not become readable for
    all, nor unreadable to the node because root changed it.

    Raises:
        OSError: it cannot be written; the old one is still there.
    """
    partial = path.with_name(path.name + ".partial")
    partial.unlink(missing_ok=True)
    with os.fdopen(os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as file:
        if like is not None:
            model = like.stat()
            with contextlib.suppress(PermissionError):  # only root may give a file away
                os.fchown(file.fileno(), model.st_uid, model.st_gid)
            os.fchmod(file.fileno(), stat.S_IMODE(model.st_mode))
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    partial.replace(path)
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def _with(text: str, path: Path, camera: str, key: str, entries: Sequence[str]) -> str:
    mapping = _camera_node(text, path, camera)
    for name, value in mapping.value:
        if name.value == key:
            start: int = name.start_mark.index
            return text[:start] + _block(key, entries, name.start_mark.column) + text[_end(value) :]
    if not entries:
        return text
    first = mapping.value[0][0]
    at = _end(mapping.value[-1][1])
    rest = text[at:]
    line_end = at + (rest.index("\n") if "\n" in rest else len(rest))  # a comment behind the last value stays there
    column: int = first.start_mark.column
    return text[:line_end] + "\n" + " " * column + _block(key, entries, column) + text[line_end:]


def _with_value(text: str, key: str, value: str) -> str:
    root = yaml.compose(text, Loader=yaml.SafeLoader)
    assert isinstance(root, yaml.MappingNode), "it was read as a configuration before"
    written = json.dumps(value, ensure_ascii=False)  # a JSON string is a YAML string
    for name, node in root.value:
        if name.value == key:
            start: int = node.start_mark.index
            return text[:start] + written + text[_end(node) :]
    return text.rstrip("\n") + f"\n{key}: {written}\n"


def _camera_node(text: str, path: Path, camera: str) -> yaml.MappingNode:
    root = yaml.compose(text, Loader=yaml.SafeLoader)
    if isinstance(root, yaml.MappingNode):
        for name, value in root.value:
            if name.value == "cameras" and isinstance(value, yaml.SequenceNode):
                for entry in value.value:
                    if _id_of(entry) == camera:
                        if entry.flow_style:
                            raise ConfigError(
                                f"{path}, line {entry.start_mark.line + 1}: camera {camera!r} is written in braces; "
                                "write its keys one below the other so that lines can be added"
                            )
                        found: yaml.MappingNode = entry
                        return found
    raise ConfigError(f"{path}: has no camera {camera!r}; was the file changed meanwhile? Load the page again")


def _id_of(entry: yaml.Node) -> str | None:
    if not isinstance(entry, yaml.MappingNode):
        return None
    return next((value.value for name, value in entry.value if name.value == "id"), None)


def _end(node: yaml.Node) -> int:
    """Where a node's own text ends; a block's end mark lies behind the comments and blank lines that follow it."""
    if isinstance(node, yaml.MappingNode) and node.value and not node.flow_style:
        return _end(node.value[-1][1])
    if isinstance(node, yaml.SequenceNode) and node.value and not node.flow_style:
        return _end(node.value[-1])
    index: int = node.end_mark.index
    return index


def _block(key: str, entries: Sequence[str], column: int) -> str:
    if not entries:
        return f"{key}: []"
    indent = "\n" + " " * (column + 2) + "- "
    return f"{key}:" + "".join(indent + entry for entry in entries)


def _line(line: LineSpec) -> str:
    return f"{{id: {line.id}, from: {_point(line.from_)}, to: {_point(line.to)}, inbound: {line.inbound}}}"


def _zone(zone: ZoneSpec) -> str:
    corners = ", ".join(_point(corner) for corner in zone.polygon)
    return f"{{id: {zone.id}, kind: {zone.kind}, polygon: [{corners}]}}"


def _point(point: tuple[float, float]) -> str:
    return f"[{round(point[0], 4):g}, {round(point[1], 4):g}]"
