"""``tapal edge check``: tries everything a run needs, and says for each what it found."""

import json
import threading
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

from tapal_contract.errors import TapalError
from tapal_detector.detector import Detector
from tapal_detector.scene import refuse_hidden
from tapal_edge.config import Camera, EdgeConfig
from tapal_edge.geometry import overridden, read, side_files, with_geometry
from tapal_edge.node import load_detector
from tapal_edge.outbox import Outbox
from tapal_edge.safe import Safe
from tapal_edge.sources.address import plain_passwords, redacted, references
from tapal_edge.sources.decoding import IN_SOFTWARE
from tapal_edge.sources.frame import Image
from tapal_edge.sources.reader import open_reader
from tapal_edge.sources.trouble import SourceError

FRAME_WITHIN_S = 25.0


@dataclass(frozen=True, slots=True)
class Finding:
    """What came of one trial."""

    what: str
    good: bool
    detail: str
    warning: bool = False  # a run would start, and somebody should mend it all the same

    def text(self) -> str:
        """One line."""
        return f"{'FAIL' if not self.good else 'warn' if self.warning else 'ok  '}  {self.what}: {self.detail}"


@dataclass(frozen=True, slots=True)
class Report:
    """All findings of a node."""

    findings: tuple[Finding, ...]

    @property
    def good(self) -> bool:
        """Whether a run would start."""
        return all(finding.good for finding in self.findings)

    def text(self) -> str:
        """One line for each finding."""
        return "\n".join(each.text() for each in self.findings)

    def json(self) -> str:
        """The same for programs."""
        return json.dumps({"good": self.good, "findings": [asdict(finding) for finding in self.findings]})


def check(config: EdgeConfig, path: Path) -> Report:
    """Try model, outbox and each camera of a node."""
    findings = [Finding("configuration", good=True, detail=f"{path}: node {config.node} of site {config.site}")]
    findings += [_check_side_file(config, file) for file in side_files(config)]
    config = overridden(config)
    detector: Detector | None = None
    try:
        detector = load_detector(config, path)
        height, width = detector.size
        findings.append(
            Finding("model", good=True, detail=f"{detector.name_version} at {width}x{height} on {detector.provider}")
        )
    except TapalError as error:
        findings.append(Finding("model", good=False, detail=str(error)))
    if config.mqtt is not None:
        findings.append(_check_outbox(config))
    safe = Safe(config.folder())
    findings += _check_passwords(config, path, safe)
    findings += [_check_camera(camera, detector, safe) for camera in config.cameras]
    return Report(tuple(findings))


def _check_side_file(config: EdgeConfig, file: Path) -> Finding:
    what = "geometry"
    try:
        drawn = read(file)
        with_geometry(config, drawn)
    except TapalError as error:
        return Finding(what, good=False, detail=str(error))
    lines, zones = len(drawn.lines), len(drawn.zones)
    detail = (
        f"{file} overrides camera {drawn.camera}: {lines} lines, {zones} zones set by the office; delete it to undo"
    )
    return Finding(what, good=True, detail=detail)


def _check_outbox(config: EdgeConfig) -> Finding:
    file = config.folder() / "outbox.db"
    try:
        with Outbox(file) as outbox:
            return Finding("outbox", good=True, detail=f"{file}: {outbox.backlog().messages} messages wait")
    except TapalError as error:
        return Finding("outbox", good=False, detail=str(error))


def _check_passwords(config: EdgeConfig, path: Path, safe: Safe) -> Iterator[Finding]:
    sealed = {name for camera in config.cameras for name in references(str(camera.source))}
    if sealed:
        yield Finding("passwords", good=True, detail=f"{len(sealed)} sealed in {safe.file}; {safe.key_is}")
    plain = [camera.id for camera in config.cameras if plain_passwords(camera.source)]
    if plain:
        detail = f"those of {', '.join(plain)} can be read in {path}; seal them by 'tapal edge secret move'"
        yield Finding("passwords", good=True, detail=detail, warning=True)


def _check_camera(camera: Camera, detector: Detector | None, safe: Safe) -> Finding:
    what = f"camera {camera.id}"
    try:
        for line in camera.lines:
            refuse_hidden(line)
        image, seconds, decoding = grab(camera, safe)
    except TapalError as error:
        return Finding(what, good=False, detail=str(error))
    height, width = image.shape[:2]
    detail = f"{redacted(camera.source)}: {width}x{height}, first frame after {seconds:.1f} s"
    if decoding != IN_SOFTWARE:
        detail += f", decoded {decoding}"
    if detector is not None:
        found = detector.detect(image)
        detail += f", {sum(confidence >= 0.25 for confidence in found.confidences)} things seen in it"
    detail += f"; {len(camera.lines)} lines, {len(camera.zones)} zones"
    return Finding(what, good=True, detail=detail)


def grab(camera: Camera, safe: Safe | None = None) -> tuple[Image, float, str]:
    """Take one frame and say how it was decoded, in a thread that is left behind when the source does not answer."""
    begun = time.monotonic()
    found: list[tuple[Image, str]] = []
    trouble: list[SourceError] = []

    def take() -> None:
        try:
            reader = open_reader(camera, safe=safe)
            try:
                shot = next(reader.shots(), None)
                if shot is not None:
                    found.append((shot.picture(), reader.decoding))
            finally:
                reader.close()
        except SourceError as error:
            trouble.append(error)

    thread = threading.Thread(target=take, name=f"check {camera.id}", daemon=True)
    thread.start()
    thread.join(FRAME_WITHIN_S)
    if trouble:
        raise trouble[0]
    if not found:
        alive = thread.is_alive()
        raise SourceError(camera.id, camera.source, "stalled" if alive else "corrupt", "not one frame could be read")
    image, decoding = found[0]
    return image, time.monotonic() - begun, decoding
