"""Boxes followed through a clip: by what the edge saw in the next frame, else by how the inside of them looks. Pure."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from tapal_server.models.footage import Grey
from tapal_server.models.propagating import ReviewBox, overlap

__all__ = ["followed", "proposed"]

SNAP = 0.45
"""A box of the edge that overlaps the followed one by this much is the thing itself."""
ALIKE = 0.6
"""Correlation from which a place is taken to show the thing again."""
STILL_ALIKE = 0.85
"""Below this the thing has changed enough for its newer look to be searched from then on."""
REACH = 8
SMALLEST = 3
SAMPLES = 600
"""So many pixels of a box are compared at most."""

Boxes = tuple[ReviewBox, ...]


@dataclass(frozen=True, slots=True)
class _Thing:
    """Something on its way: where it is, how it looks, and how far it moved last (in pixels)."""

    box: ReviewBox
    look: Grey
    dx: int = 0
    dy: int = 0


def proposed(frames: Sequence[Grey], seen: Sequence[Boxes], known: Mapping[int, Boxes]) -> dict[int, Boxes]:
    """What may be in the frames that nobody labelled: the boxes of those that are, followed, and what came in since.

    What the edge saw besides is proposed too, unless a person left it out where it was seen nearest.
    """
    left_out = {
        number: tuple(one for one in seen[number] if not _among(one, boxes))
        for number, boxes in known.items()
        if number < len(seen)
    }
    wrong = followed(frames, seen, left_out)
    return {
        number: boxes + tuple(one for one in _at(seen, number) if not _among(one, boxes + wrong.get(number, ())))
        for number, boxes in followed(frames, seen, known).items()
    }


def _among(one: ReviewBox, boxes: Boxes) -> bool:
    return any(overlap(one, box) >= SNAP for box in boxes)


def _at(seen: Sequence[Boxes], number: int) -> Boxes:
    return seen[number] if number < len(seen) else ()


def followed(frames: Sequence[Grey], seen: Sequence[Boxes], known: Mapping[int, Boxes]) -> dict[int, Boxes]:
    """Where the boxes of labelled frames are in every other, each frame asking the labelled one nearest to it.

    Args:
        frames: every frame of the clip, grey.
        seen: what the edge saw in each; shorter or empty where it did not say.
        known: frames by number, with what a person says is in them.
    """
    found: dict[int, Boxes] = {}
    labelled = sorted(number for number in known if number < len(frames))
    for place, number in enumerate(labelled):
        before = labelled[place - 1] if place else -1
        after = labelled[place + 1] if place + 1 < len(labelled) else len(frames)
        first = (before + number) // 2 + 1 if place else 0
        last = (number + after) // 2 if after < len(frames) else len(frames) - 1
        for way in (range(number, first - 1, -1), range(number, last + 1)):
            found |= dict(_along(frames, seen, known[number], way))
    return {number: boxes for number, boxes in found.items() if number not in known}


def _along(frames: Sequence[Grey], seen: Sequence[Boxes], boxes: Boxes, way: range) -> Iterator[tuple[int, Boxes]]:
    things = [thing for box in boxes if (thing := _thing(box, frames[way[0]])) is not None]
    for number in way[1:]:
        free = list(_at(seen, number))
        kept = []
        for thing in things:
            moved, likeness = _moved(thing, frames[number])
            same = [one for one in free if one.label == moved.box.label and overlap(one, moved.box) >= SNAP]
            if same:
                best = max(same, key=lambda one: overlap(one, moved.box))
                free.remove(best)
                own = _thing(replace(best, confidence=None), frames[number])
                kept += [replace(own, dx=moved.dx, dy=moved.dy)] if own else []
            elif likeness >= ALIKE:
                kept.append(moved if likeness >= STILL_ALIKE else _refreshed(moved, frames[number]))
        things = kept
        yield number, tuple(thing.box for thing in things)


def _thing(box: ReviewBox, frame: Grey) -> _Thing | None:
    """A box with what is in it; None where it is too small to be known again, or at the picture's edge."""
    left, top, width, height = _pixels(box, frame)
    if width < SMALLEST or height < SMALLEST:
        return None
    return _Thing(box, frame[top : top + height, left : left + width])


def _refreshed(thing: _Thing, frame: Grey) -> _Thing:
    newer = _thing(thing.box, frame)
    return thing if newer is None else replace(newer, dx=thing.dx, dy=thing.dy)


def _pixels(box: ReviewBox, frame: Grey) -> tuple[int, int, int, int]:
    height, width = frame.shape
    left, right = (min(max(round(x * width), 0), width) for x in (box.x1, box.x2))
    top, bottom = (min(max(round(y * height), 0), height) for y in (box.y1, box.y2))
    return left, top, right - left, bottom - top


def _moved(thing: _Thing, frame: Grey) -> tuple[_Thing, float]:
    """The thing at the place in `frame` that looks most like it, and how much it does (1: the same)."""
    height, width = thing.look.shape
    left, top, _, _ = _pixels(thing.box, frame)
    from_x, from_y = max(left + thing.dx - REACH, 0), max(top + thing.dy - REACH, 0)
    area = frame[from_y : top + thing.dy + REACH + height, from_x : left + thing.dx + REACH + width]
    if area.shape[0] < height or area.shape[1] < width:
        return thing, 0.0
    step = max(1, round((height * width / SAMPLES) ** 0.5))
    places = sliding_window_view(area, (height, width))[:, :, ::step, ::step]
    look = thing.look[::step, ::step] - thing.look[::step, ::step].mean()
    spread = places.std(axis=(2, 3)) * np.sqrt(look.size) * np.linalg.norm(look)
    likeness = np.einsum("nmhw,hw->nm", places, look) / np.maximum(spread, 1e-6)
    y, x = np.unravel_index(int(likeness.argmax()), likeness.shape)
    dx, dy = from_x + int(x) - left, from_y + int(y) - top
    box = thing.box.moved(dx / frame.shape[1], dy / frame.shape[0])
    return _Thing(box, thing.look, dx, dy), float(likeness[y, x])
