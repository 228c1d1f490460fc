"""What was learned of a gate: plots, numbers with their errors, doubts, and what it can and cannot show."""

from collections.abc import Mapping, Sequence
from typing import Any

from tapal_server.console import format as shown
from tapal_server.console.i18n import Words
from tapal_server.console.markup import Html, join, tag
from tapal_server.console.views import common, plots
from tapal_server.console.views.tables import table
from tapal_server.correlation.types import Site
from tapal_server.gates import Curve, GateView

SURE = 1.645  # both sides of 90 %
NAMELESS = frozenset({"crowded", "not_learned"})
DAY_S = 86400.0


def gates(found: Sequence[GateView], sites: Mapping[str, Site], words: Words) -> Html:
    """A panel for each gate."""
    if not found:
        return common.empty(words("gates.empty"), words("gates.empty.next"))
    return tag("div", [_gate(one, sites.get(one.site), words) for one in found], class_="gates")


def _gate(gate: GateView, site: Site | None, words: Words) -> Html:
    name = " · ".join((site.name if site and site.name else gate.site, gate.line, words(f"direction.{gate.direction}")))
    learned = gate.learned
    if learned is None or gate.curve is None:
        content = common.empty(words("gates.starting"), words("gates.starting.next"))
    else:
        content = join(
            tag("p", verdict(learned, words), class_="reason"),
            tag("ul", [tag("li", words.either("doubt", code)) for code in learned["doubts"]], class_="warnings"),
            tag("h3", words("gates.delay")),
            delay_plot(gate.curve, words),
            tag("h3", words("gates.clock")),
            clock_plot(gate.curve, site.timezone if site else "UTC", words),
            tag("h3", words("gates.numbers")),
            _facts(learned, words),
        )
    return tag(
        "section",
        tag("h2", name),
        content,
        tag("h3", words("gates.calibration")),
        _calibration(gate, words),
        class_="panel gate",
        aria_label=name,
    )


def verdict(learned: Mapping[str, Any], words: Words) -> str:
    """What this gate can and cannot show, in two sentences."""
    doubts = set(learned["doubts"])
    if "not_learned" in doubts or not learned["crossings"]:
        return words("gates.shows.prior")
    waits = words("gates.shows.waits", wait=span(float(learned["delay_s"]["p99"]), words))
    if "crowded" in doubts:
        return f"{words('gates.shows.counts')} {waits}"
    if "false_or_unlogged" in doubts:
        return f"{words('gates.shows.either')} {waits}"
    return f"{words('gates.shows.persons')} {waits}"


def span(seconds: float, words: Words) -> str:
    """A duration in the unit that says enough; a negative one is before the crossing."""
    size = abs(seconds)
    unit, value = ("s", size) if size < 90 else ("min", size / 60) if size < 5400 else ("h", size / 3600)
    text = words(f"span.{unit}", n=words.number(value, 1 if unit == "h" else 0))
    return words("span.before", span=text) if seconds < 0 and value >= 0.5 else text


def delay_plot(curve: Curve, words: Words) -> Html:
    """The law of the delay with its median and the moment by which 99 % of records have come."""
    box = plots.Box(curve.delay_s[0], curve.delay_s[-1], max(curve.density) or 1.0)
    told = words("gates.delay.told", median=span(curve.median_s, words), high=span(curve.high_s, words))
    ticks = plots.rounded(curve.delay_s[0], curve.delay_s[-1], 6)
    return join(
        plots.picture(
            box,
            told,
            plots.area(box, curve.delay_s, curve.density),
            plots.axis(box, ticks, lambda value: _axis_span(value, words)),
            plots.mark(box, curve.median_s, words("gates.median"), level=0),
            plots.mark(box, curve.high_s, words("gates.p99"), level=1),
        ),
        tag("p", told, class_="note"),
    )


def _axis_span(seconds: float, words: Words) -> str:
    text = span(abs(seconds), words)
    return f"-{text}" if seconds < 0 else text


