"""Crossings against records on one time axis, as SVG."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from tapal_server.console import format as shown
from tapal_server.console.i18n import Words
from tapal_server.console.markup import Html, join, tag
from tapal_server.console.ports import Evidence, Mark
from tapal_server.console.views.common import empty

TOP, CAMERA, RECORD, AXIS, HEIGHT = 30, 62, 118, 152, 178
STEPS_S = (30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 14400, 43200)
UNLOGGED = 0.5


@dataclass(frozen=True, slots=True)
class Scale:
    """Where a moment lies between the two margins."""

    start: datetime
    end: datetime
    left: float
    right: float

    def x(self, moment: datetime) -> float:
        """The abscissa of a moment, kept inside the picture."""
        share = (moment - self.start) / (self.end - self.start)
        return self.left + min(1.0, max(0.0, share)) * (self.right - self.left)

    def ticks(self, zone: str, most: int) -> list[datetime]:
        """Round moments of the site's clock, at most so many."""
        span = (self.end - self.start).total_seconds()
        step = next((s for s in STEPS_S if span / s <= most), STEPS_S[-1])
        begin = shown.local(self.start, zone)
        midnight = begin.replace(hour=0, minute=0, second=0, microsecond=0)
        first = -(-(begin - midnight).total_seconds() // step) * step
        count = int((span - (first - (begin - midnight).total_seconds())) // step) + 1
        return [midnight + timedelta(seconds=first + i * step) for i in range(count)]


def timeline(evidence: Evidence, zone: str, words: Words) -> Html:
    """The time line twice, for a wide and for a narrow screen, with one sentence that says the same."""
    crossings = sum(mark.what == "crossing" for mark in evidence.marks)
    records = len(evidence.marks) - crossings
    if not evidence.marks:
        return empty(words("timeline.empty"), words("alert.lead"))
    summary = words(
        "timeline.summary",
        crossings=crossings,
        records=records,
        start=shown.clock(evidence.start, zone),
        end=shown.clock(evidence.end, zone),
    )
    return join(
        _picture(evidence, zone, words, summary, width=760, most=9, look="wide"),
        _picture(evidence, zone, words, summary, width=380, most=4, look="narrow"),
        tag("p", summary, class_="note"),
        _legend(words),
    )


def _picture(evidence: Evidence, zone: str, words: Words, summary: str, *, width: int, most: int, look: str) -> Html:
    scale = Scale(evidence.start, evidence.end, 84, width - 14)
    marks = sorted(evidence.marks, key=lambda mark: mark.mine)
    return tag(
        "svg",
        _band(marks, scale, words),
        _lane(words("timeline.crossings"), CAMERA, width),
        _lane(words("timeline.records"), RECORD, width),
        [_tick(moment, scale, zone) for moment in scale.ticks(zone, most)],
        [_mark(mark, scale, zone) for mark in marks],
        viewBox=f"0 0 {width} {HEIGHT}",
        class_=f"timeline {look}",
        role="img",
        aria_label=summary,
    )


def _lane(label: str, y: float, width: int) -> Html:
    return join(
        tag("text", label, x=0, y=y + 5, class_="lane-label"),
        tag("line", x1=84, x2=width - 14, y1=y, y2=y, class_="lane"),
    )


def _tick(moment: datetime, scale: Scale, zone: str) -> Html:
    x = scale.x(moment)
    seconds = bool(moment.second)
    return join(
        tag("line", x1=x, x2=x, y1=TOP + 8, y2=AXIS, class_="tick"),
        tag(
            "text",
            shown.clock(moment, zone, seconds=seconds),
            x=x,
            y=AXIS + 18,
            text_anchor="middle",
            class_="tick-label",
        ),
    )


def _band(marks: list[Mark], scale: Scale, words: Words) -> Html | None:
    mine = [scale.x(mark.at) for mark in marks if mark.mine]
    if not mine:
        return None
    left, right = min(mine) - 11, max(mine) + 11
    middle = (left + right) / 2
    anchor = "end" if middle > (scale.left + scale.right) * 0.75 else "start" if middle < scale.left + 60 else "middle"
    return join(
        tag("rect", x=left, y=TOP, width=right - left, height=AXIS - TOP, rx=6, class_="band"),
        tag("text", words("timeline.this"), x=middle, y=TOP - 9, text_anchor=anchor, class_="band-label"),
    )


def _mark(mark: Mark, scale: Scale, zone: str) -> Html:
    x, title = scale.x(mark.at), tag("title", shown.clock(mark.at, zone, seconds=True))
    if mark.what == "record":
        return tag("rect", title, x=x - 5, y=RECORD - 9, width=10, height=18, rx=2, class_="record")
    unlogged = mark.mine or (mark.chance is not None and mark.chance >= UNLOGGED)
    return tag(
        "circle",
        title,
        cx=x,
        cy=CAMERA,
        r=10 if mark.mine else 7,
        class_="crossing unlogged" if unlogged else "crossing",
    )


def _legend(words: Words) -> Html:
    def item(shape: Html, key: str) -> Html:
        drawn = tag("svg", shape, viewBox="0 0 20 20", class_="legend-mark", aria_hidden="true")
        return tag("li", drawn, words(f"timeline.legend.{key}"))

    return tag(
        "ul",
        item(tag("circle", cx=10, cy=10, r=7, class_="crossing unlogged"), "unlogged"),
        item(tag("circle", cx=10, cy=10, r=6, class_="crossing"), "logged"),
        item(tag("rect", x=5, y=1, width=10, height=18, rx=2, class_="record"), "record"),
        class_="legend",
    )
