"""Hard training images from easy ones: people pasted small, crowded, in bad light, on labelled pictures."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt

from tapal_datasets import clutter, grounds, pier, sample, yolofiles
from tapal_datasets.cutouts import Cutout, Image, cut_people
from tapal_datasets.yolofiles import Label

PERSON = 0
SMALLEST, LARGEST = 18, 300
"""Heights in pixels of pasted people, spread evenly over the logarithm, so that small ones are common."""
VISIBLE = 0.4
"""Below this visible share a person, or a label of the base picture, is no longer labelled."""
LEAST_CLUTTER, MOST_CLUTTER = 10, 220
"""Heights in pixels of things that stand about: those that people have, and less."""
NOBODY = 4
"""With clutter, every so manieth picture gets things and nobody."""
PIERS = 8
"""How many different piers are drawn."""
HELD_OUT = 5
"""The person who is only ever seen in validation images."""
APPROACHING = {1: (70, 72), 2: (236, 238), 3: (512, 514), 4: (756, 758), 5: (932, 934), 6: (1246, 1248)}
"""Frames of the source video that show more of each person than the sample feed uses."""


@dataclass(frozen=True, slots=True)
class Clutter:
    """Things among the people, so that not all that is small and upright is one; of held-out kinds, too, or not."""

    held_out: bool


@dataclass
class _Layer:
    label: Label | None
    mask: npt.NDArray[np.bool_]


Placed = tuple[int, int, Image, bool]
"""Left, top, picture, and whether it is somebody."""


def people(video: Path, *, held_out: bool) -> list[Cutout]:
    """Everyone in Intel's video but the held-out person, or only that one; heads as they are: these never ship."""
    frames = {
        person: [sample.STANDING[person], *sample.WALKING[person], *APPROACHING[person]]
        for person in sample.STANDING
        if (person == HELD_OUT) == held_out
    }
    return cut_people(video, empty=sample.EMPTY, people=frames, blurred=False)


def make(
    base: Sequence[Path],
    people: Sequence[Cutout],
    out: Path,
    *,
    count: int,
    seed: int,
    smallest: int = SMALLEST,
    cluttered: Clutter | None = None,
    tick: Callable[[int], object] | None = None,
) -> None:
    """Write `count` composites into `out`; every third on a drawn pier, the rest on the `base` images.

    With clutter half of the drawn ones are of other places than piers.
    """
    piers = [pier.draw(1000 * seed + number) for number in range(PIERS)]
    for number in range(count):
        rng = np.random.default_rng([seed, number])
        labels: list[Label] = []
        if not base or number % 3 == 0:
            picture = piers[int(rng.integers(PIERS))].frame(float(rng.random()))
            if cluttered and rng.random() < 0.5:
                picture = grounds.draw(rng)
            picture = _recoloured(picture, rng, 0.35)
        else:
            picture, labels = yolofiles.read(base[int(rng.integers(len(base)))])
        if rng.random() < 0.5:
            picture, labels = mirrored(picture, labels)
        here = () if cluttered and number % NOBODY == NOBODY - 1 else people
        picture, labels = compose(picture, labels, here, rng, smallest=smallest, cluttered=cluttered)
        yolofiles.write(out, f"composite-{seed}-{number:05d}", worsened(picture, rng), labels)
        if tick:
            tick(number + 1)


def mirrored(picture: Image, labels: list[Label]) -> tuple[Image, list[Label]]:
    """Left and right exchanged."""
    width = picture.shape[1]
    flipped = [Label(b.number, width - b.x2, b.y1, width - b.x1, b.y2) for b in labels]
    return np.ascontiguousarray(picture[:, ::-1]), flipped


def compose(
    picture: Image,
    labels: list[Label],
    people: Sequence[Cutout],
    rng: np.random.Generator,
    *,
    smallest: int = SMALLEST,
    cluttered: Clutter | None = None,
) -> tuple[Image, list[Label]]:
    """Paste a few people and things, the farthest (lowest feet) first; label what stays visible of people."""
    picture = picture.copy()
    height, width = picture.shape[:2]
    layers = [_Layer(label, _rectangle(label, (height, width))) for label in labels]
    placed = _placed(people, (height, width), rng, smallest) if people else []
    if cluttered:
        placed += _things(picture, rng, cluttered)
    for left, top, sprite, somebody in sorted(placed, key=lambda place: place[1] + place[2].shape[0]):
        box = sample.blend(picture, sprite, left, top)
        if box:
            x, y, w, h = box
            mask = np.zeros((height, width), bool)
            x1, y1 = int(x), int(y)
            alpha = sprite[y1 - top : y1 - top + int(h), x1 - left : x1 - left + int(w), 3]
            mask[y1 : y1 + int(h), x1 : x1 + int(w)] = alpha > 127
            layers.append(_Layer(Label(PERSON, x, y, x + w, y + h) if somebody else None, mask))
    return picture, _visible(layers, whole=len(labels))


