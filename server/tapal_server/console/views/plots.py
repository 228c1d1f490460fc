"""Small plots as SVG: axes, a filled curve, steps, bars; each is said in words by the caller too."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import floor, log10

from tapal_server.console.markup import Child, Html, join, tag

__all__ = ["Box", "area", "axis", "bars", "columns", "mark", "picture", "rounded", "steps"]

NICE = (1.0, 2.0, 2.5, 5.0, 10.0)


@dataclass(frozen=True, slots=True)
class Box:
    """The field of a plot, and what its edges stand for."""

    low: float
    high: float
    top: float
    width: float = 420.0
    height: float = 170.0
    left: float = 22.0
    bottom: float = 30.0

    def x(self, value: float) -> float:
        """The abscissa of a value, kept inside."""
        share = (value - self.low) / ((self.high - self.low) or 1.0)
        return self.left + min(1.0, max(0.0, share)) * (self.width - self.left - 12.0)

    def y(self, value: float) -> float:
        """The ordinate of a value counted from zero."""
        return self.floor - min(1.0, max(0.0, value / (self.top or 1.0))) * (self.floor - 26.0)

    @property
    def floor(self) -> float:
        """Where zero lies."""
        return self.height - self.bottom


def rounded(low: float, high: float, most: int) -> list[float]:
    """Round values from low to high, at most so many."""
    span = max(high - low, 1e-9)
    power = 10.0 ** floor(log10(span / most))
    step = next(nice * power for nice in NICE if span / (nice * power) <= most)
    first = -(-low // step)
    return [round((first + i) * step, 9) for i in range(most + 2) if (first + i) * step <= high + 1e-9]


def axis(box: Box, at: Sequence[float], label: Callable[[float], str]) -> Html:
    """The line at the bottom with its labels."""
    return join(
        tag("line", x1=box.left, x2=box.width - 12, y1=box.floor, y2=box.floor, class_="axis"),
        *(
            tag("text", label(value), x=box.x(value), y=box.height - 8, text_anchor="middle", class_="tick-label")
            for value in at
        ),
    )


def area(box: Box, xs: Sequence[float], ys: Sequence[float]) -> Html:
    """A curve, filled down to zero."""
    points = " ".join(f"{box.x(x):.1f},{box.y(y):.1f}" for x, y in zip(xs, ys, strict=True))
    ends = f"{box.x(xs[0]):.1f},{box.floor:.1f} {points} {box.x(xs[-1]):.1f},{box.floor:.1f}"
    return join(tag("polygon", points=ends, class_="area"), tag("polyline", points=points, class_="curve"))


def mark(box: Box, value: float, text: str, *, level: int = 0) -> Html:
    """An upright line with its name; `level` keeps neighbours from writing over each other."""
    x = box.x(value)
    anchor = "start" if x < box.width * 0.3 else "end" if x > box.width * 0.7 else "middle"
    return join(
        tag("line", x1=x, x2=x, y1=20 + 15 * level, y2=box.floor, class_="mark"),
        tag("text", text, x=x, y=14 + 15 * level, text_anchor=anchor, class_="mark-label"),
    )


def steps(box: Box, since: Sequence[float], values: Sequence[float], *, middle: float) -> Html:
    """A value that holds from each time on, drawn around the middle of the field; `box.top` is its largest size."""
    points = []
    for at, until, value in zip(since, [*since[1:], box.high], values, strict=True):
        y = middle - value / (box.top or 1.0) * (middle - 30.0)
        points += [f"{box.x(at):.1f},{y:.1f}", f"{box.x(until):.1f},{y:.1f}"]
    return join(
        tag("line", x1=box.left, x2=box.width - 12, y1=middle, y2=middle, class_="zero"),
        tag("polyline", points=" ".join(points), class_="curve"),
    )


def bars(rows: Sequence[tuple[str, Sequence[tuple[str, float]]]], *, width: float = 420.0) -> Html:
    """Lying bars: for each row a name and its values, each with the class that colours it and its number beside it."""
    largest = max((value for _, values in rows for _, value in values), default=0.0) or 1.0
    y, drawn = 4.0, []
    for name, values in rows:
        drawn.append(tag("text", name, x=0, y=y + 13, class_="bar-name"))
        y += 20
        for look, value in values:
            length = value / largest * (width - 70)
            drawn += [
                tag("rect", x=0, y=y, width=max(length, 1.5), height=16, rx=2, class_=f"bar {look}"),
                tag("text", f"{value:g}", x=max(length, 1.5) + 6, y=y + 13, class_="bar-number"),
            ]
            y += 19
        y += 8
    return Html(f'<svg viewBox="0 0 {width:g} {y:g}" class="plot bars" aria-hidden="true">{join(*drawn)}</svg>')


def columns(counts: Sequence[int], label: str) -> Html:
    """Standing bars, one for each hour of the day."""
    box = Box(0, len(counts), max(*counts, 1), height=150.0)
    wide = box.x(1) - box.x(0)
    drawn = [
        tag("rect", x=box.x(hour) + 1, y=box.y(count), width=wide - 2, height=box.floor - box.y(count), class_="bar")
        for hour, count in enumerate(counts)
        if count
    ]
    labels = axis(box, range(0, len(counts) + 1, 6), lambda hour: f"{hour:02g}")
    top = tag("text", f"{max(counts)}", x=box.left, y=16, class_="tick-label")
    return picture(box, label, *drawn, labels, top)


def picture(box: Box, label: str, *children: Child) -> Html:
    """The whole plot, with the sentence a screen reader says for it."""
    return tag(
        "svg",
        *children,
        viewBox=f"0 0 {box.width:g} {box.height:g}",
        class_="plot",
        role="img",
        aria_label=label,
    )
