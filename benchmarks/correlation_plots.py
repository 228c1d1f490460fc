"""Three small plots of a gate as one SVG: reliability, precision against recall, the delay law learned and true."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

SIDE, GAP, TOP = 220, 62, 34
OURS, TOLD, FAINT = "#0b6e99", "#c2571a", "#9a9a9a"


@dataclass(frozen=True)
class Line:
    """Points of one curve."""

    x: Sequence[float]
    y: Sequence[float]
    colour: str
    dashed: bool = False
    dots: bool = False


def plots(name: str, panels: Sequence[tuple[str, str, Sequence[Line]]], path: Path) -> None:
    """Write panels (title, axis, curves) side by side; a panel's curves share its scale."""
    width = len(panels) * (SIDE + GAP) + GAP
    parts = [
        (
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {SIDE + TOP + 58}" width="{width}" '
            f'font-family="sans-serif" font-size="11" role="img" aria-label="{name}">'
        ),
        f'<rect width="{width}" height="{SIDE + TOP + 58}" fill="#ffffff"/>',
        f'<text x="{GAP}" y="14" font-size="13" font-weight="bold">{name}</text>',
        (
            f'<text x="{width - GAP}" y="14" text-anchor="end"><tspan fill="{OURS}">learned</tspan> · '
            f'<tspan fill="{TOLD}">told the truth</tspan></text>'
        ),
    ]
    for place, (title, axis, lines) in enumerate(panels):
        parts += _panel(GAP + place * (SIDE + GAP), title, axis, lines)
    path.write_text("\n".join([*parts, "</svg>"]) + "\n", encoding="utf-8")


def _panel(left: float, title: str, axis: str, lines: Sequence[Line]) -> list[str]:
    every = np.concatenate([np.asarray(line.x) for line in lines])
    low, high = float(every.min()), float(every.max())
    most = max(float(np.max(line.y)) for line in lines) or 1.0
    top = most if most > 1.0 or most < 0.5 else 1.0

    def at(x: float, y: float) -> str:
        across = left + SIDE * (x - low) / max(high - low, 1e-9)
        return f"{across:.1f},{TOP + SIDE * (1 - y / top):.1f}"

    parts = [
        f'<rect x="{left}" y="{TOP}" width="{SIDE}" height="{SIDE}" fill="none" stroke="#cccccc"/>',
        f'<text x="{left}" y="{TOP - 6}">{title}</text>',
        f'<text x="{left}" y="{TOP + SIDE + 14}">{low:.3g}</text>',
        f'<text x="{left + SIDE}" y="{TOP + SIDE + 14}" text-anchor="end">{high:.3g}</text>',
        f'<text x="{left - 4}" y="{TOP + 9}" text-anchor="end">{top:.2g}</text>',
        f'<text x="{left - 4}" y="{TOP + SIDE}" text-anchor="end">0</text>',
        f'<text x="{left + SIDE / 2}" y="{TOP + SIDE + 30}" text-anchor="middle" fill="#555555">{axis}</text>',
    ]
    for line in lines:
        points = [at(x, y) for x, y in zip(line.x, line.y, strict=True)]
        dash = ' stroke-dasharray="4 3"' if line.dashed else ""
        parts.append(f'<polyline points="{" ".join(points)}" fill="none" stroke="{line.colour}"{dash}/>')
        if line.dots:
            parts += [
                f'<circle cx="{p.split(",")[0]}" cy="{p.split(",")[1]}" r="2.5" fill="{line.colour}"/>' for p in points
            ]
    return parts


def reliability_line(probability: np.ndarray, guilty: np.ndarray, colour: str) -> Line:
    """Mean probability and share of people without a record in each of ten bins that hold anybody."""
    cell = np.clip((probability * 10).astype(int), 0, 9)
    count = np.bincount(cell, minlength=10)
    held = count > 0
    said = np.bincount(cell, probability, 10)[held] / count[held]
    was = np.bincount(cell, guilty.astype(float), 10)[held] / count[held]
    return Line(said.tolist(), was.tolist(), colour, dots=True)


def precision_line(probability: np.ndarray, guilty: np.ndarray, colour: str) -> Line:
    """Precision at each recall, from the surest crossing on."""
    order = np.argsort(-probability, kind="stable")
    found = np.cumsum(guilty[order].astype(float))
    hits = np.flatnonzero(guilty[order])
    recall, precision = found[hits] / max(found[-1], 1.0), found[hits] / (hits + 1.0)
    return Line([0.0, *recall, 1.0], [precision[0], *precision, 0.0], colour)


DIAGONAL = Line([0.0, 1.0], [0.0, 1.0], FAINT, dashed=True)
