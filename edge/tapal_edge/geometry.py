"""The lines and zones a camera counts at: checked, kept over restarts, and found again.

What the office sends goes into the configuration where the node may write it, with every remark left alone. Where it
may not, as under systemd, it goes into ``geometry/CAMERA.json`` in the node's folder, which overrides the configuration
until lines are drawn into that.
"""

import logging
import os
from collections.abc import Sequence
from pathlib import Path

from pydantic import ValidationError

from tapal_contract.errors import ConfigError, TapalError
from tapal_contract.events import first_problem
from tapal_contract.geometry import LineSpec, ZoneSpec
from tapal_contract.ids import Name
from tapal_contract.model import Frozen
from tapal_detector.scene import refuse_hidden
from tapal_edge import config_file
from tapal_edge.config import EdgeConfig

log = logging.getLogger(__name__)


class Geometry(Frozen):
    """What the page or the office sends: one camera's lines and zones."""

    camera: Name
    lines: tuple[LineSpec, ...] = ()
    zones: tuple[ZoneSpec, ...] = ()


def side_file(folder: Path, camera: str) -> Path:
    """Return where a camera's lines and zones are kept when the configuration cannot be written."""
    return folder / "geometry" / f"{camera}.json"


def side_files(config: EdgeConfig) -> list[Path]:
    """Return the files that override the configuration."""
    files = (side_file(config.folder(), camera.id) for camera in config.cameras)
    return [file for file in files if file.is_file()]


def with_geometry(config: EdgeConfig, drawn: Geometry) -> EdgeConfig:
    """Return the configuration with other lines and zones for one camera.

    Raises:
        ConfigError: no such camera, an id used twice, a line the frame hides or a pair's line gone.
    """
    if all(camera.id != drawn.camera for camera in config.cameras):
        known = ", ".join(camera.id for camera in config.cameras)
        raise ConfigError(f"there is no camera {drawn.camera!r} here; choose among {known}")
    for line in drawn.lines:
        refuse_hidden(line)
    cameras = [camera.model_dump(by_alias=True) for camera in config.cameras]
    fields = drawn.model_dump(by_alias=True, include={"lines", "zones"})
    changed = [camera | fields if camera["id"] == drawn.camera else camera for camera in cameras]
    try:
        return EdgeConfig.model_validate(config.model_dump(by_alias=True) | {"cameras": changed})
    except ValidationError as error:
        raise ConfigError(f"camera {drawn.camera!r}: {first_problem(error)}") from error


def keep(config: EdgeConfig, path: Path | None, drawn: Geometry) -> Path:
    """Write a camera's lines and zones where the next start finds them, whole or not at all; return the file.

    Raises:
        ConfigError: neither file can be written.
    """
    beside = side_file(config.folder(), drawn.camera)
    if path is not None:
        try:
            config_file.save_geometry(path, drawn.camera, drawn.lines, drawn.zones)
        except ConfigError as error:
            log.info("%s: kept in %s instead", error, beside)
        else:
            beside.unlink(missing_ok=True)
            return path
    try:
        beside.parent.mkdir(parents=True, exist_ok=True)
        config_file.write_whole(beside, drawn.model_dump_json(by_alias=True, indent=1) + "\n")
    except OSError as error:
        raise ConfigError(f"{beside}: cannot be written ({error.strerror}); check the owner of the folder") from error
    return beside


def overridden(config: EdgeConfig) -> EdgeConfig:
    """Return the configuration with what the office sent; a file that fits no more is named and passed over."""
    for file in side_files(config):
        try:
            config = with_geometry(config, read(file))
        except TapalError as error:
            log.error("%s; counting at the configuration's lines instead", error)  # noqa: TRY400 - no trace wanted
    return config


def read(file: Path) -> Geometry:
    """Read a side file.

    Raises:
        ConfigError: it cannot be read or is no geometry.
    """
    try:
        return Geometry.model_validate_json(file.read_bytes())
    except OSError as error:
        raise ConfigError(f"{file}: cannot be read ({os.strerror(error.errno or 0)}); check its owner") from error
    except ValidationError as error:
        raise ConfigError(f"{file}: {first_problem(error)}; delete it and set the lines again") from error


def changed(
    config: EdgeConfig, camera: str, lines: Sequence[LineSpec] | None, zones: Sequence[ZoneSpec] | None
) -> Geometry:
    """Return a camera's geometry with other lines, other zones, or both."""
    old = next((one for one in config.cameras if one.id == camera), None)
    before = (old.lines, old.zones) if old else ((), ())
    return Geometry(
        camera=camera,
        lines=before[0] if lines is None else tuple(lines),
        zones=before[1] if zones is None else tuple(zones),
    )
