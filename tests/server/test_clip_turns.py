"""Which film the review asks for next: a table of what is known, and what is done."""

from dataclasses import replace
from datetime import timedelta

import pytest

from tapal_server.clips.turns import AGAIN_AFTER, BACKLOG, TRIES, WAITS_AT_MOST, Film, Node, steps
from tests.server.edges import START

IDLE = Node(online=True, backlog=0)
MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)
NOW = START + 12 * HOUR


def film(name: str, why: str = "confirmed", *, ago: timedelta = HOUR, **fields) -> Film:
    """One of something that happened so long ago and was judged then."""
    values = {"event_id": name, "node": "jetty-01", "camera": "gate-1", "at": NOW - ago, "why": why}
    return Film(**(values | {"wished_at": NOW - ago} | fields))


def sent(name: str, *, ago: timedelta, state: str = "here", why: str = "confirmed", **fields) -> Film:
    return film(name, why, ago=ago, asked_at=NOW - ago, tries=1, state=state, **fields)


def failed(name: str, cause: str, *, tries: int = 1, ago: timedelta = HOUR) -> Film:
    return replace(sent(name, ago=ago, state="failed", cause=cause), tries=tries)


@pytest.mark.parametrize(
    ("films", "node", "expected"),
    [
        pytest.param([film("a")], IDLE, ["a ask"], id="at-once-where-nothing-is-in-the-way"),
        pytest.param(
            [film("a", "missed"), sent("b", ago=HOUR)], IDLE, ["a ask"], id="a-reports-is-longer-than-an-events"
        ),
        pytest.param(
            [film("a", "missed"), sent("b", ago=HOUR, why="missed")], IDLE, ["a end twice"], id="two-reports-of-one"
        ),
        pytest.param(
            [film("a"), film("b", ago=2 * HOUR), film("c", "missed", ago=9 * HOUR), film("d", "false_alarm")],
            IDLE,
            ["c ask", "d hold turn", "a hold turn", "b hold turn"],
            id="what-teaches-most-first-then-the-newest-one-at-a-time",
        ),
        pytest.param([film("a")], Node(online=False, backlog=0), ["a hold away"], id="a-node-out-of-reach"),
        pytest.param([film("a")], Node(online=True, backlog=BACKLOG + 1), ["a hold sending"], id="events-go-first"),
        pytest.param([film("a")], Node(online=True, backlog=BACKLOG), ["a ask"], id="some-are-always-on-their-way"),
        pytest.param([film("a")], None, ["a hold away"], id="a-node-nobody-knows"),
        pytest.param(
            [film("a"), sent("b", ago=MINUTE, why="", state="coming")], IDLE, ["a hold turn"], id="a-persons-goes-first"
        ),
        pytest.param(
            [film("a"), sent("b", ago=5 * HOUR), sent("c", ago=6 * HOUR)], IDLE, ["a hold share"], id="the-days-share"
        ),
        pytest.param(
            [film("a"), sent("b", ago=5 * HOUR, why=""), sent("c", ago=25 * HOUR)],
            IDLE,
            ["a ask"],
            id="what-people-asked-for-and-yesterday-do-not-count",
        ),
        pytest.param(
            [film("a"), failed("b", "not-kept"), failed("c", "no-clips")], IDLE, ["a ask"], id="a-refusal-costs-nothing"
        ),
        pytest.param(
            [film("a"), failed("b", "stalled", tries=TRIES), failed("c", "broken", tries=TRIES, ago=2 * HOUR)],
            IDLE,
            ["a hold share"],
            id="what-was-sent-in-vain-does",
        ),
        pytest.param([failed("a", "silent")], IDLE, ["a ask"], id="no-answer-is-tried-again"),
        pytest.param([failed("a", "busy", ago=AGAIN_AFTER / 2)], IDLE, ["a hold again"], id="after-a-pause"),
        pytest.param(
            [failed("a", "busy", ago=MINUTE), film("b", ago=2 * HOUR)],
            IDLE,
            ["a hold again", "b ask"],
            id="another-meanwhile",
        ),
        pytest.param([failed("a", "silent", tries=TRIES)], IDLE, [], id="but-not-for-ever"),
        pytest.param([failed("a", "not-kept")], IDLE, [], id="what-is-gone-is-gone"),
        pytest.param([failed("a", "late"), failed("b", "twice")], IDLE, [], id="given-up-stays-given-up"),
        pytest.param(
            [film("a", ago=WAITS_AT_MOST)], Node(online=False, backlog=0), ["a end late"], id="given-up-in-time"
        ),
        pytest.param(
            [film("a"), sent("b", ago=HOUR + timedelta(seconds=4))], IDLE, ["a end twice"], id="another-shows-it"
        ),
        pytest.param(
            [film("a"), sent("b", ago=HOUR + timedelta(seconds=4), camera="gate-2")],
            IDLE,
            ["a ask"],
            id="not-elsewhere",
        ),
        pytest.param(
            [film("a"), film("b", ago=HOUR + timedelta(seconds=4))],
            IDLE,
            ["a ask", "b end twice"],
            id="of-two-that-show-the-same-one",
        ),
        pytest.param([sent("a", ago=HOUR, why="", state="failed", cause="silent")], IDLE, [], id="people-ask-again"),
    ],
)
def test_what_becomes_of_each(films, node, expected) -> None:
    found = steps(films, {} if node is None else {"jetty-01": node}, 2, NOW)
    assert [f"{one.event_id} {one.what} {one.word}".strip() for one in found] == expected


def test_each_node_has_its_own_turn_and_share() -> None:
    films = [film("a"), film("b", node="pier-01"), sent("c", ago=HOUR * 2, node="pier-01")]
    found = steps(films, {"jetty-01": IDLE, "pier-01": IDLE}, 1, NOW)
    assert [(one.event_id, one.what, one.word) for one in found] == [("a", "ask", ""), ("b", "hold", "share")]
    assert [one.word for one in steps(films, {"jetty-01": IDLE}, 0, NOW)] == ["share", "share"]
