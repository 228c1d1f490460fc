"""A pier drawn by code: sky, islands, moving water, planks in perspective, a railing, a counter and a painted line."""

from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

Image = npt.NDArray[np.uint8]
Floats = npt.NDArray[np.float32]
Colour = tuple[int, int, int]

WIDTH, HEIGHT = 960, 540
HORIZON = 120
"""Image row of the horizon: everything flat runs to the point (WIDTH / 2, HORIZON)."""
DECK = 256
"""Image row of the pier's far edge."""
CAMERA_HEIGHT_M = 4.0
LINE_SLOPE = 0.5
"""The painted line's x grows by this much per row, away from the vanishing point."""


def pixels_per_metre(row: float) -> float:
    """Scale of things that stand on the deck at image row `row`."""
    return (row - HORIZON) / CAMERA_HEIGHT_M


def line_x(row: float) -> float:
    """Where the painted line is at image row `row`."""
    return WIDTH / 2 + LINE_SLOPE * (row - HORIZON)


@dataclass(frozen=True, slots=True)
class Scene:
    """The empty pier, and the texture its water moves by."""

    still: Image
    ripple: Floats

    def frame(self, phase: float) -> Image:
        """The empty pier with the water at `phase` (0..1; a full turn is a loop)."""
        picture = self.still.copy()
        shift = round(phase * self.ripple.shape[1])
        moved = np.roll(self.ripple, shift, axis=1) + np.roll(self.ripple[:, ::-1], -2 * shift, axis=1)
        depth = np.linspace(0.2, 1.0, DECK - HORIZON, dtype=np.float32)[:, None]
        lit = self.still[HORIZON:DECK].astype(np.float32) + (moved * depth * _open_water(self.still))[..., None]
        picture[HORIZON:DECK] = lit.clip(0, 255).astype(np.uint8)
        return picture


def _open_water(still: Image) -> Floats:
    """1 where the still shows water, 0 where something stands before it."""
    water = still[HORIZON:DECK].astype(np.int16)
    bluish = (water[..., 0] - water[..., 2] > 25) & (water[..., 0] - water[..., 2] < 95)
    return np.asarray(cv2.GaussianBlur(bluish.astype(np.float32), (0, 0), 0.7), np.float32)


def draw(seed: int = 1) -> Scene:
    """Draw the pier; the same seed gives the same picture."""
    rng = np.random.default_rng(seed)
    canvas = np.zeros((HEIGHT * 2, WIDTH * 2, 3), np.float32)  # twice the size, halved at the end: smooth edges
    _sky(canvas, rng)
    _islands(canvas, rng)
    _sea(canvas, rng)
    _planks(canvas, rng)
    _railing(canvas)
    _counter(canvas)
    _painted_line(canvas)
    still = cv2.resize(canvas.clip(0, 255).astype(np.uint8), (WIDTH, HEIGHT), interpolation=cv2.INTER_AREA)
    noise = rng.normal(0, 1, (DECK - HORIZON, WIDTH)).astype(np.float32)
    ripple = cv2.GaussianBlur(np.tile(noise, 3), (0, 0), sigmaX=7, sigmaY=1.1)[:, WIDTH : 2 * WIDTH]
    return Scene(np.asarray(still, np.uint8), np.asarray(ripple / ripple.std() * 4, np.float32))


def _gradient(top: Colour, bottom: Colour, rows: int) -> Floats:
    share = np.linspace(0, 1, rows, dtype=np.float32)[:, None, None]
    return np.asarray(np.array(top, np.float32) * (1 - share) + np.array(bottom, np.float32) * share, np.float32)


def _noise(rng: np.random.Generator, shape: tuple[int, int], spread: tuple[float, float]) -> Floats:
    field = cv2.GaussianBlur(rng.normal(0, 1, shape).astype(np.float32), (0, 0), sigmaX=spread[0], sigmaY=spread[1])
    return np.asarray(field / field.std(), np.float32)


def _sky(canvas: Floats, rng: np.random.Generator) -> None:
    rows = HORIZON * 2
    canvas[:rows] = _gradient((214, 176, 132), (232, 224, 214), rows)
    cloud = np.clip(_noise(rng, (rows, canvas.shape[1]), (90, 14)) - 0.3, 0, 1.4)[..., None]
    canvas[:rows] += cloud * (np.array((250, 248, 246), np.float32) - canvas[:rows]) * 0.6


def _islands(canvas: Floats, rng: np.random.Generator) -> None:
    across = np.arange(canvas.shape[1])
    for colour, height, spread in (((190, 168, 148), 44, 150), ((148, 130, 104), 24, 90)):
        bumps = cv2.GaussianBlur(rng.normal(0, 1, (1, len(across))).astype(np.float32), (0, 0), sigmaX=spread)[0]
        top = HORIZON * 2 - np.clip(bumps / bumps.std() * height * 0.5 + height * 0.35, 0, height)
        outline = np.stack([across, top], axis=1).astype(np.int32)
        corners = np.array([[len(across), HORIZON * 2], [0, HORIZON * 2]], np.int32)
        cv2.fillPoly(canvas, [np.vstack([outline, corners])], colour, cv2.LINE_AA)


def _sea(canvas: Floats, rng: np.random.Generator) -> None:
    top, bottom = HORIZON * 2, DECK * 2
    canvas[top:bottom] = _gradient((192, 178, 146), (138, 112, 72), bottom - top)
    waves = _noise(rng, (bottom - top, canvas.shape[1]), (26, 2.2))
    canvas[top:bottom] += waves[..., None] * np.linspace(1, 7, bottom - top, dtype=np.float32)[:, None, None]