def _placed(people: Sequence[Cutout], size: tuple[int, int], rng: np.random.Generator, smallest: int) -> list[Placed]:
    """People and where they stand; every other one stands close to the one before."""
    height, width = size
    near = float(np.exp(rng.uniform(np.log(smallest), np.log(LARGEST))))
    places: list[Placed] = []
    for _ in range(int(rng.integers(1, 11))):
        tall = float(np.clip(near * np.exp(rng.normal(0, 0.25)), smallest, LARGEST))
        sprite = people[int(rng.integers(len(people)))].scaled(tall, mirrored=bool(rng.random() < 0.5))
        sprite = clothed(sprite, rng)
        left = int(rng.integers(-sprite.shape[1] // 3, width - sprite.shape[1] * 2 // 3))
        top = int(rng.integers(round(height * 0.1), height) - tall * rng.uniform(0.3, 1.0))
        if places and rng.random() < 0.5:
            last_left, last_top, last, _ = places[-1]
            gap = rng.uniform(0.35, 1.3) * last.shape[1] * rng.choice([-1, 1])
            left, top = round(last_left + gap), round(last_top + last.shape[0] - tall + rng.normal(0, tall * 0.08))
        places.append((left, top, sprite, True))
    return places


def _things(picture: Image, rng: np.random.Generator, cluttered: Clutter) -> list[Placed]:
    """Things and where they stand: anywhere, as tall as people may be, or not as tall."""
    height, width = picture.shape[:2]
    places: list[Placed] = []
    for _ in range(int(rng.integers(3, 15))):
        tall = float(np.exp(rng.uniform(np.log(LEAST_CLUTTER), np.log(MOST_CLUTTER))))
        sprite = clutter.thing(tall, rng, held_out=cluttered.held_out, texture=picture)
        left = int(rng.integers(-sprite.shape[1] // 2, width - sprite.shape[1] // 2))
        places.append((left, round(rng.uniform(0.1, 1.05) * height - tall), sprite, False))
    return places


def clothed(sprite: Image, rng: np.random.Generator) -> Image:
    """Other clothes: a tint on the dark parts, another brightness."""
    tint = tuple(int(v) for v in rng.integers(0, 90, 3)) if rng.random() < 0.6 else (0, 0, 0)
    dressed = sample.dressed(sprite, (tint[0], tint[1], tint[2]))
    gain = rng.uniform(0.7, 1.25)
    dressed[..., :3] = (dressed[..., :3] * gain).clip(0, 255).astype(np.uint8)
    return dressed


def _rectangle(label: Label, size: tuple[int, int]) -> npt.NDArray[np.bool_]:
    mask = np.zeros(size, bool)
    mask[max(0, round(label.y1)) : round(label.y2), max(0, round(label.x1)) : round(label.x2)] = True
    return mask


def _visible(layers: list[_Layer], *, whole: int) -> list[Label]:
    """Labels of layers that later layers leave visible; the first `whole` keep their box, the others shrink to fit."""
    covered = np.zeros_like(layers[0].mask) if layers else np.zeros((0, 0), bool)
    labels: list[Label] = []
    for number, layer in reversed(list(enumerate(layers))):
        seen = layer.mask & ~covered
        if layer.label and seen.sum() >= VISIBLE * max(1, layer.mask.sum()):
            labels.append(layer.label if number < whole else _around(seen, layer.label.number))
        if number >= whole:
            covered |= layer.mask
    return labels[::-1]


def _around(mask: npt.NDArray[np.bool_], number: int) -> Label:
    rows, columns = np.where(mask)
    return Label(number, int(columns.min()), int(rows.min()), int(columns.max()) + 1, int(rows.max()) + 1)


def worsened(picture: Image, rng: np.random.Generator) -> Image:
    """What salt, glare, dusk, a cheap lens and a thin line do to a picture."""
    image = _recoloured(picture, rng, 0.12)
    if rng.random() < 0.25:
        image = _glare(image, rng)
    if rng.random() < 0.3:
        dark = np.power(np.arange(256) / 255, rng.uniform(1.2, 2.4)) * 255 * rng.uniform(0.5, 1.0)
        image = np.asarray(cv2.LUT(image, dark.astype(np.uint8)), np.uint8)
    if rng.random() < 0.35:
        image = np.asarray(cv2.GaussianBlur(image, (0, 0), rng.uniform(0.4, 1.6)), np.uint8)
    if rng.random() < 0.35:
        noise = rng.normal(0, rng.uniform(2, 9), image.shape)
        image = (image + noise).clip(0, 255).astype(np.uint8)
    if rng.random() < 0.5:
        _, packed = cv2.imencode(".jpg", image, [cv2.IMWRITE_JPEG_QUALITY, int(rng.integers(25, 80))])
        image = np.asarray(cv2.imdecode(packed, cv2.IMREAD_COLOR), np.uint8)
    return image


def _recoloured(picture: Image, rng: np.random.Generator, strength: float) -> Image:
    gains = 1 + rng.normal(0, strength / 2, 3)
    return (picture * gains * (1 + rng.normal(0, strength))).clip(0, 255).astype(np.uint8)


def _glare(picture: Image, rng: np.random.Generator) -> Image:
    height, width = picture.shape[:2]
    rows, columns = np.mgrid[0:height, 0:width]
    x, y = rng.uniform(0, width), rng.uniform(0, height * 0.7)
    spread = rng.uniform(0.1, 0.4) * width
    light = np.exp(-(((columns - x) / spread) ** 2 + ((rows - y) / (spread * rng.uniform(0.3, 1))) ** 2))
    strength = rng.uniform(0.3, 0.9)
    return np.asarray((picture + (255 - picture) * (light * strength)[..., None]).clip(0, 255), np.uint8)
