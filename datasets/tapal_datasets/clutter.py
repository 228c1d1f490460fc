"""Things that stand about and are nobody: posts, signs, bags, plants; drawn by a seed, each a little different.

Where all that is small and upright in the pictures is a person, a model learns that a sign on a lawn is one. Four kinds
are kept for held-out pictures, so that these ask whether it learned what a person is, or what our drawings look like.
"""

from collections.abc import Callable, Sequence

import cv2
import numpy as np
import numpy.typing as npt

from tapal_datasets.cutouts import Image

TALL = 240
"""Height in pixels at which a thing is drawn, before it is scaled to where it stands."""
Floats = npt.NDArray[np.float32]
Colour = npt.NDArray[np.floating]
Corner = tuple[float, float]
COLOURS = ((40, 40, 44), (200, 205, 205), (150, 90, 30), (40, 60, 190), (50, 120, 60), (40, 170, 220), (90, 110, 130))
"""Blue, green and red as OpenCV has them: dark, white, blue, red, green, yellow, brown."""


class Sheet:
    """What a thing is drawn on: its width is `wide` of its height, and places on it are shares of both."""

    def __init__(self, wide: float, rng: np.random.Generator, texture: Image | None) -> None:
        self.size = TALL, max(8, round(TALL * wide))
        self.rng = rng
        self.colour: Floats = np.zeros((*self.size, 3), np.float32)
        self.alpha: Floats = np.zeros(self.size, np.float32)
        self.texture = None if texture is None else _texture(texture, self.size, rng)

    def tint(self) -> Colour:
        """One of the usual colours, not quite."""
        return np.array(COLOURS[int(self.rng.integers(len(COLOURS)))], np.float32) + self.rng.normal(0, 25, 3)

    def fill(self, corners: Sequence[Corner], colour: Colour | None = None, *, rounded: float = 0.0) -> None:
        """Paint an outline; `rounded` shades it from left to right as light does a column."""
        height, width = self.size
        points = np.array([[x * (width - 1) * 16, y * (height - 1) * 16] for x, y in corners]).round().astype(np.int32)
        mask = np.zeros(self.size, np.uint8)
        cv2.fillPoly(mask, [points], 255, cv2.LINE_AA, shift=4)
        self.lay(mask, self.tint() if colour is None else colour, rounded)

    def round(self, centre: Corner, radius: Corner, colour: Colour | None = None) -> None:
        """Paint an ellipse; the radii are shares of width and height."""
        turn = np.linspace(0, 2 * np.pi, 40, endpoint=False)
        points = [(centre[0] + radius[0] * np.cos(a), centre[1] + radius[1] * np.sin(a)) for a in turn]
        self.fill(points, colour, rounded=0.5)

    def lay(self, mask: npt.NDArray[np.uint8], colour: Colour, rounded: float) -> None:
        """Paint where the mask is."""
        share = mask.astype(np.float32)[..., None] / 255
        columns = np.where(mask.any(axis=0))[0]
        if not len(columns):
            return
        across = (np.arange(self.size[1], dtype=np.float32) - columns.mean()) / max(1.0, np.ptp(columns) / 2)
        side = 0.6 * self.rng.choice([-1, 1])
        light = 1 - rounded * np.clip((across - side * rounded) ** 2 * 0.6, 0, 0.8)
        painted = colour * light[None, :, None] + self.rng.normal(0, 5, (*self.size, 1))
        if self.texture is not None:
            painted = 0.35 * painted + 0.65 * self.texture
        self.colour += (painted.astype(np.float32) - self.colour) * share
        self.alpha = np.maximum(self.alpha, share[..., 0])

    def picture(self) -> Image:
        """The thing, with alpha, cut to what is painted."""
        rgba = np.dstack([self.colour, self.alpha * 255]).clip(0, 255).astype(np.uint8)
        columns = np.where(self.alpha.max(axis=0) > 0.5)[0]
        rows = np.where(self.alpha.max(axis=1) > 0.5)[0]
        return np.ascontiguousarray(rgba[rows.min() : rows.max() + 1, columns.min() : columns.max() + 1])