def clock_plot(curve: Curve, zone: str, words: Words) -> Html:
    """How far the log's clock was off, and since when; one sentence where it never moved."""
    if len(curve.clock) < 2:
        return tag("p", words("gates.clock.still"), class_="note")
    since, shifts = [at for at, _ in curve.clock], [shift for _, shift in curve.clock]
    end = since[-1] + max((since[-1] - since[0]) / len(since), 60.0)
    box = plots.Box(since[0], end, max(abs(shift) for shift in shifts) or 1.0)
    middle = 26 + (box.floor - 26) / 2
    told = words("gates.clock.moved", low=span_signed(min(shifts), words), high=span_signed(max(shifts), words))
    days = end - since[0] > DAY_S

    def label(at: float) -> str:
        moment = shown.moment(at)
        return shown.day(moment, zone)[:5] if days else shown.clock(moment, zone)

    ticks = [since[0] + (end - since[0]) * share for share in (0.05, 0.35, 0.65, 0.95)]
    drawn = (plots.steps(box, since, shifts, middle=middle), plots.axis(box, ticks, label))
    return join(plots.picture(box, told, *drawn), tag("p", told, class_="note"))


def span_signed(seconds: float, words: Words) -> str:
    """A shift with its sign."""
    return f"{'-' if seconds < 0 else '+'}{span(abs(seconds), words)}"


def _facts(learned: Mapping[str, Any], words: Words) -> Html:
    errors = learned["errors"]
    rows = [*_unlogged(learned, words)]
    rows += [
        (words("gates.crossings"), f"{learned['crossings']}"),
        (words("gates.recall"), _recall(learned)),
        (
            words("gates.alone"),
            _interval(
                learned["unlogged_per_hour_alone"] * 24, errors.get("unlogged_per_hour_alone", 0.0) * 24, "", words
            ),
        ),
        (
            words("gates.flow"),
            _interval(
                learned["unlogged_share_of_flow"] * 100, errors.get("unlogged_share_of_flow", 0.0) * 100, "%", words
            ),
        ),
        (words("gates.false"), words.number(learned["false_per_hour"] * 24)),
        (words("gates.double"), f"{words.number(learned['double_share'] * 100, 2)}%"),
        (words("gates.late"), f"{words.number(learned['late_share'] * 100)}%"),
    ]
    return tag("dl", [tag("div", tag("dt", name), tag("dd", value)) for name, value in rows], class_="facts small")


def _unlogged(learned: Mapping[str, Any], words: Words) -> list[tuple[str, str]]:
    """How many people without a record are expected per day, with bounds."""
    found = learned.get("unlogged")
    if not found:
        return []
    day, low, high = (words.number(found[name]) for name in ("per_day", "per_day_low", "per_day_high"))
    bounds = f"{day} ({low}-{high})"
    return [(words("gates.unlogged"), bounds)]


def _recall(learned: Mapping[str, Any]) -> str:
    recall, error = float(learned["recall"]), float(learned["errors"].get("recall", 0.0))
    low, high = learned.get("recall_interval") or (recall - SURE * error, min(1.0, recall + SURE * error))
    return f"{recall:.0%} ({low:.0%}-{high:.0%})" if high > low else f"{recall:.0%}"


def _interval(value: float, error: float, unit: str, words: Words) -> str:
    told = f"{words.number(value, 2)}{unit}"
    if not error:
        return told
    return f"{told} ({words.number(max(0.0, value - SURE * error), 2)}-{words.number(value + SURE * error, 2)})"


def _calibration(gate: GateView, words: Words) -> Html:
    if not gate.calibration:
        return common.empty(words("gates.unjudged"), words("gates.unjudged.next"))
    heads = [words(f"gates.calibration.{name}") for name in ("shown", "judged", "right")]
    rows = [
        (shown.percent(one.shown), str(one.judged), f"{one.right} ({100 * one.right / one.judged:.0f}%)")
        for one in gate.calibration
    ]
    return table(words("gates.calibration"), heads, rows)
