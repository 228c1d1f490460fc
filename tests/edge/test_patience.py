"""How long a node waits for an answer, and how much it says meanwhile."""

from collections import deque

import pytest

from tapal_edge.patience import Patience
from tapal_edge.window import Window


class Watch:
    now = 0.0

    def __call__(self) -> float:
        return self.now


def test_each_silence_makes_the_wait_longer() -> None:
    patience = Patience(1.0, 60.0, clock=Watch())
    waits = [patience.left_s]
    for _ in range(8):
        patience.unanswered()
        waits.append(patience.left_s)
    for silences, wait in enumerate(waits[1:], 1):
        doubled = min(60.0, 2.0**silences)
        assert doubled / 2 <= wait <= doubled


def test_two_nodes_do_not_repeat_in_step() -> None:
    nodes = [Patience(1.0, 60.0, clock=Watch()) for _ in range(20)]
    for node in nodes:
        node.unanswered()
    assert len({node.left_s for node in nodes}) > 10


def test_an_answer_brings_back_the_first_wait() -> None:
    patience = Patience(1.0, 60.0, clock=Watch())
    for _ in range(5):
        patience.unanswered()
    patience.answered()
    assert patience.left_s == 1.0


def test_time_that_passes_is_waited_for_no_longer() -> None:
    watch = Watch()
    patience = Patience(5.0, 60.0, clock=watch)
    watch.now = 4.0
    assert patience.left_s == 1.0
    patience.begin()
    assert patience.left_s == 5.0


@pytest.mark.parametrize(
    ("trip_s", "wait_s"),
    [
        pytest.param(0.1, 2.0, id="a cable: as short as may be"),
        pytest.param(2.0, 2.0, id="a steady satellite: little more than its trip"),
        pytest.param(20.0, 20.0, id="a server that is far behind"),
        pytest.param(70.0, 30.0, id="never longer than the first wait"),
    ],
)
def test_the_wait_follows_the_round_trips(trip_s: float, wait_s: float) -> None:
    watch = Watch()
    patience = Patience(30.0, 120.0, shortest_s=2.0, clock=watch)
    for seq in range(1, 60):
        patience.sent(seq)
        watch.now += trip_s
        patience.answered(seq)
    assert patience.left_s == pytest.approx(wait_s, rel=1e-3)


def test_one_slow_answer_makes_it_wait_longer_for_a_while() -> None:
    watch = Watch()
    patience = Patience(30.0, 120.0, shortest_s=2.0, clock=watch)
    waits = []
    for seq, trip_s in enumerate([0.1] * 20 + [5.0] + [0.1] * 40):
        patience.sent(seq)
        watch.now += trip_s
        patience.answered(seq)
        waits.append(patience.left_s)
    assert [waits[19], waits[-1]] == pytest.approx([2.0, 2.0])
    assert waits[20] > 4.0


def test_what_was_sent_twice_measures_nothing() -> None:
    watch = Watch()
    patience = Patience(30.0, 120.0, shortest_s=2.0, clock=watch)
    patience.sent(1)
    watch.now += 30.0
    patience.unanswered()
    watch.now += 0.1
    patience.answered(1)
    assert patience.left_s == 30.0, "the answer may be to the first, which took half a minute"


def test_an_answer_to_what_went_before_measures_nothing_yet() -> None:
    watch = Watch()
    patience = Patience(30.0, 120.0, shortest_s=2.0, clock=watch)
    patience.sent(5)
    patience.answered(4)
    assert patience.left_s == 30.0
    watch.now += 1.0
    patience.answered(5)
    assert patience.left_s == 3.0, "one trip and four times half of it"


def test_silence_halves_the_window_down_to_one() -> None:
    window, ahead = Window(16), []
    for _ in range(6):
        window.unanswered()
        ahead.append(window.ahead)
    assert ahead == [8, 4, 2, 1, 1, 1]


def test_after_a_silence_it_doubles_to_half_of_what_was_too_much_and_goes_on_by_one() -> None:
    window, ahead = Window(16), []
    for _ in range(4):
        window.unanswered()
    for _ in range(12):
        window.answered()
        ahead.append(window.ahead)
    assert ahead == [2, 4, 8, 9, 10, 11, 12, 13, 14, 15, 16, 16]


def test_a_loss_that_is_heard_of_halves_it_once() -> None:
    window = Window(16)
    window.lost()
    assert window.ahead == 8
    window.answered()
    assert window.ahead == 9


def test_a_broker_that_keeps_less_than_a_window_costs_little() -> None:
    """The rest of a window is dropped without a word; each time is a silence, in which nothing moves."""
    window, silences, room = Window(128), 0, 120
    waiting = deque(range(100_000))
    while waiting:
        arrived = min(window.ahead, room)
        overflow = window.ahead > room
        for _ in range(min(arrived, len(waiting))):
            waiting.popleft()
        window.answered()
        if overflow:
            window.unanswered()
            silences += 1
    assert silences < 25, "without the memory of what was too much it was one in each 184 messages"