def _texture(picture: Image, size: tuple[int, int], rng: np.random.Generator) -> Floats:
    """A piece of a picture, as large as the thing."""
    height, width = picture.shape[:2]
    tall, wide = min(height, int(rng.integers(20, 160))), min(width, int(rng.integers(20, 160)))
    top, left = int(rng.integers(height - tall + 1)), int(rng.integers(width - wide + 1))
    piece = cv2.resize(picture[top : top + tall, left : left + wide], (size[1], size[0]))
    return np.asarray(piece, np.float32)


def _box(left: float, top: float, right: float, bottom: float) -> list[Corner]:
    return [(left, top), (right, top), (right, bottom), (left, bottom)]


def _bands(sheet: Sheet, box: tuple[float, float, float, float], rounded: float) -> None:
    """Stripes across a thing."""
    left, top, right, bottom = box
    for _ in range(int(sheet.rng.integers(0, 4))):
        at, thick = sheet.rng.uniform(top, bottom), sheet.rng.uniform(0.02, 0.12) * (bottom - top)
        sheet.fill(_box(left, at, right, min(bottom, at + thick)), rounded=rounded)


def _post(sheet: Sheet) -> None:
    """Thin and upright, striped or not, with a ball or a cap on top or without."""
    sheet.fill(_box(0.3, 0.03, 0.7, 1), rounded=0.9)
    _bands(sheet, (0.3, 0.05, 0.7, 0.95), 0.9)
    if sheet.rng.random() < 0.5:
        sheet.round((0.5, 0.08), (0.48, 0.08))


def _bollard(sheet: Sheet) -> None:
    colour = sheet.tint()
    sheet.fill([(0.2, 0.2), (0.8, 0.2), (0.9, 1), (0.1, 1)], colour, rounded=0.9)
    sheet.round((0.5, 0.16), (sheet.rng.uniform(0.3, 0.5), 0.16), colour)
    _bands(sheet, (0.2, 0.3, 0.8, 0.9), 0.9)


def _sign(sheet: Sheet) -> None:
    """A board on one leg or two."""
    low, legs = sheet.rng.uniform(0.35, 0.85), sheet.tint()
    for x in (0.5,) if sheet.rng.random() < 0.6 else (0.15, 0.85):
        sheet.fill(_box(x - 0.04, 0.1, x + 0.04, 1), legs, rounded=0.5)
    if sheet.rng.random() < 0.3:
        sheet.round((0.5, low / 2), (0.5, low / 2))
    else:
        sheet.fill(_box(0, 0, 1, low))
    if sheet.rng.random() < 0.6:
        _written(sheet, (0.15, 0.1 * low, 0.85, 0.9 * low))


def _written(sheet: Sheet, box: tuple[float, float, float, float]) -> None:
    """Lines that could be writing."""
    left, top, right, bottom = box
    colour, rows = sheet.tint(), int(sheet.rng.integers(2, 6))
    for row in range(rows):
        at = top + (bottom - top) * row / rows
        end = sheet.rng.uniform(left + 0.3 * (right - left), right)
        sheet.fill(_box(left, at, end, at + 0.5 * (bottom - top) / rows), colour)


def _board(sheet: Sheet) -> None:
    """An upright rectangle: a poster, a door, the end of a cabinet."""
    sheet.fill(_box(0, 0, 1, 1), rounded=sheet.rng.uniform(0, 0.3))
    if sheet.rng.random() < 0.5:
        sheet.fill(_box(0.08, 0.05, 0.92, sheet.rng.uniform(0.3, 0.95)))
    if sheet.rng.random() < 0.5:
        _written(sheet, (0.15, 0.1, 0.85, 0.7))


