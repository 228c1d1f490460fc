"""Planned movements of a period and what cameras are thought to see, for the page of reports."""

from collections.abc import Mapping, Sequence

from tapal_server.console.i18n import Words
from tapal_server.console.markup import Html, tag
from tapal_server.console.views.tables import table
from tapal_server.reports.movements import PlannedTotal
from tapal_server.reports.period import GateRecall

__all__ = ["movements", "recalls"]


def movements(found: Sequence[PlannedTotal], names: Mapping[str, str], words: Words) -> Html:
    """What was planned, and how often more came."""
    if not found:
        return tag("p", words("reports.no_planned"))
    heads = [words(f"reports.{name}") for name in ("gate", "planned.kind", "movements", "planned.persons", "exceeded")]
    rows = [
        (
            names.get(one.site, one.site),
            words(f"planned.kind.{one.kind}"),
            str(one.movements),
            str(one.persons),
            str(one.exceeded),
        )
        for one in found
    ]
    return table(words("reports.planned"), heads, rows)


def recalls(found: Sequence[GateRecall], names: Mapping[str, str], words: Words) -> Html:
    """The share of people that each gate's camera sees, as learned by now."""
    if not found:
        return tag("p", words("reports.no_recall"))
    rows = [
        (
            f"{names.get(one.site, one.site)} · {one.line} · {words.either('direction', one.direction)}",
            f"{words.number(100 * one.recall)}%",
        )
        for one in found
    ]
    return table(words("reports.recall"), [words("reports.gate"), words("reports.recall.share")], rows)
