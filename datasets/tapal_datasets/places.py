"""Places to choose by, so that the exam stays unseen: people walk where no model learned and none is examined.

Like the sample feed, but by a seed: other piers and still pictures as ground, other paths, pairs and small groups, in
the light and through the lens that the seed gives. Things stand about that are nobody, some of kinds that no training
sees. Boxes and crossings are known because we put them there.
"""

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import yaml

from tapal_contract.errors import TapalError
from tapal_datasets import clutter, composites, landing, pier, sample, yolofiles
from tapal_datasets.cutouts import Cutout, Image
from tapal_datasets.video import VideoWriter
from tapal_datasets.walkers import STEP_M

FPS = sample.FPS
TALL_M = 1.66
FIRST_PIER = 100_000
"""Seeds of drawn piers begin here, away from those of composites."""
APART_S = 2.6
"""So many seconds lie between two groups, in the mean."""
Box = tuple[int, int, int, int]
THINGS = (6, 15)
"""At least so many things stand at a place, and fewer than so many."""


@dataclass(frozen=True, slots=True)
class Ground:
    """What people walk on: its picture without them, where its horizon is, how tall a person at its lower edge is."""

    still: Image
    horizon: float
    tallest: float

    def tall(self, row: float) -> float:
        """Height in pixels of a person of usual height whose feet are at `row`."""
        height: int = self.still.shape[0]
        return self.tallest * (row - self.horizon) / (height - self.horizon)


@dataclass(frozen=True, slots=True)
class Passer:
    """Someone who walks straight through the picture; `side` is 1 for rightwards, -1 for leftwards."""

    name: int
    pictures: tuple[Image, ...]
    start_s: float
    row: float
    side: int
    tall: float
    speed: float
    """Pixels a second."""

    def x(self, time_s: float, width: int) -> float:
        """Where the feet are; they start outside of the picture."""
        way = (time_s - self.start_s) * self.speed - self.tall
        return way if self.side > 0 else width - way

    def passes(self, column: float, width: int) -> float:
        """When the feet are at `column`."""
        way = column if self.side > 0 else width - column
        return self.start_s + (way + self.tall) / self.speed


@dataclass(frozen=True, slots=True)
class Thing:
    """Something that stands there through the whole clip and is nobody."""

    picture: Image
    x: float
    row: float


@dataclass(frozen=True, slots=True)
class Film:
    """All that a clip is made of; `light` is the seed of the light and the lens."""

    ground: Ground
    people: list[Passer]
    things: list[Thing]
    seconds: int
    light: int


def make(
    base: Sequence[Path],
    people: Sequence[Cutout],
    out: Path,
    *,
    count: int,
    seconds: int,
    seed: int,
    sizes: Sequence[int],
    landings: bool = False,
    tick: Callable[[int], object] | None = None,
) -> Path:
    """Write place-N.mp4 with its .gt.txt and .yaml into `out`, and exam.yaml that asks for all of them; return that.

    Or landing-N.mp4: ferry landings, which are for the exam and not for choosing by.
    """
    walking = [one for one in people if one.frame in sample.WALKING[one.person]]
    empty = [path for path in base if not any(label.number == composites.PERSON for label in yolofiles.read(path)[1])]
    if not walking or (base and not empty):
        lacking = "pictures without people" if walking else "people who walk"
        raise TapalError(f"there are no {lacking} to make places of: give other pictures with --base")
    out.mkdir(parents=True, exist_ok=True)
    names = [f"{'landing' if landings else 'place'}-{number + 1}" for number in range(count)]
    for number, name in enumerate(names):
        rng = np.random.default_rng([seed, number])
        ground = _ground(number, seed, empty, rng, landings=landings)
        passers: list[Passer] = []
        while not _crossings(passers, ground, seconds):  # a short clip may show nobody, and would ask nothing
            passers = _people(ground, walking, seconds, rng)
        _write(out / name, Film(ground, passers, _things(ground, rng), seconds, number + 100 * seed))
        if tick:
            tick(number + 1)
    exam = {
        "sizes": [*sizes],
        "clips": [{"video": f"{name}.mp4", "truth": f"{name}.gt.txt", "camera": name} for name in names],
        "scenes": [{"video": f"{name}.mp4", "crossings": f"{name}.yaml"} for name in names],
    }
    (out / "exam.yaml").write_text(yaml.safe_dump(exam, sort_keys=False), encoding="utf-8")
    return out / "exam.yaml"


def _ground(number: int, seed: int, base: Sequence[Path], rng: np.random.Generator, *, landings: bool) -> Ground:
    """A landing, or by turns a drawn pier and a picture."""
    if landings:
        return Ground(landing.draw(100 * seed + number), landing.HORIZON, landing.TALLEST)
    return _pictured(base, rng) if base and number % 2 else _drawn(FIRST_PIER + 100 * seed + number)


def _drawn(seed: int) -> Ground:
    return Ground(pier.draw(seed).frame(0.3), pier.HORIZON, TALL_M * pier.pixels_per_metre(pier.HEIGHT))


def _pictured(base: Sequence[Path], rng: np.random.Generator) -> Ground:
    still, _ = yolofiles.read(base[int(rng.integers(len(base)))])
    height = still.shape[0]
    return Ground(still, height * float(rng.uniform(0, 0.35)), height * float(rng.uniform(0.25, 0.5)))


