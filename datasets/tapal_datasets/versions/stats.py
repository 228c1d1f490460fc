"""A version in figures, and the same as a picture."""

from collections import Counter
from collections.abc import Callable
from typing import Any
from xml.sax.saxutils import escape

from tapal_datasets.importing.boxes import NAMES
from tapal_datasets.versions.manifest import SPLITS, Item, Manifest, Split

COLOURS: dict[Split, str] = {"train": "#2b6cb0", "val": "#c05621", "test": "#2f855a"}
ROW, LEFT, WIDTH = 22, 150, 520


def figures(made: Manifest) -> dict[str, Any]:
    """Pictures and boxes by split, label, light, camera and day."""
    return {
        "dataset": made.title,
        "licences": list(made.licences),
        "left_out_as_repeats": made.left_out_as_repeats,
        "split_within_a_day": made.split_within_a_day,
        "withdrawn_clips": len(made.withdrawn),
        "pictures": _by_split(made, lambda _: ["all"]),
        "empty": _by_split(made, lambda item: [] if item.boxes else ["all"]),
        "boxes": {name: row for name in NAMES if any((row := _boxes(made, name)).values())},
        "light": _by_split(made, lambda item: [item.light]),
        "camera days": _by_split(made, lambda item: [f"{item.camera} {item.day or 'undated'}"]),
    }


def _boxes(made: Manifest, name: str) -> dict[str, int]:
    return {split: made.counts(split)[name] for split in SPLITS}


def _by_split(made: Manifest, keys: Callable[[Item], list[str]]) -> dict[str, dict[str, int]]:
    counts: dict[str, Counter[str]] = {}
    for item in made.items:
        for key in keys(item):
            counts.setdefault(key, Counter())[item.split] += 1
    return {key: {split: counts[key][split] for split in SPLITS} for key in sorted(counts)}


def text(found: dict[str, Any]) -> str:
    """The figures as a person reads them on a terminal."""
    lines = [f"{found['dataset']}  ({', '.join(found['licences'])})"]
    if found["split_within_a_day"]:
        lines.append("Splits share camera days: figures on val flatter the model.")
    lines.append(f"{found['left_out_as_repeats']} near repeats left out, {found['withdrawn_clips']} clips withdrawn")
    lines.append(f"{'':24}" + "".join(f"{split:>8}" for split in SPLITS))
    for title in ("pictures", "empty", "boxes", "light", "camera days"):
        for key, row in found[title].items():
            name = title if key == "all" else f"{title}: {key}"
            lines.append(f"{name:24}" + "".join(f"{row[split]:>8}" for split in SPLITS))
    return "\n".join(lines)


def svg(found: dict[str, Any]) -> str:
    """The figures as bars, one group for each of boxes, light and camera days."""
    parts: list[str] = []
    y = 40
    for title in ("boxes", "light", "camera days"):
        rows = found[title]
        parts.append(f'<text x="10" y="{y}" class="t">{escape(title)}</text>')
        y += 10
        longest = max((sum(row.values()) for row in rows.values()), default=0) or 1
        for key, row in rows.items():
            parts.append(f'<text x="{LEFT - 6}" y="{y + 15}" text-anchor="end">{escape(key)}</text>')
            x = float(LEFT)
            for split in SPLITS:
                width = WIDTH * row[split] / longest
                parts.append(
                    f'<rect x="{x:.1f}" y="{y + 3}" width="{width:.1f}" height="{ROW - 8}" fill="{COLOURS[split]}"/>'
                )
                x += width
            parts.append(f'<text x="{x + 5:.1f}" y="{y + 15}">{sum(row.values())}</text>')
            y += ROW
        y += 26
    legend = "".join(
        f'<rect x="{LEFT + 90 * n}" y="8" width="12" height="12" fill="{colour}"/>'
        f'<text x="{LEFT + 18 + 90 * n}" y="18">{split}</text>'
        for n, (split, colour) in enumerate(COLOURS.items())
    )
    style = "text{font:13px sans-serif;fill:#1a202c}.t{font-weight:bold}"
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {LEFT + WIDTH + 70} {y}" role="img">'
        f"<title>{escape(found['dataset'])}</title><style>{style}</style>"
        f'<rect width="100%" height="100%" fill="#ffffff"/>{legend}{"".join(parts)}</svg>\n'
    )