def _bag(sheet: Sheet) -> None:
    colour, top = sheet.tint(), sheet.rng.uniform(0.2, 0.4)
    lean = sheet.rng.uniform(0, 0.15)
    sheet.fill([(0.3, 0), (0.7, 0), (0.75, top), (0.66, top), (0.62, 0.06), (0.38, 0.06), (0.34, top), (0.25, top)])
    sheet.fill([(0.05 + lean, top), (0.95 - lean, top), (1, 0.94), (0.9, 1), (0.1, 1), (0, 0.94)], colour, rounded=0.5)
    _bands(sheet, (0.1, top, 0.9, 0.95), 0.3)


def _bin(sheet: Sheet) -> None:
    sheet.fill([(0, 0.15), (1, 0.15), (0.9, 1), (0.1, 1)], rounded=0.8)
    _bands(sheet, (0.08, 0.2, 0.92, 0.9), 0.8)
    sheet.round((0.5, 0.14), (0.52, sheet.rng.uniform(0.05, 0.14)))


def _cone(sheet: Sheet) -> None:
    colour = np.array((40, 90, 225), np.float32) if sheet.rng.random() < 0.6 else sheet.tint()
    sheet.fill([(0.44, 0), (0.56, 0), (0.85, 0.93), (0.15, 0.93)], colour, rounded=0.7)
    for at in (0.3, 0.6)[: int(sheet.rng.integers(0, 3))]:
        half, more = 0.06 + 0.31 * at, 0.06 + 0.31 * (at + 0.15)
        sheet.fill([(0.5 - half, at), (0.5 + half, at), (0.5 + more, at + 0.15), (0.5 - more, at + 0.15)], rounded=0.7)
    sheet.fill(_box(0, 0.92, 1, 1), colour)


def _plant(sheet: Sheet) -> None:
    """Leaves over a pot or a trunk."""
    pot = sheet.rng.uniform(0.6, 0.85)
    if sheet.rng.random() < 0.5:
        sheet.fill([(0.25, pot), (0.75, pot), (0.65, 1), (0.35, 1)], rounded=0.7)
    else:
        sheet.fill(_box(0.44, pot - 0.2, 0.56, 1), rounded=0.5)
    green = np.array((50, 105, 60), np.float32) * sheet.rng.uniform(0.5, 1.3) + sheet.rng.normal(0, 12, 3)
    for _ in range(int(sheet.rng.integers(12, 40))):
        size = sheet.rng.uniform(0.04, 0.18)
        x, y = sheet.rng.uniform(size, 1 - size), sheet.rng.uniform(size / 2, pot)
        sheet.round((x, y), (size, size * sheet.rng.uniform(0.3, 0.8)), green * sheet.rng.uniform(0.6, 1.4))


def _flag(sheet: Sheet) -> None:
    """A pole with a cloth that hangs or flies."""
    sheet.fill(_box(0, 0, 0.06, 1), rounded=0.5)
    low = sheet.rng.uniform(0.25, 0.75)
    wave = [(0.06 + 0.94 * t, 0.02 + 0.03 * np.sin(6 * t + low)) for t in np.linspace(0, 1, 8)]
    under = [(x, y + low * sheet.rng.uniform(0.8, 1)) for x, y in wave[::-1]]
    middle = [((x + u) / 2, (y + v) / 2) for (x, y), (u, v) in zip(wave, under[::-1], strict=True)]
    sheet.fill([*wave, *under])
    if sheet.rng.random() < 0.6:
        sheet.fill([*wave, *middle[::-1]])


def _drum(sheet: Sheet) -> None:
    colour = sheet.tint()
    sheet.fill(_box(0.03, 0.06, 0.97, 0.96), colour, rounded=0.9)
    sheet.round((0.5, 0.07), (0.47, 0.06), colour * 1.2)
    for at in (0.35, 0.65):
        sheet.fill(_box(0, at, 1, at + 0.03), colour * 0.8, rounded=0.9)


