"""Places nobody has been to: lawns, yards and streets with walls, windows, hedges and fences, drawn by a seed.

They are no pictures of anything. What they are for is that edges, doors and dark upright patches come in many forms
besides people.
"""

import cv2
import numpy as np
import numpy.typing as npt

from tapal_datasets.cutouts import Image

WIDTH, HEIGHT = 768, 432
Floats = npt.NDArray[np.float32]
SURFACES = ((70, 120, 90), (125, 130, 132), (150, 165, 175), (95, 100, 104), (120, 150, 175))
"""Lawn, concrete, sand, asphalt and earth; blue, green and red as OpenCV has them."""
WALLS = ((170, 180, 190), (90, 100, 140), (200, 200, 196), (110, 120, 124), (140, 160, 180))


def draw(rng: np.random.Generator) -> Image:
    """An empty place."""
    canvas = np.zeros((HEIGHT, WIDTH, 3), np.float32)
    horizon = int(rng.uniform(0.08, 0.5) * HEIGHT)
    canvas[:horizon] = np.linspace((225, 200, 170), (230, 226, 220), horizon, dtype=np.float32)[:, None]
    _far(canvas, horizon, rng)
    surface = np.array(SURFACES[int(rng.integers(len(SURFACES)))], np.float32) * rng.uniform(0.7, 1.2)
    rough = _noise(rng, (HEIGHT - horizon, WIDTH), 1.2) * 9 + _noise(rng, (HEIGHT - horizon, WIDTH), 25) * 7
    canvas[horizon:] = surface + rough[..., None]
    for _ in range(int(rng.integers(0, 4))):
        _way(canvas, horizon, rng)
    if rng.random() < 0.5:
        _fence(canvas, horizon, rng)
    return np.asarray(canvas.clip(0, 255), np.uint8)


def _noise(rng: np.random.Generator, shape: tuple[int, int], spread: float) -> Floats:
    field = cv2.GaussianBlur(rng.normal(0, 1, shape).astype(np.float32), (0, 0), spread)
    return np.asarray(field / field.std(), np.float32)


def _far(canvas: Floats, horizon: int, rng: np.random.Generator) -> None:
    """Houses and hedges along the horizon, over one another."""
    for _ in range(int(rng.integers(2, 9))):
        left, wide = int(rng.uniform(-100, WIDTH)), int(rng.uniform(60, 400))
        foot = horizon + int(rng.uniform(0, 30))
        top = max(0, foot - int(rng.uniform(0.3, 1.3) * horizon))
        window = canvas[top:foot, max(0, left) : left + wide]
        if min(window.shape[:2]) < 12:
            continue
        if rng.random() < 0.4:
            _hedge(window, rng)
        else:
            _house(window, rng)


def _hedge(window: Floats, rng: np.random.Generator) -> None:
    shape = window.shape[:2]
    outline = shape[0] * (0.25 + 0.1 * _noise(rng, (1, shape[1]), max(2.0, shape[1] / 15))[0])
    leaves = np.arange(shape[0])[:, None] > outline[None]
    shade = 1 + 0.25 * _noise(rng, shape, 2.0) + 0.1 * _noise(rng, shape, 9.0)
    green = np.array((45, 85, 60), np.float32) * rng.uniform(0.5, 1.3)
    window[leaves] = (green * shade[..., None])[leaves]


def _house(window: Floats, rng: np.random.Generator) -> None:
    height, width = window.shape[:2]
    wall = np.array(WALLS[int(rng.integers(len(WALLS)))], np.float32) * rng.uniform(0.6, 1.15)
    window[:] = wall + _noise(rng, (height, width), 1.0)[..., None] * 4
    wide, tall = int(rng.uniform(7, 40)), int(rng.uniform(12, 70))
    glass, frame = rng.uniform(20, 160, 3), rng.uniform(60, 240, 3)
    across, down = int(wide * rng.uniform(1.4, 3)), int(tall * rng.uniform(1.3, 2))
    for top in range(5, height - tall, down):
        for left in range(5, width - wide, across):
            window[top : top + tall, left : left + wide] = frame
            window[top + 2 : top + tall - 2, left + 2 : left + wide - 2] = glass * rng.uniform(0.6, 1.3)
    door = int(rng.uniform(0.2, 0.6) * height)
    at = int(rng.uniform(0, width - 8))
    window[height - door :, at : at + max(6, door // 2)] = rng.uniform(20, 220, 3)


def _way(canvas: Floats, horizon: int, rng: np.random.Generator) -> None:
    """A path, a kerb or a painted stripe that runs away or across."""
    far, near = rng.uniform(-0.5, 1.5, 2) * WIDTH
    thin, wide = rng.uniform(2, 60), rng.uniform(6, 240)
    corners = [(far, horizon), (far + thin, horizon), (near + wide, HEIGHT), (near, HEIGHT)]
    if rng.random() < 0.5:
        row, other = rng.uniform(horizon, HEIGHT, 2)
        corners = [(0, row), (WIDTH, other), (WIDTH, other + thin), (0, row + thin)]
    paint = canvas.copy()
    cv2.fillPoly(paint, [np.array(corners).round().astype(np.int32)], rng.uniform(50, 235, 3).tolist(), cv2.LINE_AA)
    canvas += (paint - canvas) * rng.uniform(0.4, 1)


def _fence(canvas: Floats, horizon: int, rng: np.random.Generator) -> None:
    foot = int(rng.uniform(horizon, HEIGHT))
    top = foot - int(rng.uniform(12, 70))
    colour = rng.uniform(30, 230, 3).tolist()
    thick = int(rng.integers(1, 5))
    for column in range(int(rng.integers(40)), WIDTH, int(rng.integers(8, 90))):
        cv2.line(canvas, (column, top), (column, foot), colour, thick, cv2.LINE_AA)
    for share in np.linspace(0.05, 0.9, int(rng.integers(1, 4))):
        row = round(top + (foot - top) * float(share))
        cv2.line(canvas, (0, row), (WIDTH, row), colour, thick, cv2.LINE_AA)
