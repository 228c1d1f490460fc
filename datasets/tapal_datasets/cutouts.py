"""People cut out of a fixed camera's video by what differs from its empty scene."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt

from tapal_contract.errors import TapalError

Image = npt.NDArray[np.uint8]
Mask = npt.NDArray[np.uint8]

HEAD = 0.19
"""Share of a standing body, from the top, that is blurred: head, hair and a bit of neck."""
CERTAIN, LIKELY, POSSIBLE = 60, 24, 12
"""Differences from the empty scene (0-255) that make a pixel surely, likely or possibly part of a person."""


@dataclass(frozen=True, slots=True)
class Cutout:
    """One person in one frame, straightened, with alpha; the last row is where the feet stand."""

    person: int
    frame: int
    rgba: Image

    def scaled(self, height: float, *, mirrored: bool = False) -> Image:
        """The picture at `height` pixels, premultiplied edges kept clean by area resampling."""
        factor = height / self.rgba.shape[0]
        size = (max(2, round(self.rgba.shape[1] * factor)), max(2, round(height)))
        image = cv2.resize(self.rgba, size, interpolation=cv2.INTER_AREA if factor < 1 else cv2.INTER_CUBIC)
        return np.ascontiguousarray(image[:, ::-1]) if mirrored else np.asarray(image, np.uint8)


def read_frames(video: Path, wanted: Iterable[int]) -> dict[int, Image]:
    """Decode the wanted frames (0-based) of a video."""
    numbers = set(wanted)
    capture = cv2.VideoCapture(str(video))
    if not capture.isOpened():
        raise TapalError(f"video {str(video)!r} cannot be read: give the path of a video file that OpenCV can open")
    frames: dict[int, Image] = {}
    try:
        for number in range(max(numbers) + 1):
            good, frame = capture.read()
            if not good:
                raise TapalError(f"video {str(video)!r} ends at frame {number}, before frame {max(numbers)}")
            if number in numbers:
                frames[number] = np.asarray(frame, np.uint8)
    finally:
        capture.release()
    return frames


def cut_people(
    video: Path, *, empty: Iterable[int], people: Mapping[int, Iterable[int]], blurred: bool = True
) -> list[Cutout]:
    """Cut each person (number to frames) out of `video`; `empty` are frames of the scene with nobody in it.

    Heads come out blurred unless the pictures stay in training data, which never ships.
    """
    empty = list(empty)
    wanted = {frame: person for person, frames in people.items() for frame in frames}
    frames = read_frames(video, [*wanted, *empty])
    background = np.median(np.stack([frames[number] for number in empty]), axis=0).astype(np.uint8)
    pictures = ((number, person, cut(frames[number], background)) for number, person in sorted(wanted.items()))
    return [Cutout(person, number, blur_head(rgba) if blurred else rgba) for number, person, rgba in pictures]


def cut(frame: Image, background: Image) -> Image:
    """Cut the largest thing that is in `frame` and not in `background`."""
    mask = _matte(frame, background)
    rows, columns = np.where(mask > 127)
    if len(rows) < 100:
        raise TapalError("nobody found in a frame that should show a person: check the frame numbers")
    window = np.s_[rows.min() : rows.max() + 1, columns.min() : columns.max() + 1]
    rgba = np.dstack([frame[window], mask[window]])
    return straighten(rgba)


def _matte(frame: Image, background: Image) -> Mask:
    """Alpha of the person: sure where the difference is large, by colour (GrabCut) where it is small.

    A coat as grey as the pillar behind it differs little, and so does a shadow on the floor: above the knees a small
    difference counts as body, below them it does not.
    """
    difference = cv2.absdiff(cv2.GaussianBlur(frame, (3, 3), 0), cv2.GaussianBlur(background, (3, 3), 0)).max(axis=2)
    near = _largest(_widened(difference > CERTAIN, 15))
    rows = np.where(near.any(axis=1))[0]
    knees = int(rows.min() + 0.72 * (rows.max() - rows.min()))
    likely = ((difference > LIKELY) & (near > 0)).astype(np.uint8)
    likely[knees:] = (difference[knees:] > CERTAIN) & (near[knees:] > 0)
    likely[:knees] = _filled(_closed(likely[:knees], 7))
    marks = np.full(difference.shape, cv2.GC_BGD, np.uint8)
    marks[(difference > POSSIBLE) & (near > 0)] = cv2.GC_PR_FGD
    marks[likely > 0] = cv2.GC_PR_FGD
    marks[cv2.erode(likely, np.ones((5, 5), np.uint8)) > 0] = cv2.GC_FGD
    cv2.setRNGSeed(7)
    cv2.grabCut(frame, marks, (0, 0, 1, 1), np.zeros((1, 65)), np.zeros((1, 65)), 2, cv2.GC_INIT_WITH_MASK)
    solid = _largest(np.isin(marks, (cv2.GC_FGD, cv2.GC_PR_FGD)).astype(np.uint8))
    soft = cv2.GaussianBlur(cv2.erode(_closed(solid, 5) * 255, np.ones((3, 3), np.uint8)), (0, 0), 1.0)
    return np.asarray(soft, np.uint8)


def _filled(mask: Mask) -> Mask:
    """Fill the holes of a mask that are too small to be the gap between an arm and the body."""
    holes = 1 - mask
    _, numbers, stats, _ = cv2.connectedComponentsWithStats(holes, connectivity=4)
    small = np.where(stats[:, cv2.CC_STAT_AREA] < 400)[0]
    return np.asarray((mask > 0) | np.isin(numbers, small), np.uint8)


def _widened(mask: npt.NDArray[np.bool_], size: int) -> Mask:
    return np.asarray(cv2.dilate(mask.astype(np.uint8), np.ones((size, size), np.uint8)), np.uint8)


def _closed(mask: Mask, size: int) -> Mask:
    return np.asarray(cv2.morphologyEx(mask, cv2.MORPH_CLOSE, np.ones((size, size), np.uint8)), np.uint8)


def _largest(mask: Mask) -> Mask:
    _, numbers, stats, _ = cv2.connectedComponentsWithStats(mask, connectivity=8)
    if len(stats) < 2:
        return mask
    return np.asarray(numbers == 1 + int(stats[1:, cv2.CC_STAT_AREA].argmax()), np.uint8)


def straighten(rgba: Image) -> Image:
    """Shear away the lean of a wide lens, so that the head stands over the feet as it does in mid-picture."""
    height, width = rgba.shape[:2]
    middle = np.arange(width) * (rgba[..., 3] > 127)

    def centre(rows: slice) -> float:
        return float(middle[rows].sum() / max(1, (rgba[rows, :, 3] > 127).sum()))

    lean = centre(slice(0, height // 6)) - centre(slice(height // 2, height))
    slope = 0.75 * lean / (0.65 * height)
    margin = int(abs(lean)) + 2
    matrix = np.array([[1, slope, margin - slope * height / 2], [0, 1, 0]], np.float32)
    premultiplied = rgba.astype(np.float32)
    premultiplied[..., :3] *= premultiplied[..., 3:] / np.float32(255)
    moved = np.asarray(cv2.warpAffine(premultiplied, matrix, (width + 2 * margin, height)), np.float32)
    moved[..., :3] *= np.float32(255) / np.maximum(moved[..., 3:], 1)
    columns = np.where((moved[..., 3] > 8).any(axis=0))[0]
    return np.asarray(moved[:, columns.min() : columns.max() + 1].clip(0, 255), np.uint8)


def blur_head(rgba: Image) -> Image:
    """Blur the head beyond recognition, fading out at the neck."""
    height = rgba.shape[0]
    head = int(HEAD * height)
    colour = rgba[..., :3].astype(np.float32)
    alpha = rgba[..., 3:].astype(np.float32) / 255
    spread = head * 0.22
    weight = np.maximum(cv2.GaussianBlur(alpha, (0, 0), spread)[..., None], 1e-3)
    blurred = cv2.GaussianBlur(colour * alpha, (0, 0), spread) / weight
    fade = np.clip((head - np.arange(height)) / (0.2 * head), 0, 1)[:, None, None]
    mixed = blurred * fade + colour * (1 - fade)
    return np.dstack([mixed.clip(0, 255).astype(np.uint8), rgba[..., 3]])
