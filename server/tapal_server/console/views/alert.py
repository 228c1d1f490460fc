"""The parts of one alert's page."""

from collections.abc import Mapping, Sequence

from tapal_server import wording
from tapal_server.console import format as shown
from tapal_server.console.i18n import Words
from tapal_server.console.icons import icon
from tapal_server.console.markup import Html, join, tag
from tapal_server.console.ports import UNFILMED, AlertRow, Entry
from tapal_server.console.views import common


def head(alert: AlertRow, words: Words) -> Html:
    """What, where, when, how sure, and who has it."""
    facts = [
        (words("alert.at"), join(shown.full(alert.time, alert.timezone), " · ", common.ago(alert.time, words))),
        (words("alert.raised"), shown.full(alert.raised_at, alert.timezone)),
        (words("alert.owner"), alert.owner_name or alert.owner or words("alert.owner.none")),
    ]
    return join(
        tag(
            "p",
            common.state(alert, words),
            common.welfare(alert, words),
            tag("span", common.place(alert, words), class_="place"),
            class_="head-place",
        ),
        common.chance(alert.probability, words),
        tag("p", words("chance.odds", n=shown.of_ten(alert.probability)), class_="note")
        if alert.probability is not None
        else None,
        tag("dl", [tag("div", tag("dt", term), tag("dd", value)) for term, value in facts], class_="facts"),
    )


def members(alerts: Sequence[AlertRow], words: Words) -> Html:
    """What a surge holds, each with its own page."""
    return tag(
        "ul",
        [
            tag(
                "li",
                tag("a", common.kind(one, words), " · ", common.place(one, words), href=f"/alerts/{one.id}"),
                tag("span", shown.clock(one.time, one.timezone), class_="clock"),
                common.state(one, words),
            )
            for one in alerts
        ],
        class_="members",
    )


def picture(alert: AlertRow, words: Words, over: Html | None = None) -> Html:
    """The picture large, or what to expect where it has not come."""
    if alert.picture is None and alert.kind in UNFILMED:
        return tag("div", common.kind_icon(alert), tag("p", words("alert.unpictured")), class_="picture picture-none")
    if alert.picture is None:
        inner = join(
            icon("picture"),
            tag("p", words("alert.no_picture")),
            tag("p", words("alert.no_picture.next"), class_="note"),
        )
        return tag("div", inner, class_="picture picture-none")
    told = words("alert.picture", place=alert.site_name, time=shown.full(alert.time, alert.timezone))
    image = tag("img", src=f"/media/{alert.picture}.jpg", alt=told)
    return tag("figure", tag("span", image, over, class_="framed"), class_="picture")


def why(alert: AlertRow, words: Words) -> Html:
    """The reason, how it ended if it did, the innocent readings, and what would settle it."""
    language = words.language
    reasons = wording.reason(alert.kind, alert.reason.code, alert.reason.data, language)
    readings = [wording.innocent(one.code, _share(one.data), language) for one in alert.innocent]
    ended = wording.closed(alert.because.code, alert.because.data, language) if alert.because else None
    return join(
        tag("h2", words("alert.why")),
        [tag("p", sentence, class_="reason") for sentence in reasons],
        tag("p", ended, class_="ended") if ended else None,
        _list(words("alert.innocent"), [reading for reading in readings if reading]),
        _list(words("alert.settle"), wording.settle(alert.kind, language)),
        tag("p", words("alert.lead"), class_="note lead"),
    )


def _share(data: Mapping[str, object]) -> float | None:
    share = data.get("probability")
    return float(share) if isinstance(share, int | float) else None


def history(entries: Sequence[Entry], zone: str, words: Words) -> Html:
    """What happened to the alert and who did it, oldest first."""
    if not entries:
        return common.empty(words("alert.no_history"), words("alert.no_history.next"))
    return tag("ol", [_entry(entry, zone, words) for entry in entries], class_="history")


def _entry(entry: Entry, zone: str, words: Words) -> Html:
    verdict = words.either("verdict", entry.verdict) if entry.verdict else None
    return tag(
        "li",
        tag(
            "time",
            shown.clock(entry.at, zone, seconds=True),
            datetime=entry.at.isoformat(),
            title=shown.full(entry.at, zone),
        ),
        tag(
            "span",
            words.either("history", entry.action),
            tag("b", f" · {verdict or entry.about}") if verdict or entry.about else None,
            class_="did",
        ),
        tag("span", entry.by or words("history.system"), class_="who"),
        tag("p", entry.text, class_="said") if entry.text else None,
    )


def _list(title: str, sentences: Sequence[str]) -> Html | None:
    if not sentences:
        return None
    return join(tag("h3", title), tag("ul", [tag("li", sentence) for sentence in sentences], class_="sentences"))
