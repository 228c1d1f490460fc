"""Models and nodes: which node runs what, roll-outs on their way, and the models there are."""

from collections.abc import Mapping, Sequence

from tapal_server.console import format as shown
from tapal_server.console.i18n import Words
from tapal_server.console.markup import Html, join, tag
from tapal_server.console.views import common
from tapal_server.console.views.forms import choice, file_field, text_area
from tapal_server.console.views.tables import table
from tapal_server.models.views import ModelView, NodeModelView, RolloutNodeView, RolloutView
from tapal_server.nodes import RefusedView

LOOKS = {
    "steady": "good", "active": "good", "done": "good", "failed": "bad", "halted": "bad", "rolled_back": "wait",
}  # fmt: skip
_HEAD = 60  # of the first bytes; the log has no more of them either
FIGURES = ("precision", "recall", "map50", "map", "f1")


def nodes(found: Sequence[NodeModelView], zone: str, words: Words) -> Html:
    """Which model each node uses, and how a change of it goes."""
    if not found:
        return common.empty(words("models.no_nodes"), words("models.no_nodes.next"))
    rows = [
        (
            join(tag("b", one.node), tag("span", f" {one.site}", class_="note")),
            one.active or words("models.untold"),
            one.previous or "-",
            _state(one, words),
            shown.full(one.reported_at, zone) if one.reported_at else "-",
        )
        for one in found
    ]
    heads = [words(f"models.{name}") for name in ("node", "active", "previous", "state", "reported")]
    return table(words("models.nodes"), heads, rows)


def refused(found: RefusedView, zone: str, words: Words) -> Html:
    """Messages that were not believed or could not be read, and the newest of them."""
    if not found.counts:
        return common.empty(words("models.none_refused"), words("models.none_refused.next"))
    counted = [
        (
            one.node or words("models.refused.nobody"),
            words.either("models.refused", one.reason),
            words.number(one.count),
            shown.full(one.last_at, zone),
        )
        for one in found.counts
    ]
    heads = [words(f"models.refused.{name}") for name in ("of", "why", "how_many", "last")]
    newest = [(shown.full(one.at, zone), one.topic, one.reason, tag("code", one.head[:_HEAD])) for one in found.newest]
    titles = [words(f"models.refused.{name}") for name in ("at", "topic", "why", "head")]
    return join(
        table(words("models.refused"), heads, counted),
        tag(
            "details",
            tag("summary", words("models.refused.newest")),
            table(words("models.refused.newest"), titles, newest),
            class_="unfold",
        )
        if newest
        else None,
    )


def _state(one: NodeModelView, words: Words) -> Html:
    if one.state is None:
        return tag("span", words("models.untold"), class_="note")
    told = []
    if one.candidate:
        told.append(words("models.tries", name=one.candidate))
    if one.fetched is not None and one.state == "fetching":
        told.append(words("models.fetched", share=f"{one.fetched:.0%}"))
    if one.agreement is not None:
        told.append(words("models.agrees", share=f"{one.agreement:.1%}", n=one.frames or 0))
    if one.latency is not None:
        told.append(words("models.latency", ratio=f"{one.latency:.2f}"))
    if one.detail:
        told.append(one.detail)
    pill = tag("span", words.either("models.at", one.state), class_=f"pill {LOOKS.get(one.state, 'wait')}")
    return join(pill, tag("span", ". ".join(told), class_="note") if told else None)


def rollouts(found: Sequence[RolloutView], names: Mapping[str, str], zone: str, words: Words, *, may: bool) -> Html:
    """Roll-outs, newest first, stage by stage, with what can be done about each."""
    if not found:
        return common.empty(words("models.no_rollouts"), words("models.no_rollouts.next"))
    return tag("div", [_rollout(one, names, zone, words, may=may) for one in found], class_="handovers")