def _planks(canvas: Floats, rng: np.random.Generator) -> None:
    """Boards that run away from the camera, each with its own tone, grain and gap."""
    rows = np.arange(DECK * 2, HEIGHT * 2, dtype=np.float32)[:, None]
    columns = np.arange(canvas.shape[1], dtype=np.float32)[None, :]
    depth = (rows - HORIZON * 2) / (CAMERA_HEIGHT_M * 2)  # pixels per metre on the final picture
    metres = (columns - WIDTH) / 2 / depth
    board = np.floor(metres / 0.22).astype(int)
    within = metres / 0.22 - board
    tones = rng.normal(0, 7, 600).astype(np.float32)[(board + 300) % 600]
    distance = 1 / depth
    grain = rng.normal(0, 1, (64, 600)).astype(np.float32)
    streak = grain[(distance * 900).astype(int) % 64, (board * 7 + (within * 9).astype(int)) % 600] * 3.0
    light = np.linspace(0.92, 1.05, len(rows), dtype=np.float32)[:, None]
    gap = 1 - 0.42 * np.clip(1 - np.minimum(within, 1 - within) / 0.05, 0, 1)
    shade = ((1 + (tones + streak) / 150) * light * gap)[..., None]
    canvas[DECK * 2 :] = np.array((128, 146, 160), np.float32) * shade
    canvas[DECK * 2 : DECK * 2 + 10] = (96, 108, 116)  # the kerb
    canvas[DECK * 2 - 8 : DECK * 2] = (62, 70, 78)  # the pier's far face, in shade


def _railing(canvas: Floats) -> None:
    scale = pixels_per_metre(DECK) * 2
    foot, top = DECK * 2, round(DECK * 2 - 1.05 * scale)
    for share, thick in ((1.0, 5), (0.66, 3), (0.33, 3)):
        row = round(foot + (top - foot) * share)
        cv2.line(canvas, (0, row), (canvas.shape[1], row), (212, 216, 218), thick, cv2.LINE_AA)
    for column in range(30, canvas.shape[1], round(1.9 * scale)):
        cv2.line(canvas, (column, foot), (column, top), (188, 194, 198), 6, cv2.LINE_AA)
    for column in (1180, 1760):  # lamp posts
        cv2.line(canvas, (column, foot), (column, 60), (92, 96, 100), 9, cv2.LINE_AA)
        cv2.line(canvas, (column, 64), (column - 70, 64), (92, 96, 100), 7, cv2.LINE_AA)
        cv2.rectangle(canvas, (column - 96, 58), (column - 60, 72), (206, 226, 236), -1, cv2.LINE_AA)
    for column in (900, 1450):  # bollards
        cv2.ellipse(canvas, (column, foot + 20), (17, 8), 0, 0, 360, (46, 48, 52), -1, cv2.LINE_AA)
        cv2.rectangle(canvas, (column - 11, foot - 8), (column + 11, foot + 18), (46, 48, 52), -1, cv2.LINE_AA)


def _counter(canvas: Floats) -> None:
    """The officers' booth at the far side: the window is where people stop."""
    left, right, foot, top = 300, 690, 572, 350
    _box(canvas, (left, top), (right, foot), (206, 208, 206))
    _box(canvas, (left + 24, top + 58), (right - 24, top + 142), (74, 66, 56))
    _box(canvas, (left + 24, top + 58), (right - 24, top + 72), (110, 100, 86))
    for pane in range(left + 24, right, 114):
        _box(canvas, (pane - 3, top + 58), (pane + 3, top + 142), (220, 222, 220))
    _box(canvas, (left - 8, top + 142), (right + 8, top + 154), (122, 146, 164))
    _box(canvas, (left, foot - 22), (right, foot), (122, 92, 52))
    roof = np.array([[left - 34, top], [right + 34, top], [right + 8, top - 44], [left - 8, top - 44]], np.int32)
    cv2.fillPoly(canvas, [roof], (118, 84, 46), cv2.LINE_AA)
    _box(canvas, (left + 70, top + 10), (right - 70, top + 48), (128, 72, 22))
    sign = np.s_[top + 10 : top + 48, left + 70 : right - 70]
    lettered = canvas[sign].clip(0, 255).astype(np.uint8)
    cv2.putText(lettered, "IMIGRASI", (49, 31), cv2.FONT_HERSHEY_DUPLEX, 1.15, (238, 238, 236), 2, cv2.LINE_AA)
    canvas[sign] = lettered
    shade = canvas[foot : foot + 26, left : right + 30]
    shade *= np.linspace(0.72, 1.0, len(shade), dtype=np.float32)[:, None, None]


def _box(canvas: Floats, corner: tuple[int, int], opposite: tuple[int, int], colour: Colour) -> None:
    cv2.rectangle(canvas, corner, opposite, colour, -1, cv2.LINE_AA)


def _painted_line(canvas: Floats) -> None:
    def at(row: float, metres: float) -> tuple[int, int]:
        return round(2 * (line_x(row) + metres * pixels_per_metre(row))), round(2 * row)

    paint = canvas.copy()
    stripe = np.array([at(DECK + 5, -0.08), at(DECK + 5, 0.08), at(HEIGHT, 0.08), at(HEIGHT, -0.08)], np.int32)
    cv2.fillPoly(paint, [stripe], (70, 188, 226), cv2.LINE_AA)
    canvas += (paint - canvas) * 0.75
