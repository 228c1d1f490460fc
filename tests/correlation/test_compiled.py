"""Compiled functions work where their machine code can be kept, and where it cannot."""

from tapal_server.correlation.compiled import compiled


def test_a_function_is_compiled_where_nothing_can_be_kept():
    names: dict[str, object] = {}
    exec("def twice(number):\n    return 2 * number\n", names)
    twice = names["twice"]
    assert callable(twice)
    assert compiled(twice)(21) == 42