def _people(ground: Ground, walking: Sequence[Cutout], seconds: int, rng: np.random.Generator) -> list[Passer]:
    """Groups of one to three, each of one way and pace; some are in the picture when it begins."""
    height = ground.still.shape[0]
    found: list[Passer] = []
    start = -15.0
    while (start := start + float(rng.exponential(APART_S))) < seconds:
        row = float(rng.uniform(ground.horizon + 0.45 * (height - ground.horizon), height - 6))
        side, pace = int(rng.choice([-1, 1])), float(rng.uniform(1.1, 1.6))
        for place in range(int(rng.choice([1, 2, 3], p=[0.5, 0.35, 0.15]))):
            at = float(np.clip(row + rng.normal(0, 0.03) * height * (place > 0), ground.horizon + 20, height - 4))
            tall = ground.tall(at) * float(rng.uniform(0.88, 1.08))
            speed = pace * tall / TALL_M
            later = float(rng.uniform(0.25, 0.9)) * place * tall / speed / 2
            pictures = _dressed(walking, tall, side, rng)
            found.append(Passer(len(found) + 1, pictures, start + later, at, side, tall, speed))
    return found


def _things(ground: Ground, rng: np.random.Generator) -> list[Thing]:
    """Things of every kind, up to a little taller than the people there; some farther off than anybody walks."""
    height, width = ground.still.shape[:2]
    found = []
    for _ in range(int(rng.integers(*THINGS))):
        row = float(rng.uniform(ground.horizon + 0.2 * (height - ground.horizon), height))
        tall = max(8.0, ground.tall(row) * float(rng.uniform(0.25, 1.2)))
        picture = clutter.thing(tall, rng, held_out=True, texture=ground.still)
        found.append(Thing(picture, float(rng.uniform(0, width)), row))
    return found


def _dressed(walking: Sequence[Cutout], tall: float, side: int, rng: np.random.Generator) -> tuple[Image, ...]:
    """One person's walk in clothes of their own."""
    person = walking[int(rng.integers(len(walking)))].person
    seed = int(rng.integers(1 << 30))
    steps = [one.scaled(tall, mirrored=side < 0) for one in walking if one.person == person]
    return tuple(composites.clothed(one, np.random.default_rng(seed)) for one in steps)


def _crossings(people: Sequence[Passer], ground: Ground, seconds: int) -> list[tuple[float, int, int]]:
    """Who passes the middle within the clip: when, their name, and their side, in the order of time."""
    width: int = ground.still.shape[1]
    ways = sorted((one.passes(width / 2, width), one.name, one.side) for one in people)
    return [way for way in ways if 0 < way[0] < seconds]


def _write(path: Path, film: Film) -> None:
    height, width = film.ground.still.shape[:2]
    rows = []
    with VideoWriter(path.with_suffix(".mp4"), (width, height), FPS) as writer:
        for number in range(film.seconds * FPS):
            picture = film.ground.still.copy()
            layers = [*_pasted(picture, film, number / FPS)]
            writer.write(composites.worsened(picture, np.random.default_rng(film.light)))  # the same for each frame
            for who, (x1, y1, x2, y2), counts in _seen(layers):
                rows.append(f"{number + 1},{who},{x1},{y1},{x2 - x1},{y2 - y1},{counts:d},-1,-1,-1\n")
    path.with_suffix(".gt.txt").write_text("".join(rows), encoding="utf-8")
    content = {
        "source": f"{path.name}.mp4",
        "size": [width, height],
        "fps": FPS,
        "frames": film.seconds * FPS,
        "lines": [{"id": "gate", "from": [0.5, 0.99], "to": [0.5, 0.05], "inbound": "left_to_right"}],
        "crossings": [
            {"line": "gate", "frame": round(at * FPS), "direction": "inbound" if side > 0 else "outbound"}
            for at, _, side in _crossings(film.people, film.ground, film.seconds)
        ],
    }
    path.with_suffix(".yaml").write_text(json.dumps(content, indent=1) + "\n", encoding="utf-8")


Layer = tuple[int, npt.NDArray[np.bool_]]
NOBODY = 0
"""The name of what is no person."""


def _pasted(picture: Image, film: Film, time_s: float) -> Iterator[Layer]:
    """Put things and everyone who is in the picture into it, the farthest first; who covers what."""
    height, width = picture.shape[:2]
    standing: list[Passer | Thing] = [*film.people, *film.things]
    for one in sorted(standing, key=lambda one: one.row):
        if isinstance(one, Thing):
            name, sprite, x = NOBODY, one.picture, one.x
        elif time_s >= one.start_s:
            name, sprite, x = one.name, _step(one, time_s), one.x(time_s, width)
        else:
            continue
        left, top = round(x - sprite.shape[1] / 2), round(one.row) - sprite.shape[0]
        box = sample.blend(picture, sprite, left, top)
        if box:
            x1, y1, w, h = (int(value) for value in box)
            mask = np.zeros((height, width), bool)
            mask[y1 : y1 + h, x1 : x1 + w] = sprite[y1 - top : y1 - top + h, x1 - left : x1 - left + w, 3] > 127
            yield name, mask


def _step(one: Passer, time_s: float) -> Image:
    """One step there and back again through the pictures."""
    turn = (time_s - one.start_s) * one.speed / one.tall * TALL_M / STEP_M % 1 * 2
    return one.pictures[round((turn if turn < 1 else 2 - turn) * (len(one.pictures) - 1))]


def _seen(layers: Sequence[Layer]) -> Iterator[tuple[int, Box, bool]]:
    """Who is seen where; those of whom less than what composites ask for is left do not count."""
    if not layers:
        return
    covered = np.zeros_like(layers[0][1])
    for name, mask in reversed(layers):
        left = mask & ~covered
        counts = bool(left.sum() >= composites.VISIBLE * max(1, mask.sum()))
        if mask.any() and name != NOBODY:
            yield name, _around(left if counts else mask), counts
        covered |= mask


def _around(mask: npt.NDArray[np.bool_]) -> Box:
    rows, columns = np.where(mask)
    return int(columns.min()), int(rows.min()), int(columns.max()) + 1, int(rows.max()) + 1
