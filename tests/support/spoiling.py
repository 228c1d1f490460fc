"""Good text, spoilt: pieces cut out, doubled, and replaced by what trips programs."""

from hypothesis import strategies as st

NASTY = (
    "", "\x00", "\ufeff", "\u2028", "\U0010ffff", "'", '"', "\\", "{", "}", "[", "]", ":", "-", "&a", "*a",
    "!!python/name:os.system ", "null", "true", "yes", "~", "1e999", "-1", "0x7f", "9" * 40, ".nan", "-.inf",
    "2026-02-30", "9999-12-31T23:59:59Z", "\t", "\n", "\r", ",", ";", '"\n', "<<: *a", "? ", "| ", "%s", "{{x}}",
    "../../etc/passwd", "=1+1",
)  # fmt: skip


def spoilt(good: str) -> st.SearchStrategy[str]:
    """The text with up to five changes."""
    change = st.tuples(
        st.integers(0, len(good)), st.integers(0, 12), st.sampled_from(NASTY) | st.text(max_size=6), st.booleans()
    )

    def apply(changes: list[tuple[int, int, str, bool]]) -> str:
        text = good
        for at, length, put, doubled in changes:
            cut = text[at : at + length]
            text = text[:at] + put + (cut * 2 if doubled else "") + text[at + length :]
        return text

    return st.lists(change, max_size=5).map(apply)
