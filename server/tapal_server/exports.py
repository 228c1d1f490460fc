"""What every exported table must keep."""

__all__ = ["defused"]


def defused(value: str) -> str:
    """The same text where a spreadsheet will not take it for a formula."""
    return f"'{value}" if value[:1] in {"=", "+", "-", "@", "\t", "\r"} else value
