"""Refused messages are shown: to whoever sees the node, and all of them to those who run the whole server."""

import pytest

from tapal_server.errors import ForbiddenError
from tapal_server.ingest.sorting import Incoming
from tests.server.edges import Edge


def test_each_sees_what_was_refused_of_ones_own_nodes(parts, people):
    mine, theirs = Edge(), Edge(node="bambangan-01", site="bambangan", line="jetty")
    parts.intake.take([*mine.sent(mine.crossing()), *theirs.sent(theirs.crossing())])
    parts.intake.take([mine.on("event", b"{") for _ in range(3)] + [theirs.on("event", b"[]"), Incoming("x", b"\x00y")])

    def shown(actor) -> dict[str, int]:
        return {one.node: one.count for one in parts.services.nodes.refused(actor).counts}

    assert shown(people.admin) == {"nunukan-01": 3, "bambangan-01": 1, "": 1}
    assert shown(people.officer) == {"nunukan-01": 3, "bambangan-01": 1}
    assert shown(people.elsewhere) == {"bambangan-01": 1}
    newest = parts.services.nodes.refused(people.admin).newest
    assert (len(newest), newest[0].topic, newest[0].head) == (5, "x", "b'\\x00y'")
    assert parts.services.nodes.refused(people.officer).newest == ()
    nobody = people.officer.__class__(name="t", display_name="t", permissions=frozenset())
    with pytest.raises(ForbiddenError):
        parts.services.nodes.refused(nobody)


def test_of_a_flood_all_are_counted_and_the_newest_kept(parts, people):
    edge = Edge()
    parts.intake.take(edge.sent(edge.crossing()))
    for _ in range(5):
        parts.intake.take([edge.on("event", b"\xff" * size) for size in range(500)])
    found = parts.services.nodes.refused(people.admin)
    assert [(one.node, one.reason, one.count) for one in found.counts] == [("nunukan-01", "malformed", 2500)]
    assert [one.bytes for one in found.newest] == list(range(499, 479, -1))
