"""A ferry landing, drawn for exams alone: a quay with a ship alongside, sheds and containers, seen from higher up.

Nothing learns from it and nothing is chosen by it, so it shares no drawing with the piers and grounds of those.
"""

import cv2
import numpy as np
import numpy.typing as npt

from tapal_datasets.cutouts import Image

WIDTH, HEIGHT = 768, 432
HORIZON, FRONT = 60, 1.0
"""The row at which people would have no height, and how wide the quay is at the picture's lower edge."""
TALLEST = 165.0
"""Height in pixels of a person of usual height at the picture's lower edge."""
Floats = npt.NDArray[np.float32]
Colour = tuple[float, float, float]
STEEL: tuple[Colour, ...] = ((60, 70, 150), (120, 90, 40), (70, 110, 60), (90, 150, 190), (110, 112, 118))


def draw(seed: int) -> Image:
    """The landing without anybody; ship, sheds and containers differ by seed."""
    rng = np.random.default_rng([seed, 77])
    canvas = np.zeros((HEIGHT, WIDTH, 3), np.float32)
    canvas[:] = np.linspace((206, 190, 176), (226, 222, 216), HEIGHT, dtype=np.float32)[:, None]
    _hills(canvas, rng)
    _water(canvas, rng)
    _quay(canvas, rng)
    _sheds(canvas, rng)
    _ship(canvas, rng)
    _containers(canvas, rng)
    for x in (330, 700):
        _mast(canvas, x, rng)
    soft = cv2.GaussianBlur(canvas, (0, 0), 0.6)
    return np.asarray(soft.clip(0, 255), np.uint8)


def _fill(canvas: Floats, corners: list[tuple[float, float]], colour: Colour) -> None:
    points = (np.array(corners) * 16).round().astype(np.int32)
    cv2.fillPoly(canvas, [points], colour, cv2.LINE_AA, shift=4)


def _box(canvas: Floats, box: tuple[float, float, float, float], colour: Colour) -> None:
    left, top, right, bottom = box
    _fill(canvas, [(left, top), (right, top), (right, bottom), (left, bottom)], colour)


def _hills(canvas: Floats, rng: np.random.Generator) -> None:
    tops = 52 - 26 * np.abs(np.interp(np.arange(WIDTH), np.linspace(0, WIDTH, 9), rng.uniform(0, 1, 9)))
    outline = [(float(x), float(tops[x])) for x in range(0, WIDTH, 4)]
    _fill(canvas, [*outline, (WIDTH, 70), (0, 70)], (128, 122, 104))


def _water(canvas: Floats, rng: np.random.Generator) -> None:
    wave = cv2.GaussianBlur(rng.normal(0, 1, (HEIGHT - 64, WIDTH)).astype(np.float32), (0, 0), 9, sigmaY=1.0)
    canvas[64:] = np.array((118, 104, 66), np.float32) + (wave / wave.std() * 8)[..., None]


def _quay(canvas: Floats, rng: np.random.Generator) -> None:
    """Concrete in slabs, with a painted edge and fenders below it."""
    edge = [(0.0, 250.0), (WIDTH, 118.0)]
    paint = canvas.copy()
    _fill(paint, [*edge, (WIDTH, HEIGHT), (0, HEIGHT)], (158, 164, 166))
    land = (paint != canvas).any(axis=2)
    stain = cv2.GaussianBlur(rng.normal(0, 1, (HEIGHT, WIDTH)).astype(np.float32), (0, 0), 22)
    rough = rng.normal(0, 5, (HEIGHT, WIDTH)) + stain / stain.std() * 8
    canvas[land] = (np.array((158, 164, 166)) + rough[..., None])[land]
    for step in range(-6, 14):
        far, near = 70 + step * 70, -600 + step * 190
        cv2.line(canvas, (far, 118), (near, HEIGHT), (136, 140, 142), 1, cv2.LINE_AA)
    for row in (170, 225, 300, 385):
        cv2.line(canvas, (0, row + 60), (WIDTH, row - 40), (138, 142, 144), 1, cv2.LINE_AA)
    cv2.line(canvas, (0, 256), (WIDTH, 122), (80, 190, 220), 5, cv2.LINE_AA)
    for x in range(20, WIDTH, 74):
        row = round(262 - x * 132 / WIDTH)
        cv2.circle(canvas, (x, row), 5, (40, 40, 44), -1, cv2.LINE_AA)


def _sheds(canvas: Floats, rng: np.random.Generator) -> None:
    left = 470 + float(rng.uniform(-30, 30))
    wall = STEEL[int(rng.integers(len(STEEL)))]
    _box(canvas, (left, 58, WIDTH, 152), tuple(0.5 * c + 90 for c in wall))  # type: ignore[arg-type] # three of them
    _fill(canvas, [(left - 12, 60), (left + 30, 34), (WIDTH, 34), (WIDTH, 60)], (96, 100, 108))
    for x in range(round(left) + 4, WIDTH, 7):
        cv2.line(canvas, (x, 62), (x, 150), tuple(0.45 * c + 80 for c in wall), 1)
    for door in (left + 30, left + 130, left + 225):
        _box(canvas, (door, 92, door + 52, 152), (70, 74, 80))
        _box(canvas, (door + 60, 84, door + 82, 104), (140, 130, 116))


def _ship(canvas: Floats, rng: np.random.Generator) -> None:
    """Alongside, its bow to the right, with a ramp to the quay."""
    hull = STEEL[int(rng.integers(len(STEEL)))]
    _fill(canvas, [(-20, 150), (300, 118), (372, 96), (340, 168), (-20, 236)], hull)
    _fill(canvas, [(-20, 150), (300, 118), (372, 96), (372, 102), (300, 124), (-20, 158)], (228, 230, 232))
    _fill(canvas, [(-20, 84), (236, 74), (250, 122), (-20, 150)], (224, 226, 226))
    _fill(canvas, [(-20, 50), (150, 46), (170, 77), (-20, 86)], (212, 214, 214))
    for row, last in ((60, 140), (98, 228), (124, 226)):
        for x in range(6, last, 22):
            top = row - x * 0.035
            _box(canvas, (x, top, x + 11, top + 9), (84, 72, 60))
    _box(canvas, (66, 8, 92, 48), hull)
    _fill(canvas, [(150, 196), (196, 188), (232, 226), (172, 238)], (112, 116, 120))


def _containers(canvas: Floats, rng: np.random.Generator) -> None:
    for place in range(4):
        left, foot = 640 + 26 * (place % 2), 212 - 34 * (place // 2)
        colour = STEEL[int(rng.integers(len(STEEL)))]
        _box(canvas, (left, foot - 34, left + 120, foot), colour)
        for x in range(left + 3, min(WIDTH, left + 120), 5):
            cv2.line(canvas, (x, foot - 32), (x, foot - 2), tuple(0.8 * c for c in colour), 1)


def _mast(canvas: Floats, x: int, rng: np.random.Generator) -> None:
    foot = round(190 + float(rng.uniform(-15, 15)))
    cv2.line(canvas, (x, foot), (x, 10), (92, 94, 98), 3, cv2.LINE_AA)
    _box(canvas, (x - 10, 6, x + 10, 12), (200, 206, 208))