def _parasol(sheet: Sheet) -> None:
    """Closed, on its pole."""
    sheet.fill(_box(0.46, 0.3, 0.54, 1), rounded=0.5)
    low = sheet.rng.uniform(0.6, 0.8)
    sheet.fill([(0.45, 0), (0.55, 0), (0.9, low), (0.7, low - 0.03), (0.5, low), (0.3, low - 0.03), (0.1, low)])


def _lantern(sheet: Sheet) -> None:
    sheet.fill(_box(0.42, 0.2, 0.58, 1), rounded=0.8)
    sheet.fill([(0.1, 0.06), (0.9, 0.06), (0.75, 0.26), (0.25, 0.26)])
    sheet.fill([(0.5, 0), (1, 0.07), (0, 0.07)])


def _pump(sheet: Sheet) -> None:
    """A box with a dial, as fuel pumps and ticket machines are."""
    sheet.fill(_box(0.05, 0.05, 0.95, 1), rounded=0.3)
    sheet.fill(_box(0.2, 0.12, 0.8, 0.35))
    sheet.fill(_box(0, 0.9, 1, 1))
    sheet.fill(_box(sheet.rng.uniform(0.1, 0.4), 0.45, sheet.rng.uniform(0.6, 0.9), 0.6))


def _crates(sheet: Sheet) -> None:
    """Boxes on one another, none quite above the one below."""
    count = int(sheet.rng.integers(2, 5))
    for row in range(count):
        left, right = sheet.rng.uniform(0, 0.2), sheet.rng.uniform(0.8, 1)
        sheet.fill(_box(left, row / count, right, (row + 0.96) / count), rounded=0.15)
        sheet.fill(_box(left, (row + 0.4) / count, right, (row + 0.5) / count))


Kind = tuple[Callable[[Sheet], None], float, float]
KINDS: dict[str, Kind] = {
    "post": (_post, 0.08, 0.25),
    "bollard": (_bollard, 0.3, 0.7),
    "sign": (_sign, 0.3, 0.9),
    "board": (_board, 0.25, 0.7),
    "bag": (_bag, 0.5, 1.1),
    "bin": (_bin, 0.4, 0.75),
    "cone": (_cone, 0.45, 0.8),
    "plant": (_plant, 0.35, 0.9),
    "flag": (_flag, 0.25, 0.7),
    "drum": (_drum, 0.5, 0.8),
    "parasol": (_parasol, 0.2, 0.4),
    "lantern": (_lantern, 0.15, 0.35),
    "pump": (_pump, 0.3, 0.6),
    "crates": (_crates, 0.35, 0.8),
}
"""How each is drawn, and its least and greatest width as a share of its height."""
HELD_OUT = ("parasol", "lantern", "pump", "crates")
"""Kinds that no training sees."""
TAUGHT = tuple(kind for kind in KINDS if kind not in HELD_OUT)


def draw(kind: str, rng: np.random.Generator, texture: Image | None = None) -> Image:
    """One thing of a kind, with alpha; painted with pieces of `texture`, where it is given."""
    how, narrow, wide = KINDS[kind]
    sheet = Sheet(float(rng.uniform(narrow, wide)), rng, texture)
    how(sheet)
    return sheet.picture()


def thing(tall: float, rng: np.random.Generator, *, held_out: bool, texture: Image | None = None) -> Image:
    """Any thing, scaled to `tall` pixels; every third is painted with pieces of `texture`."""
    kinds = tuple(KINDS) if held_out else TAUGHT
    kind = kinds[int(rng.integers(len(kinds)))]
    drawn = draw(kind, rng, texture if rng.random() < 0.33 else None)
    factor = tall / drawn.shape[0]
    size = max(3, round(drawn.shape[1] * factor)), max(4, round(tall))
    return np.asarray(
        cv2.resize(drawn, size, interpolation=cv2.INTER_AREA if factor < 1 else cv2.INTER_LINEAR), np.uint8
    )
