"""Follow things from frame to frame.

Two rounds, as ByteTrack has them: sure detections are given to tracks first, then unsure ones to the tracks left over,
so a half hidden person keeps the track but never starts one. Distances are those of the motion filter, which knows how
far something may have come in the time that passed; skipped frames and low rates need nothing special.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from tapal_detector.association import assign, distance_matrix, family, lone
from tapal_detector.detections import Detections
from tapal_detector.kalman import Motion, MotionSettings
from tapal_detector.overlap import inside_matrix, iou_matrix
from tapal_detector.track import Observation, Track

# A box this near to the edge of the frame, as a share of its side, is cut off by it.
EDGE_SHARE = 0.02


@dataclass(frozen=True, slots=True, kw_only=True)
class TrackerSettings:
    """When tracks start, go on and end.

    Attributes:
        sure: detections at least this confident start tracks and are assigned first.
        unsure: less confident ones are ignored.
        confirm_hits: a track counts after this many detections.
        memory_s: a track that is not seen is remembered this long.
        gate: greatest squared distance (in standard deviations) of a detection that may belong to a track.
        unsure_gate: the same for unsure detections.
        lone_overlap: at the edge of the frame, where boxes are cut off and change their shape from frame to frame, a
            detection that overlaps the expected box of a track this much and no other belongs to it.
        same_thing: boxes of one family that overlap more than this are one thing.
        double_overlap: a box that overlaps a surer one more than this starts no track.
        double_inside: nor does one of which more than this share lies within a surer one, or the other way round.
        raw_share: how much of a reported box is the detection itself, the rest being the smoothed estimate, which
            overshoots when somebody stops.
    """

    sure: float = 0.4
    unsure: float = 0.1
    confirm_hits: int = 2
    memory_s: float = 1.5
    gate: float = 9.0
    unsure_gate: float = 9.0
    lone_overlap: float = 0.3
    same_thing: float = 0.7
    double_overlap: float = 0.5
    double_inside: float = 0.8
    raw_share: float = 0.7
    motion: MotionSettings = field(default_factory=MotionSettings)


class Tracker:
    """Tracks of one camera."""

    def __init__(self, settings: TrackerSettings | None = None, frame_size: tuple[int, int] | None = None) -> None:
        """Begin without tracks; with the width and height of frames, boxes cut off by their edge are known as such."""
        self.settings = settings or TrackerSettings()
        self._frame_size = frame_size
        self._tracks: list[Track] = []
        self._ended: list[Track] = []
        self._next = 1
        self._time_s: float | None = None

    def update(self, detections: Detections, time_s: float) -> list[Track]:
        """Take in one frame; the confirmed tracks that were seen in it.

        Time that stands still or steps back is taken as no time at all.
        """
        elapsed = 0.0 if self._time_s is None else max(0.0, time_s - self._time_s)
        self._time_s = time_s
        for track in self._tracks:
            track.motion.predict(elapsed)
            if track.confirmed:
                track.fresh = []
        found = _one_box_each(detections.keep(detections.confidences >= self.settings.unsure), self.settings.same_thing)
        sure = found.confidences >= self.settings.sure
        first, second = found.keep(sure), found.keep(~sure)
        left, unused = self._match(self._tracks, first, time_s, self.settings.gate)
        recent = [track for track in left if track.confirmed and track.missed == 0]
        self._match(recent, second, time_s, self.settings.unsure_gate)
        for index in self._apart(first, unused):
            self._start(first, index, time_s)
        self._drop(time_s)
        return self._hand_out(time_s)

    @property
    def followed(self) -> Sequence[Track]:
        """All tracks: unconfirmed and momentarily hidden ones too."""
        return self._tracks

    def take_ended(self) -> list[Track]:
        """Confirmed tracks that were given up since the last call."""
        ended, self._ended = self._ended, []
        return ended

    def finish(self) -> list[Track]:
        """Give up every track; the confirmed ones."""
        self._ended += [track for track in self._tracks if track.confirmed]
        self._tracks = []
        return self.take_ended()

    def _match(
        self, tracks: Sequence[Track], found: Detections, time_s: float, gate: float
    ) -> tuple[list[Track], list[int]]:
        if not tracks or not len(found):
            return list(tracks), list(range(len(found)))
        distances, spread = distance_matrix([track.motion for track in tracks], found.boxes)
        overlap = iou_matrix(np.array([track.motion.box for track in tracks], np.float32), found.boxes)
        same = _same_family([track.label for track in tracks], found.labels)
        near = (distances <= gate) & same
        fits = (overlap >= self.settings.lone_overlap) & same & ~near
        if fits.any():  # seldom: pairs that overlap are nearly always near
            fits &= lone(overlap) & self._cut_off(tracks, found)
        costs = np.where(near, distances, gate + (1 - overlap) * gate) + spread[:, None]
        pairs = assign(costs, near | fits)
        for row, column in pairs:
            self._see(tracks[row], found, column, time_s)
        matched, used = {row for row, _ in pairs}, {column for _, column in pairs}
        return (
            [track for row, track in enumerate(tracks) if row not in matched],
            [column for column in range(len(found)) if column not in used],
        )

    def _cut_off(self, tracks: Sequence[Track], found: Detections) -> NDArray[np.bool_]:
        """Pairs of which one box touches the edge of the frame."""
        if self._frame_size is None:
            return np.zeros((len(tracks), len(found)), np.bool_)
        sides = np.array([*self._frame_size, *self._frame_size]) * np.float32(EDGE_SHARE)
        far = np.array(self._frame_size) - sides[:2]

        def touches(boxes: NDArray[np.float32]) -> NDArray[np.bool_]:
            touching = np.concatenate([boxes[:, :2] <= sides[:2], boxes[:, 2:] >= far], axis=1)
            return np.asarray(touching.any(axis=1), np.bool_)

        last = touches(np.array([track.last.box for track in tracks], np.float32))
        seen_before = np.array([track.missed == 0 for track in tracks], np.bool_)
        return seen_before[:, None] & (last[:, None] | touches(found.boxes)[None, :])

    def _apart(self, found: Detections, unused: Sequence[int]) -> list[int]:
        """Those of the unused boxes that are not a second, looser or partial box around something followed already."""
        if not unused:
            return []
        used = [index for index in range(len(found)) if index not in unused]
        overlap = iou_matrix(found.boxes, found.boxes)
        inside = inside_matrix(found.boxes, found.boxes)
        chosen: list[int] = []
        for index in unused:
            kind = family(found.labels[index])
            rivals = [other for other in (*used, *chosen) if family(found.labels[other]) == kind]
            double = any(
                overlap[index, other] > self.settings.double_overlap
                or max(inside[index, other], inside[other, index]) > self.settings.double_inside
                for other in rivals
                if found.confidences[other] >= found.confidences[index]
            )
            if not double:
                chosen.append(index)
        return chosen

    def _see(self, track: Track, found: Detections, index: int, time_s: float) -> None:
        box = found.boxes[index].tolist()
        track.motion.correct(box)
        raw, smooth = self.settings.raw_share, track.motion.box
        x1, y1, x2, y2 = (raw * a + (1 - raw) * b for a, b in zip(box, smooth, strict=True))
        track.last = Observation(time_s, (x1, y1, x2, y2), float(found.confidences[index]))
        track.fresh.append(track.last)
        track.votes[found.labels[index]] += float(found.confidences[index])  # type: ignore[assignment]  # Counter of floats
        track.hits += 1
        track.missed = 0
        track.confirmed = track.confirmed or track.hits >= self.settings.confirm_hits

    def _start(self, found: Detections, index: int, time_s: float) -> None:
        motion = Motion(found.boxes[index].tolist(), self.settings.motion)
        confidence = float(found.confidences[index])
        seen = Observation(time_s, motion.box, confidence)
        votes: Counter[str] = Counter()
        votes[found.labels[index]] += confidence  # type: ignore[assignment]  # Counter of floats
        self._tracks.append(Track(self._next, motion, seen, time_s, votes, fresh=[seen]))
        self._next += 1

    def _drop(self, time_s: float) -> None:
        kept = []
        for track in self._tracks:
            if track.last.time_s < time_s:
                track.missed += 1
            if track.missed and not track.confirmed:
                continue
            if time_s - track.last.time_s > self.settings.memory_s:
                self._ended.append(track)
            else:
                kept.append(track)
        self._tracks = kept

    def _hand_out(self, time_s: float) -> list[Track]:
        return [track for track in self._tracks if track.confirmed and track.last.time_s == time_s]


def _same_family(tracked: Sequence[str], found: Sequence[str]) -> NDArray[np.bool_]:
    """Pairs of a tracked and a found label that one thing may be given in turn."""
    rows, columns = [family(label) for label in tracked], [family(label) for label in found]
    return np.array([[row == column for column in columns] for row in rows], np.bool_)


def _one_box_each(found: Detections, same_thing: float) -> Detections:
    """Drop the less sure of two boxes of one family around one thing, such as a car that is also seen as a truck."""
    overlap = iou_matrix(found.boxes, found.boxes)
    if (overlap > same_thing).sum() == len(found):
        return found
    order = np.argsort(-found.confidences, kind="stable")
    kept: list[int] = []
    for index in order:
        kind = family(found.labels[index])
        if all(overlap[index, other] <= same_thing or family(found.labels[other]) != kind for other in kept):
            kept.append(int(index))
    return found.keep(np.array(sorted(kept), np.intp))
