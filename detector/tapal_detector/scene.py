"""Everything one camera's lines and zones make of its detections."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from tapal_contract.errors import TapalError
from tapal_contract.geometry import LineSpec, ZoneSpec
from tapal_detector.berth import VESSEL_LABELS, BerthSettings, BerthWatch, Call
from tapal_detector.detections import Detections
from tapal_detector.line import Cut, LineCounter, LineSettings
from tapal_detector.lookahead import Lookahead, LookaheadSettings
from tapal_detector.seen import BoxShare, CrossingSeen, Seen, VesselSeen, ZoneSeen
from tapal_detector.track import Observation, Track
from tapal_detector.tracker import Tracker, TrackerSettings
from tapal_detector.zone import Polygon, Visit, ZoneSettings, ZoneWatch

EDGE_MARGIN = 0.02
FOLLOWING_S = 1.0  # who is followed is looked at this often, well within the tracker's memory


@dataclass(frozen=True, slots=True, kw_only=True)
class SceneSettings:
    """Settings of all that a scene owns."""

    tracker: TrackerSettings = field(default_factory=TrackerSettings)
    line: LineSettings = field(default_factory=LineSettings)
    zone: ZoneSettings = field(default_factory=ZoneSettings)
    berth: BerthSettings = field(default_factory=BerthSettings)
    lookahead: LookaheadSettings = field(default_factory=LookaheadSettings)


class Scene:
    """Tracker, lines and zones of one camera.

    Give it every analysed frame's detections, the unsure ones too (`TrackerSettings.unsure`): they keep tracks alive.
    """

    def __init__(
        self,
        lines: Sequence[LineSpec],
        zones: Sequence[ZoneSpec],
        frame_size: tuple[int, int],
        settings: SceneSettings | None = None,
    ) -> None:
        """Build the scene of one camera.

        Args:
            lines: lines to count at.
            zones: zones to watch.
            frame_size: width and height of the frames in pixels.
            settings: default for all cameras alike.

        Raises:
            TapalError: a line that the edge of the frame hides.
        """
        chosen = settings or SceneSettings()
        for line in lines:
            refuse_hidden(line)
        self._size = frame_size
        self._tracker = Tracker(chosen.tracker, frame_size)
        self._lines = [LineCounter(line, frame_size, chosen.line) for line in lines]
        self._zones = [ZoneWatch(zone, Polygon.of(zone, frame_size), chosen.zone) for zone in zones]
        self._berths = [
            BerthWatch(zone, Polygon.of(zone, frame_size), chosen.berth) for zone in zones if zone.kind == "berth"
        ]
        self._lookahead = Lookahead(lines, zones, frame_size, chosen.lookahead)
        self.tracks: list[Track] = []

    def update(self, detections: Detections, time_s: float) -> list[Seen]:
        """Take in one frame; what it made certain, in order of time."""
        self.tracks = self._tracker.update(detections, time_s)
        seen: list[Seen] = []
        for track in self.tracks:
            for observation in track.fresh:
                seen += self._follow(track, observation)
        for berth in self._berths:
            seen += [self._vessel(berth, call) for call in berth.advance(time_s)]
        seen += self._end(self._tracker.take_ended())
        return sorted(seen, key=_when)

    def calm_s(self, at_most_s: float) -> float:
        """Seconds from the last frame for which nothing followed can come to a line or the edge of a zone."""
        followed = self._tracker.followed
        return self._lookahead.calm_s(followed, min(at_most_s, FOLLOWING_S) if followed else at_most_s)

    def finish(self) -> list[Seen]:
        """No more frames come; what was still open."""
        return sorted(self._end(self._tracker.finish()), key=_when)

    def _follow(self, track: Track, seen: Observation) -> list[Seen]:
        label = track.label
        found: list[Seen] = []
        for zone in self._zones:
            if zone.spec.kind != "berth" or label not in VESSEL_LABELS:
                found += [self._zone(zone, track, visit) for visit in zone.update(track.id, label, seen)]
        for line in self._lines:
            cut = line.update(track.id, label, seen)
            if cut is not None:
                found.append(self._crossing(line, track, cut))
        if label in VESSEL_LABELS:
            for berth in self._berths:
                found += [self._vessel(berth, call) for call in berth.update(track.id, label, seen)]
        return found

    def _end(self, tracks: Sequence[Track]) -> list[Seen]:
        found: list[Seen] = []
        for track in tracks:
            for line in self._lines:
                cut = line.forget(track.id)
                if cut is not None:
                    found.append(self._crossing(line, track, cut))
            for zone in self._zones:
                found += [self._zone(zone, track, visit) for visit in zone.forget(track.id)]
            for berth in self._berths:
                berth.forget(track.id)
        return found

    def _crossing(self, line: LineCounter, track: Track, cut: Cut) -> CrossingSeen:
        visits = {zone.spec.id: zone.seconds(track.id, cut.time_s) for zone in self._zones}
        return CrossingSeen(
            time_s=cut.time_s,
            frame_time_s=cut.nearest.time_s,
            line=line.spec.id,
            direction=cut.direction,
            track=track.id,
            label=track.label,
            confidence=max(cut.before.confidence, cut.after.confidence),
            box=self._share(cut.nearest.box),
            visited={zone: seconds for zone, seconds in visits.items() if seconds > 0},
        )

    def _zone(self, zone: ZoneWatch, track: Track, visit: Visit) -> ZoneSeen:
        return ZoneSeen(
            time_s=visit.time_s,
            frame_time_s=visit.seen.time_s,
            zone=zone.spec.id,
            event=visit.event,
            track=track.id,
            label=track.label,
            confidence=visit.seen.confidence,
            box=self._share(visit.seen.box),
            seconds=visit.seconds,
        )

    def _vessel(self, berth: BerthWatch, call: Call) -> VesselSeen:
        return VesselSeen(
            time_s=call.time_s,
            frame_time_s=call.seen.time_s,
            berth=berth.spec.id,
            event=call.event,
            track=call.track,
            label="boat",
            confidence=call.seen.confidence,
            box=self._share(call.seen.box),
        )

    def _share(self, box: BoxShare) -> BoxShare:
        width, height = self._size
        x1, y1, x2, y2 = (
            min(1.0, max(0.0, value / side)) for value, side in zip(box, (width, height, width, height), strict=True)
        )
        return x1, y1, x2, y2


def refuse_hidden(line: LineSpec) -> None:
    """Refuse a line that lies along an edge of the frame: nobody is seen on its far side.

    Raises:
        TapalError: naming the line and the edge.
    """
    edges = {"left": (0, 0.0), "right": (0, 1.0), "top": (1, 0.0), "bottom": (1, 1.0)}
    for name, (axis, value) in edges.items():
        if all(abs(point[axis] - value) < EDGE_MARGIN for point in (line.from_, line.to)):
            raise TapalError(
                f"line '{line.id}' lies along the {name} edge of the frame, where nobody is seen on its far side; "
                f"move it at least {EDGE_MARGIN:.0%} of the frame inwards"
            )


def _when(seen: Seen) -> float:
    return seen.time_s
