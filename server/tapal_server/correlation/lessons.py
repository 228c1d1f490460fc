"""When a gate learns, and from how many crossings."""

from tapal_server.correlation.clock import STEADY
from tapal_server.correlation.params import Params

FIRST_LESSON, LESSON_GROWTH, LESSON_STEP = 60, 1.2, 2500
LESSON_REST, LONGEST_STEP = 8, 20_000  # a gate known by many crossings learns at every eighth more of them
LEAST_WINDOW = 800
MOVING_STEP = 250  # crossings between lessons while the clock wanders
MOVING, LATELY = 0.25, 0.03  # of the law's width: a clock that moves less, in all and of late, is none to hurry for
PAIRS = 60_000  # of one lesson; at a crowded gate fewer crossings teach as much


def next_lesson(taken: int, params: Params, width: float) -> int:
    """Return at how many crossings to learn next; `width` is the law's.

    A clock that jumped and has stood still since is known after some blocks, and is followed no better by hurrying.
    """
    clock = params.clock
    wanders = clock.moved() > MOVING * width and clock.moved(STEADY) > LATELY * width
    step = MOVING_STEP if wanders else max(LESSON_STEP, taken // LESSON_REST)
    return int(min(taken * LESSON_GROWTH, taken + min(step, LONGEST_STEP)))


def window(most: int, flow: float, width: float) -> int:
    """Return how many crossings a lesson takes, at a gate with that flow of crossings."""
    return min(most, LESSON_STEP, max(int(PAIRS / (1.0 + 4 * flow * width)), LEAST_WINDOW))
