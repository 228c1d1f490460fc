"""Build the sample feed: cut-out people walk over the drawn pier, and every true crossing is known."""

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import yaml

from tapal_datasets import pier
from tapal_datasets.cutouts import Cutout, Image, cut_people
from tapal_datasets.video import VideoWriter
from tapal_datasets.walkers import STEP_M, Moment, Walker, cast

FPS = 10
SECONDS = 41
EMPTY = (0, 10, 20, 30, 470, 480, 490, 715, 725, 900, 910, 1220)
"""Frames of the source video that show nobody."""
STANDING = {1: 150, 2: 360, 3: 590, 4: 800, 5: 1050, 6: 1300}
WALKING = {
    1: range(188, 192),
    2: range(437, 442),
    3: range(684, 691),
    4: range(856, 862),
    5: range(1187, 1192),
    6: range(1350, 1353),
}
"""Frames of the source video with each person at the desk, and walking away through one step."""

ATTRIBUTION = """\
pier.mp4 is a composite made by this project: a pier drawn by code, and people cut out of "one-by-one-person-detection"
of Intel's sample videos (https://github.com/intel-iot-devkit/sample-videos), used under the Creative Commons
Attribution 4.0 International licence (https://creativecommons.org/licenses/by/4.0/).
Changes made: six people cut out of the background, their heads blurred beyond recognition, straightened, mirrored,
resized, tinted, and set walking over a drawn scene. The makers of the source do not endorse this use.
The composite is offered under the same licence, CC BY 4.0. `tapal dataset sample` makes it again, frame for frame.
"""


@dataclass
class Truth:
    """What the builder knows: boxes in MOT order (frame, id, x, y, w, h) and crossings."""

    boxes: list[tuple[int, int, float, float, float, float]] = field(default_factory=list)
    crossings: list[dict[str, int | float | str]] = field(default_factory=list)


def build(video: Path, out: Path, *, seconds: int = SECONDS, tick: Callable[[int, int], object] | None = None) -> Truth:
    """Write pier.mp4, pier.yaml, pier.gt.txt and ATTRIBUTION.txt into `out`, from Intel's one-by-one video."""
    people = {person: [STANDING[person], *WALKING[person]] for person in STANDING}
    pictures = _by_person(cut_people(video, empty=EMPTY, people=people))
    scene = pier.draw()
    walkers = cast()
    truth = Truth(crossings=_true_crossings(walkers))
    out.mkdir(parents=True, exist_ok=True)
    total = seconds * FPS
    with VideoWriter(out / "pier.mp4", (pier.WIDTH, pier.HEIGHT), FPS) as writer:
        for number in range(total):
            picture = scene.frame(number / (SECONDS * FPS) * 2 % 1)
            for walker, moment in _present(walkers, number / FPS):
                box = _paste(picture, pictures[walker.person], walker, moment)
                if box:
                    truth.boxes.append((number + 1, walker.name, *box))
            writer.write(picture)
            if tick:
                tick(number + 1, total)
    _write_truth(out, truth)
    return truth


def _by_person(cutouts: list[Cutout]) -> dict[int, tuple[Cutout, list[Cutout]]]:
    """Each person's standing picture and walking pictures."""
    return {
        person: (
            next(c for c in cutouts if c.person == person and c.frame == STANDING[person]),
            [c for c in cutouts if c.person == person and c.frame in WALKING[person]],
        )
        for person in STANDING
    }


def _present(walkers: list[Walker], time_s: float) -> list[tuple[Walker, Moment]]:
    """Everyone in the picture, the farthest first."""
    here = [(walker, moment) for walker in walkers if (moment := walker.at(time_s))]
    return sorted(here, key=lambda pair: pair[1].y)


def _true_crossings(walkers: list[Walker]) -> list[dict[str, int | float | str]]:
    found = [(time, direction, walker.name) for walker in walkers for time, direction in walker.crossings(FPS)]
    return [
        {"line": "gate", "frame": round(time * FPS), "time_s": round(time, 3), "direction": direction, "person": name}
        for time, direction, name in sorted(found)
    ]


