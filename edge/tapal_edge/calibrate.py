"""``tapal edge calibrate``: what two lines that see the same people say about each other."""

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path

from tapal_contract.errors import MessageError, TapalError
from tapal_contract.events import Crossing, parse_event
from tapal_detector.recall import Moment, Recall, chapman, counted_by_both

MEANINGFUL_BOTH = 30


@dataclass(frozen=True, slots=True)
class Counter:
    """A line of a camera, written CAMERA/LINE."""

    camera: str
    line: str

    @classmethod
    def parse(cls, text: str) -> "Counter":
        """Read CAMERA/LINE.

        Raises:
            TapalError: it is written otherwise.
        """
        camera, slash, line = text.partition("/")
        if not (camera and slash and line):
            raise TapalError(f"{text!r} does not name a line; write CAMERA/LINE, such as gate-1/gate")
        return cls(camera, line)

    def __str__(self) -> str:
        return f"{self.camera}/{self.line}"


@dataclass(frozen=True, slots=True)
class Calibration:
    """The two counters and their recalls."""

    first: Counter
    second: Counter
    recall: Recall

    def text(self) -> str:
        """Say it in a few lines, with what it rests on."""
        recall = self.recall
        lines = [
            f"{self.first} counted {recall.first}, {self.second} counted {recall.second}, both of them {recall.both}",
            f"there were about {recall.total.value:.0f} ({recall.total.low:.0f} to {recall.total.high:.0f})",
            f"recall of {self.first}: {_share(recall.first_recall)}",
            f"recall of {self.second}: {_share(recall.second_recall)}",
        ]
        if recall.both < MEANINGFUL_BOTH:
            lines.append(f"fewer than {MEANINGFUL_BOTH} were counted by both: record longer before you rely on this")
        return "\n".join(lines)

    def as_data(self) -> dict[str, object]:
        """The same for programs."""
        return {"first": str(self.first), "second": str(self.second), **asdict(self.recall)}


def calibrate(
    files: Iterable[Path], first: Counter, second: Counter, *, travel_s: float, tolerance_s: float
) -> Calibration:
    """Compare two lines over recorded events.

    Raises:
        TapalError: a file cannot be read or holds something else, or a line has no crossings.
    """
    found: dict[Counter, list[Moment]] = {first: [], second: []}
    if len(found) == 1:
        raise TapalError(f"{first} cannot be compared with itself; name another line that sees the same people")
    for path in files:
        for crossing in crossings(path):
            counter = Counter(crossing.camera, crossing.line)
            if counter in found:
                found[counter].append((crossing.time.timestamp(), crossing.direction))
    for counter, moments in found.items():
        if not moments:
            raise TapalError(f"no crossing of {counter} is in the events; check its name and the recording")
    both = counted_by_both(found[first], found[second], travel_s=travel_s, tolerance_s=tolerance_s)
    return Calibration(first, second, chapman(len(found[first]), len(found[second]), both))


def crossings(path: Path) -> Iterable[Crossing]:
    """Read the crossings of a file that ``--events-out`` wrote.

    Raises:
        TapalError: names the file and the line.
    """
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except OSError as error:
        raise TapalError(
            f"{path}: cannot be read ({error.strerror}); give a file of 'edge run --events-out'"
        ) from error
    for number, line in enumerate(lines, 1):
        try:
            event = parse_event(_without_frame(line))
        except MessageError as error:
            raise TapalError(f"{path}, line {number}: {error}; give a file of 'edge run --events-out'") from error
        if isinstance(event, Crossing):
            yield event


def _without_frame(line: str) -> str:
    """The line as a message: ``frame`` is ours, and always last."""
    head, comma, tail = line.rpartition(', "frame": ')
    return head + "}" if comma and tail.rstrip("}").isdigit() else line


def _share(estimate: object) -> str:
    value, low, high = (getattr(estimate, name) for name in ("value", "low", "high"))
    return f"{value:.1%} ({low:.1%} to {high:.1%}, 95 %)"
