"""How the node and its cameras fare."""

import shutil
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Protocol

from tapal_contract.geometry import LineSpec, ZoneSpec
from tapal_contract.node import CameraHealth, CommandAnswer, Health
from tapal_contract.times import from_seconds
from tapal_contract.updates import ModelHealth
from tapal_edge.outbox import Outbox
from tapal_edge.sources.live import State
from tapal_edge.transport import Identity

THERMAL = Path("/sys/class/thermal")
HOT_C = 85.0
DISK_LOW_BYTES = 1_000_000_000


class Watched(Protocol):
    """What is asked of a camera."""

    @property
    def name(self) -> str:
        """The id of the camera."""
        ...

    @property
    def state(self) -> State:
        """Whether frames come."""
        ...

    @property
    def detail(self) -> str:
        """Why not."""
        ...

    @property
    def analysed(self) -> int:
        """Frames analysed since the start."""
        ...

    @property
    def skipped(self) -> int:
        """Frames due but not analysed since the start."""
        ...

    @property
    def last_frame_utc_s(self) -> float | None:
        """When the last one was taken."""
        ...

    @property
    def lines(self) -> tuple[LineSpec, ...]:
        """Where it counts."""
        ...

    @property
    def zones(self) -> tuple[ZoneSpec, ...]:
        """What else it watches."""
        ...


def _unknown(_: str) -> None:
    return None


@dataclass
class Reporter:
    """Makes the report that goes out every 30 s."""

    identity: Identity
    cameras: Sequence[Watched]
    outbox: Outbox
    folder: Path
    warnings: Callable[[], list[str]] = list
    recall: Callable[[str], float | None] = _unknown
    answers: Callable[[], tuple[CommandAnswer, ...]] = tuple
    model: Callable[[], ModelHealth | None] = lambda: None
    _started: float = field(default_factory=time.monotonic)
    _counted: dict[str, tuple[float, int]] = field(default_factory=dict)

    def report(self) -> Health:
        """Measure now."""
        disk = shutil.disk_usage(self.folder)
        backlog = self.outbox.backlog()
        temperature = hottest()
        return Health(
            node=self.identity.node,
            site=self.identity.site,
            boot=self.identity.boot,
            time=datetime.now(UTC),
            cameras=tuple(self._camera(camera) for camera in self.cameras),
            queue=backlog.messages,
            media_queue=backlog.pictures,
            oldest_seq=self.outbox.held_from,
            temperature_c=temperature,
            disk_free_bytes=disk.free,
            disk_total_bytes=disk.total,
            memory_bytes=resident_bytes(),
            uptime_s=round(time.monotonic() - self._started, 1),
            warnings=(*self.warnings(), *self._own_warnings(disk.free, temperature)),
            commands=self.answers(),
            model=self.model(),
        )

    def _camera(self, camera: Watched) -> CameraHealth:
        return CameraHealth(
            camera=camera.name,
            state=camera.state,
            fps=round(self._rate(camera), 2),
            skipped=camera.skipped,
            last_frame=None if camera.last_frame_utc_s is None else from_seconds(camera.last_frame_utc_s),
            detail=camera.detail[:500],
            recall=self.recall(camera.name),
            lines=camera.lines,
            zones=camera.zones,
        )

    def _rate(self, camera: Watched) -> float:
        now, analysed = time.monotonic(), camera.analysed
        before, counted = self._counted.get(camera.name, (self._started, 0))
        self._counted[camera.name] = (now, analysed)
        return (analysed - counted) / max(1e-3, now - before)

    def _own_warnings(self, free: int, temperature: float | None) -> list[str]:
        backlog = self.outbox.backlog()
        found = []
        if free < DISK_LOW_BYTES:
            found.append(f"disk nearly full: {free // 1_000_000} MB free")
        if backlog.in_memory:
            found.append(f"disk full: {backlog.in_memory} events wait in memory only")
        if backlog.pictures_dropped:
            found.append(f"{backlog.pictures_dropped} pictures were dropped for want of room")
        if backlog.only_counted:
            counts = ", ".join(f"{kind}: {count}" for kind, count in sorted(backlog.only_counted.items()))
            found.append(f"events that could only be counted: {counts}")
        if temperature is not None and temperature >= HOT_C:
            found.append(f"hot: {temperature:.0f} degrees Celsius")
        return found


def hottest(folder: Path = THERMAL) -> float | None:
    """Return the highest temperature that the machine tells, in degrees Celsius."""
    found = []
    for file in sorted(folder.glob("thermal_zone*/temp")):
        try:
            found.append(int(file.read_text(encoding="ascii")) / 1000)
        except (OSError, ValueError):  # a sensor that is switched off answers with an error
            continue
    return max(found, default=None)


def resident_bytes(statm: Path = Path("/proc/self/statm")) -> int | None:
    """Return the memory this process holds, where the system tells."""
    try:
        pages = int(statm.read_text(encoding="ascii").split()[1])
    except (OSError, ValueError, IndexError):
        return None
    return pages * 4096
