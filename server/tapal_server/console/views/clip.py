"""How it stands with the clip of an alert, in words, and the clip itself."""

from tapal_server.clips.standing import ClipView
from tapal_server.console import format as shown
from tapal_server.console.i18n import Words
from tapal_server.console.markup import Html, join, tag
from tapal_server.console.views import common

OWN_WORDS = "failed"  # of this cause only the node can say more


def clip(found: ClipView, zone: str, words: Words, *, may_ask: bool, over: Html | None = None) -> Html:
    """Asked for or not, on its way, here with the line and the way drawn over it, or why it cannot be had."""
    if found.state == "here":
        return _film(found, words, over)
    if found.state == "coming":
        return _coming(found, words)
    if found.state == "asked":
        return _asked(found, zone, words)
    button = common.button(words(f"clip.ask.{found.state}"), act="clip", key=found.event_id, image="camera")
    told = told_of(found, words) or tag("p", words("clip.none"), class_="note")
    return join(told, tag("div", button, class_="row") if may_ask else tag("p", words("clip.no_right"), class_="note"))


def for_review(found: ClipView, zone: str, words: Words, *, frames: int) -> Html | None:
    """How it stands with the clip of a picture that is to be labelled: frame by frame to label, as a film to watch."""
    if found.state == "here":
        shown_below = tag("div", _film(found, words, None), class_="clip")
        film = tag("details", tag("summary", words("clip.watch")), shown_below, class_="unfold")
        return join(tag("p", words("clip.in_review" if frames else "clip.in_review.soon"), class_="note"), film)
    told = _asked(found, zone, words) if found.state == "asked" else told_of(found, words)
    if found.state == "coming":
        told = _coming(found, words)
    return join(tag("h2", words("clip.title")), told) if told else None


def told_of(found: ClipView, words: Words) -> Html | None:
    """Why it waits or cannot be had, in words; None where that is not so."""
    if found.state == "waiting":
        return join(tag("p", words("clip.waiting")), tag("p", words(f"clip.hold.{found.hold}"), class_="note"))
    return _failed(found, words) if found.state == "failed" else None


def _film(found: ClipView, words: Words, over: Html | None) -> Html:
    film = tag(
        "video",
        src=f"/media/{found.event_id}.mp4",
        controls=True,
        playsinline=True,
        preload="metadata",
        aria_label=words("clip.video"),
    )
    size = words.number(found.bytes / 1_000_000)
    return join(tag("div", film, over, class_="framed"), tag("p", words("clip.here", size=size), class_="note"))


def _coming(found: ClipView, words: Words) -> Html:
    bar = (
        tag("progress", value=found.pieces, max=max(1, found.of), aria_label=words("clip.title")) if found.of else None
    )
    told = words("clip.coming", pieces=found.pieces, of=found.of) if found.of else words("clip.coming.soon")
    return join(tag("p", told), bar)


def _asked(found: ClipView, zone: str, words: Words) -> Html:
    at, until = (shown.clock(moment, zone) if moment else "" for moment in (found.asked_at, found.expires_at))
    then = words("clip.asked.online") if found.node_online else words("clip.asked.offline", until=until)
    told = words("clip.asked.review", at=at) if found.why else words("clip.asked", at=at, by=found.asked_by or "")
    return join(tag("p", told), tag("p", then, class_="note"))


def _failed(found: ClipView, words: Words) -> Html:
    own = found.reason if found.cause == OWN_WORDS else ""
    return join(
        tag("p", words("clip.failed"), " ", words(f"clip.cause.{found.cause}")),
        tag("p", own, class_="note", lang="en") if own else None,
    )
