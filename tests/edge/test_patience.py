from tapal_edge.patience import Patience


class Watch:
    now = 0.0

    def __call__(self) -> float:
        return self.now


def test_each_silence_makes_the_wait_longer_and_what_is_sent_ahead_less() -> None:
    patience = Patience(1.0, 60.0, 16, clock=Watch())
    waits, ahead = [patience.left_s], [patience.ahead]
    for _ in range(8):
        patience.unanswered()
        waits.append(patience.left_s)
        ahead.append(patience.ahead)
    for silences, wait in enumerate(waits[1:], 1):
        doubled = min(60.0, 2.0**silences)
        assert doubled / 2 <= wait <= doubled
    assert ahead == [16, 8, 4, 2, 1, 1, 1, 1, 1]


def test_two_nodes_do_not_repeat_in_step() -> None:
    nodes = [Patience(1.0, 60.0, clock=Watch()) for _ in range(20)]
    for node in nodes:
        node.unanswered()
    assert len({node.left_s for node in nodes}) > 10


def test_an_answer_brings_back_the_first_wait_and_step_by_step_the_pace() -> None:
    patience = Patience(1.0, 60.0, 8, clock=Watch())
    for _ in range(5):
        patience.unanswered()
    seen = []
    for _ in range(4):
        patience.answered()
        seen.append((patience.left_s, patience.ahead))
    assert seen == [(1.0, 2), (1.0, 4), (1.0, 8), (1.0, 8)]


def test_time_that_passes_is_waited_for_no_longer() -> None:
    watch = Watch()
    patience = Patience(5.0, 60.0, clock=watch)
    watch.now = 4.0
    assert patience.left_s == 1.0
    patience.begin()
    assert patience.left_s == 5.0
