"""Who is told what: the rules in force as a form that changes them."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from tapal_server.console import format as shown
from tapal_server.console.i18n import Words
from tapal_server.console.markup import Html, join, tag
from tapal_server.console.views.common import button
from tapal_server.console.views.forms import choice, field
from tapal_server.notify.book import MOST_RULES, OfficeRules, RulesView, read_rules
from tapal_server.notify.rules import EscalationStep, Rule, kinds

__all__ = ["Known", "form", "rules_of"]

SEVERITIES = ("low", "medium", "high")
OCCASIONS = ("raised", "escalated", "welfare")
STEPS = 3
NEW = Rule(channel="-")
LEVELS = tuple((str(level), str(level)) for level in range(1, 5))


@dataclass(frozen=True, slots=True)
class Known:
    """What rules can name, and how people and times are written."""

    channels: Sequence[str]
    sites: Mapping[str, str]
    names: Mapping[str, str]
    zone: str


def form(found: RulesView, known: Known, words: Words) -> Html:
    """Every rule, one more to fill in, the steps of escalation, and what browsers are told."""
    channels, sites = known.channels, known.sites
    rules = found.rules
    listed = [
        _rule(number, rule, channels, sites, words) for number, rule in enumerate((*rules.rules, NEW)) if channels
    ]
    steps = [*rules.escalation, *(None for _ in range(STEPS))][: max(STEPS, len(rules.escalation))]
    return join(
        tag("p", _decided(found, known.names, known.zone, words), class_="note"),
        tag("p", words("rules.no_channels"), class_="note") if not channels else None,
        tag(
            "form",
            tag("input", type="hidden", name="version", value=str(found.version)),
            *listed,
            tag("h3", words("rules.escalation")),
            tag("div", [_step(number, step, words) for number, step in enumerate(steps)], class_="fields two"),
            tag("h3", words("rules.push")),
            choice("push", words("admin.rule.least"), _severities(words), rules.push_least_severity),
            tag("button", words("rules.save"), type="submit", class_="button primary"),
            class_="stack",
        ),
        button(words("rules.forget"), act="forget_rules", key=str(found.version)) if found.changed_by else None,
    )


def _decided(found: RulesView, names: Mapping[str, str], zone: str, words: Words) -> str:
    if found.changed_by is None or found.changed_at is None:
        return words("rules.of_file")
    by = names.get(found.changed_by, found.changed_by)
    return words("rules.changed", by=by, time=shown.full(found.changed_at, zone))


def _rule(number: int, rule: Rule, channels: Sequence[str], sites: Mapping[str, str], words: Words) -> Html:
    new = rule is NEW
    name = words("rules.new") if new else f"{rule.channel} · {_said(rule, words)}"
    quiet = rule.quiet_hours or ("", "")
    options = [("", words("rules.unused" if new else "rules.drop")), *((one, one) for one in channels)]
    return tag(
        "details",
        tag("summary", name),
        tag(
            "div",
            choice(f"rule{number}_channel", words("admin.channel"), options, "" if new else rule.channel),
            choice(f"rule{number}_least", words("admin.rule.least"), _severities(words), rule.least_severity),
            choice(f"rule{number}_from", words("rules.quiet_from"), _hours(words), str(quiet[0])),
            choice(f"rule{number}_to", words("rules.quiet_to"), _hours(words), str(quiet[1])),
            class_="fields",
        ),
        _boxes(f"rule{number}_on_", words("admin.rule.on"), _named(OCCASIONS, "admin.on", words), rule.on),
        _boxes(f"rule{number}_level_", words("rules.levels"), LEVELS, [str(level) for level in rule.levels]),
        _boxes(f"rule{number}_site_", words("rules.sites"), sites.items(), rule.sites),
        _boxes(f"rule{number}_kind_", words("rules.kinds"), _named(sorted(kinds()), "kind", words), rule.kinds),
        tag("input", type="hidden", name=f"rule{number}_zone", value=rule.timezone),
        class_="rule",
        open=new and len(channels) > 0 and number == 0,
    )


def _said(rule: Rule, words: Words) -> str:
    listed = ", ".join(words.either("kind", kind) for kind in rule.kinds) or words("admin.all")
    return f"{words('admin.rule.least')} {words(f'admin.severity.{rule.least_severity}')} · {listed}"


def _step(number: int, step: EscalationStep | None, words: Words) -> Html:
    minutes = f"{step.after_minutes:g}" if step else ""
    return join(
        field(
            f"step{number}_minutes", words("rules.step", n=number + 1), value=minutes, required=False,
            inputmode="decimal", pattern="[0-9]+([.,][0-9]+)?",
        ),
        choice(
            f"step{number}_least", words("rules.step_least", n=number + 1), _severities(words),
            step.least_severity if step else "high",
        ),
    )  # fmt: skip


def _severities(words: Words) -> list[tuple[str, str]]:
    return [(name, words(f"admin.severity.{name}")) for name in SEVERITIES]


def _hours(words: Words) -> list[tuple[str, str]]:
    return [("", words("admin.none")), *((str(hour), f"{hour:02d}:00") for hour in range(24))]


def _named(names: Iterable[str], prefix: str, words: Words) -> list[tuple[str, str]]:
    return [(name, words.either(prefix, name)) for name in names]


def _boxes(prefix: str, label: str, options: Iterable[tuple[str, str]], chosen: Sequence[str]) -> Html:
    drawn = [
        tag("label", tag("input", type="checkbox", name=f"{prefix}{name}", checked=name in chosen), text)
        for name, text in options
    ]
    return tag("fieldset", tag("legend", label), drawn, class_="boxes")


def rules_of(fields: Mapping[str, str]) -> OfficeRules:
    """What was filled in; a rule without a channel is dropped, a step without minutes too."""
    rules = [
        _rule_of(f"rule{number}_", fields)
        for number in range(MOST_RULES + 1)
        if fields.get(f"rule{number}_channel", "").strip()
    ]
    steps = [
        {
            "after_minutes": fields[f"step{number}_minutes"].replace(",", "."),
            "least_severity": fields.get(f"step{number}_least"),
        }
        for number in range(MOST_RULES)
        if fields.get(f"step{number}_minutes", "").strip()
    ]
    return read_rules({"rules": rules, "escalation": steps, "push_least_severity": fields.get("push")})


def _rule_of(prefix: str, fields: Mapping[str, str]) -> dict[str, Any]:
    def ticked(part: str) -> list[str]:
        return [name.removeprefix(prefix + part) for name in fields if name.startswith(prefix + part)]

    quiet = fields.get(f"{prefix}from", ""), fields.get(f"{prefix}to", "")
    return {
        "channel": fields[f"{prefix}channel"],
        "least_severity": fields.get(f"{prefix}least"),
        "on": ticked("on_"),
        "levels": sorted(int(level) for level in ticked("level_") if level.isdigit()),
        "sites": ticked("site_"),
        "kinds": ticked("kind_"),
        "quiet_hours": quiet if all(quiet) else None,
        "timezone": fields.get(f"{prefix}zone", "Asia/Makassar"),
    }
