"""``tapal edge bench``: which way of running the model is fastest here, and how many cameras that carries."""

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from functools import partial
from itertools import islice
from pathlib import Path

from tapal_contract.errors import TapalError
from tapal_detector.catalogue import find
from tapal_detector.measure import Measured, Way, cameras, choose, load, measure
from tapal_detector.session import available_providers
from tapal_edge.carry import Trial, attempt, most
from tapal_edge.config import Camera, EdgeConfig
from tapal_edge.safe import Safe
from tapal_edge.sources.frame import Image
from tapal_edge.sources.reader import open_reader

EVERY = 5
TRIAL_S = 9.0
SPARED_AT_MOST = 4  # times as many cameras are tried where the model is spared frames
INT8_ENDING = "-int8"


@dataclass(frozen=True, slots=True)
class Bench:
    """What was measured, and what follows."""

    measured: tuple[Measured, ...]
    chosen: Measured
    estimate: int
    wanted: int | None
    trials: tuple[Trial, ...] = ()

    @property
    def carried(self) -> bool:
        """Whether as many cameras as were asked for are carried."""
        return self.wanted is None or self.cameras >= self.wanted

    @property
    def cameras(self) -> int:
        """How many cameras at 5 frames a second: tried where some were asked for, else from the model's speed alone."""
        if not self.trials:
            return self.estimate
        return self.trials[-1].cameras if self.trials[-1].carried else 0

    def text(self) -> str:
        """Say it in a few lines."""
        lines = [
            f"{'*' if one is self.chosen else ' '} {one.way.name}: "
            + (f"{one.frame_ms:.1f} ms a frame" if one.frame_ms is not None else "does not run")
            + f", agreement {one.agreement:.3f}: {one.reason}"
            for one in self.measured
        ]
        lines += [f"tried at 5 frames a second: {trial}" for trial in self.trials]
        how = "as tried" if self.trials else "by the model's speed, with a fifth in reserve; --cameras N tries it"
        lines.append(f"this box carries {self.cameras} cameras at 5 frames a second, {how}")
        if not self.carried:
            lines.append(f"that is fewer than the {self.wanted} asked for: take a smaller size, or fewer cameras")
        return "\n".join(lines)

    def as_data(self) -> dict[str, object]:
        """The same for programs."""
        rows = [asdict(one) | {"way": one.way.name} for one in self.measured]
        return {
            "measured": rows,
            "chosen": self.chosen.way.name,
            "cameras": self.cameras,
            "trials": [asdict(trial) for trial in self.trials],
        }


def bench(config: EdgeConfig, *, frames: int, wanted: int | None = None, seconds: float = TRIAL_S) -> Bench:
    """Measure on frames of the node's own cameras.

    Args:
        config: the node.
        frames: how many of its frames to measure on.
        wanted: try to carry so many cameras, and fewer until it works.
        seconds: how long each number of cameras is tried.

    Raises:
        TapalError: no camera gives frames, or the model does not run.
    """
    pictures = list(_frames(config.cameras, frames, Safe(config.folder())))
    model = find(config.model)
    reference = Way(model=model, size=config.size, threads=config.threads)
    measured = measure(reference, list(_others(model, config)), pictures)
    chosen = choose(measured)
    assert chosen.frame_ms is not None, "an accepted way was measured"
    estimate = cameras(chosen.frame_ms)
    if wanted is None:
        return Bench(tuple(measured), chosen, estimate, wanted)
    detector = load(chosen.way)
    run = partial(attempt, detector, list(config.cameras), pictures, seconds=seconds)
    promised = SPARED_AT_MOST * (estimate + 1) if any(_is_spared(camera) for camera in config.cameras) else estimate
    return Bench(tuple(measured), chosen, estimate, wanted, tuple(most(promised, wanted, run)))


def _is_spared(camera: Camera) -> bool:
    """Whether the model does not see every frame of a camera, so that its speed does not tell how many are carried."""
    return camera.motion_gate or camera.rest_fps is not None


def _others(model: Path, config: EdgeConfig) -> Iterator[Way]:
    """Other providers of this machine, and the model's 8-bit sister where there is one."""
    sister = model.with_name(model.stem + INT8_ENDING + model.suffix)
    for file in (model, *([sister] if sister.is_file() else [])):
        for provider in dict.fromkeys((*available_providers(), "openvino")):
            if (file, provider) != (model, "cpu"):
                yield Way(model=file, provider=provider, size=config.size, threads=config.threads)


def _frames(sources: Sequence[Camera], count: int, safe: Safe) -> Iterator[Image]:
    """Take frames of every camera, some apart, so that they differ."""
    share, problems = -(-count // len(sources)), []
    for camera in sources:
        try:
            reader = open_reader(camera, safe=safe)
        except TapalError as error:
            problems.append(error)
            continue
        try:
            for shot in islice(reader.shots(), 0, share * EVERY, EVERY):
                yield shot.picture()
        finally:
            reader.close()
    if len(problems) == len(sources):
        raise problems[0]
