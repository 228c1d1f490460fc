"""Check digits of machine readable zones (ICAO 9303), for logs that hand over the zone instead of a number."""

import re

_WEIGHTS = (7, 3, 1)
_ZONE = re.compile(r"[A-Z0-9<]+")
_NUMBER_AT = {44: 0, 36: 0, 30: 5}  # TD3 and TD2 second line, TD1 first line


def digit(text: str) -> int:
    """Return the check digit: weights 7-3-1 modulo 10, A=10..Z=35, `<`=0."""
    values = (0 if char == "<" else int(char, 36) for char in text)
    return sum(value * _WEIGHTS[index % 3] for index, value in enumerate(values)) % 10


def check(text: str) -> bool | None:
    """Say whether the document number's check digit is right; None when the text is no such zone."""
    start = _NUMBER_AT.get(len(text))
    if start is None or _ZONE.fullmatch(text) is None:
        return None
    field, given = text[start : start + 9], text[start + 9]
    if given == "<":
        return None
    return given.isdigit() and digit(field) == int(given)


def number(text: str) -> str:
    """Return the document number out of a zone, or the text itself."""
    start = _NUMBER_AT.get(len(text))
    if start is None or _ZONE.fullmatch(text) is None:
        return text
    return text[start : start + 9].rstrip("<")