def _rollout(one: RolloutView, names: Mapping[str, str], zone: str, words: Words, *, may: bool) -> Html:
    made = words("models.made", by=names.get(one.made_by, one.made_by), time=shown.full(one.made_at, zone))
    stages = sorted({node.stage for node in one.nodes})
    return tag(
        "section",
        tag(
            "div",
            tag("h3", one.model),
            tag("span", words.either("models.is", one.state), class_=f"pill {LOOKS.get(one.state, 'wait')}"),
            class_="row",
        ),
        tag("p", made, class_="note"),
        tag("p", one.detail, class_="warnings") if one.detail else None,
        tag(
            "ol",
            [
                tag(
                    "li",
                    tag("b", words("models.stage", n=stage + 1)),
                    [_step(node, words) for node in one.nodes if node.stage == stage],
                )
                for stage in stages
            ],
            class_="stages",
        ),
        tag("div", _acts(one, words), class_="row") if may else None,
        class_="panel",
    )


def _step(node: RolloutNodeView, words: Words) -> Html:
    return tag(
        "span",
        tag("span", node.node),
        tag("span", words.either("models.step", node.state), class_=f"pill {LOOKS.get(node.state, 'wait')}"),
        tag("span", node.detail, class_="note") if node.detail else None,
        class_="step",
    )


def _acts(one: RolloutView, words: Words) -> list[Html]:
    acts = []
    if one.state == "running":
        acts.append(common.button(words("models.stop"), act="stop", key=one.id))
    if one.state in {"halted", "stopped"}:
        acts.append(common.button(words("models.go_on"), act="go_on", key=one.id, look="primary"))
    if one.state != "rolled_back":
        acts.append(common.button(words("models.roll_back"), act="roll_back", key=one.id))
    return acts


def start_form(models: Sequence[ModelView], nodes: Sequence[NodeModelView], words: Words) -> Html:
    """Which model, and in which order nodes take it."""
    if not models or not nodes:
        return Html("")
    first, *rest = [one.node for one in nodes]
    stages = "\n".join(part for part in (first, ", ".join(rest)) if part)
    options = [(one.title, one.title) for one in models]
    return tag(
        "form",
        tag("h2", words("models.start")),
        choice("model", words("models.model"), options),
        text_area("stages", words("models.stages"), hint=words("models.stages.hint"), value=stages),
        tag("button", words("models.start.button"), type="submit", class_="button primary"),
        class_="panel stack",
    )


def models(found: Sequence[ModelView], names: Mapping[str, str], zone: str, words: Words) -> Html:
    """Every model with its figures and where it came from."""
    if not found:
        return common.empty(words("models.empty"), words("models.empty.next"))
    rows = [
        (
            tag("b", one.title),
            _figures(one, words),
            one.parent or "-",
            words("models.uploaded.by", by=names.get(one.uploaded_by, one.uploaded_by),
                  time=shown.full(one.uploaded_at, zone)),
            tag("code", one.sha256[:12]),
        )
        for one in found
    ]  # fmt: skip
    heads = [words(f"models.{name}") for name in ("model", "figures", "parent", "uploaded", "digest")]
    return table(words("models.models"), heads, rows)


def _figures(one: ModelView, words: Words) -> str:
    told = one.card.get("figures", one.card)
    figures = {name: told.get(name) for name in FIGURES} if isinstance(told, Mapping) else {}
    parts = [f"{name} {value:.3f}" for name, value in figures.items() if isinstance(value, int | float)]
    return ", ".join(parts) or words("models.no_figures")


def upload_form(words: Words, *, problem: bool) -> Html:
    """A signed bundle from `tapal model bundle`."""
    return tag(
        "form",
        tag("h2", words("models.upload")),
        tag("p", words("models.problem"), class_="error", role="alert") if problem else None,
        file_field("bundle", words("models.file"), hint=words("models.file.hint")),
        tag("button", words("models.upload.button"), type="submit", class_="button"),
        method="post",
        action="/models/offer",
        enctype="multipart/form-data",
        class_="panel",
    )