def _paste(
    picture: Image, poses: tuple[Cutout, list[Cutout]], walker: Walker, moment: Moment
) -> tuple[float, float, float, float] | None:
    """Draw a walker with a shadow; return the visible box (x, y, w, h), or None when out of the picture."""
    standing, walking = poses
    if moment.standing:
        cutout = standing
    else:  # one step there and back again through the pictures: legs open, close, open
        turn = moment.metres / STEP_M % 1 * 2
        cutout = walking[round((turn if turn < 1 else 2 - turn) * (len(walking) - 1))]
    height = walker.height_m * pier.pixels_per_metre(moment.y)
    sprite = dressed(cutout.scaled(height, mirrored=not moment.standing and not moment.rightwards), walker.tint)
    alpha = sprite[..., 3].astype(np.float32) / 255
    trunk = alpha[: len(alpha) // 2]
    centre = float((trunk.sum(axis=0) * np.arange(trunk.shape[1])).sum() / trunk.sum())
    _shadow(picture, moment, height)
    left, top = round(moment.x - centre), round(moment.y) - sprite.shape[0]
    return blend(picture, sprite, left, top)


def dressed(sprite: Image, tint: tuple[int, int, int]) -> Image:
    """Lift the indoor blacks to daylight and tint the clothes below the head, darkest parts most."""
    height = sprite.shape[0]
    colour = sprite[..., :3].astype(np.float32)
    below = np.clip((np.arange(height, dtype=np.float32)[:, None, None] / height - 0.17) / 0.04, 0, 1)
    light = np.array((26, 24, 22), np.float32) + np.array(tint, np.float32) * below
    screened = 255 - (255 - colour * 1.04) * (255 - light) / 255
    return np.dstack([screened.clip(0, 255).astype(np.uint8), sprite[..., 3]])


def _shadow(picture: Image, moment: Moment, height: float) -> None:
    reach = max(3, round(height * 0.2))
    rows = slice(max(0, round(moment.y) - reach), min(picture.shape[0], round(moment.y) + reach))
    columns = slice(max(0, round(moment.x) - 2 * reach), max(0, min(picture.shape[1], round(moment.x) + 3 * reach)))
    window = picture[rows, columns]
    if not window.size:
        return
    across = (np.arange(columns.start, columns.stop) - moment.x - 0.3 * reach) / (1.35 * reach)
    down = (np.arange(rows.start, rows.stop) - moment.y + 0.05 * reach) / (0.36 * reach)
    dark = 0.45 * np.exp(-(across[None, :] ** 2 + down[:, None] ** 2))
    window[:] = (window * (1 - dark[..., None])).astype(np.uint8)


def blend(picture: Image, sprite: Image, left: int, top: int) -> tuple[float, float, float, float] | None:
    """Put `sprite` into `picture`; return the box of what is visible of it."""
    x1, y1 = max(0, left), max(0, top)
    x2, y2 = min(picture.shape[1], left + sprite.shape[1]), min(picture.shape[0], top + sprite.shape[0])
    if x2 - x1 < 3 or y2 - y1 < 3:
        return None
    part = sprite[y1 - top : y2 - top, x1 - left : x2 - left]
    alpha = part[..., 3:].astype(np.float32) / 255
    window = picture[y1:y2, x1:x2]
    window[:] = (part[..., :3] * alpha + window * (1 - alpha)).round().astype(np.uint8)
    return x1, y1, x2 - x1, y2 - y1


def _write_truth(out: Path, truth: Truth) -> None:
    bottom, top = pier.HEIGHT - 4, pier.DECK + 4

    def point(row: float) -> list[float]:
        return [round(pier.line_x(row) / pier.WIDTH, 4), round(row / pier.HEIGHT, 4)]

    counter = [[0.13, 0.52], [0.385, 0.52], [0.385, 0.6], [0.13, 0.6]]
    content = {
        "source": "pier.mp4",
        "size": [pier.WIDTH, pier.HEIGHT],
        "fps": FPS,
        "frames": SECONDS * FPS,
        "lines": [{"id": "gate", "from": point(bottom), "to": point(top), "inbound": "left_to_right"}],
        "zones": [{"id": "counter", "kind": "counter", "polygon": counter}],
        "crossings": truth.crossings,
    }
    body = "\n".join(f"{key}: {json.dumps(value)}" for key, value in content.items() if key != "crossings")
    rows = "\n".join(f"  - {json.dumps(row)}" for row in truth.crossings)
    title = "# Made by `tapal dataset sample`: the lines and zones of pier.mp4, and its true crossings."
    text = f"{title}\n{body}\ncrossings:\n{rows}\n"
    assert yaml.safe_load(text) == content
    (out / "pier.yaml").write_text(text, encoding="utf-8")
    lines = (f"{f},{i},{x:.0f},{y:.0f},{w:.0f},{h:.0f},1,-1,-1,-1\n" for f, i, x, y, w, h in truth.boxes)
    (out / "pier.gt.txt").write_text("".join(lines), encoding="utf-8")
    (out / "ATTRIBUTION.txt").write_text(ATTRIBUTION, encoding="utf-8")
