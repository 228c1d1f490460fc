"""The machine readable zone of a travel document (ICAO 9303): which document, and whether its check digits hold."""

import re
from dataclasses import dataclass

__all__ = ["LINES", "Mrz", "MrzError", "check_digit", "number_holds", "number_of", "read_mrz"]

_WEIGHTS = (7, 3, 1)
_ALLOWED = re.compile(r"[A-Z0-9<]+")
_NUMBER_AT = {44: 0, 36: 0, 30: 5}  # in a single line: TD3 and TD2 second line, TD1 first line
LINES = frozenset(_NUMBER_AT)  # how long a single line with a document number is


class MrzError(ValueError):
    """Text that is no machine readable zone."""


@dataclass(frozen=True, slots=True)
class Mrz:
    """What is needed of it; names, birth date and nationality are never read out."""

    kind: str
    document_type: str
    issuer: str
    number: str
    check_digits_ok: bool


def check_digit(text: str) -> int:
    """Weights 7-3-1 modulo 10; A is 10, Z is 35, the filler is 0 (9303-3, 4.9)."""
    values = (0 if sign == "<" else int(sign, 36) for sign in text)
    return sum(value * _WEIGHTS[place % 3] for place, value in enumerate(values)) % 10


def read_mrz(text: str) -> Mrz:
    """Read TD1 (3x30), TD2 (2x36) or TD3 (2x44), with or without line breaks.

    Raises:
        MrzError: another length, or signs that no such zone has.
    """
    zone = "".join(text.upper().split())
    if not _ALLOWED.fullmatch(zone):
        raise MrzError("a machine readable zone has only A-Z, 0-9 and <")
    if len(zone) == 90:
        return _td1(zone[:30], zone[30:60])
    if len(zone) == 72:
        return _two_lines("TD2", zone[:36], zone[36:])
    if len(zone) == 88:
        return _two_lines("TD3", zone[:44], zone[44:])
    raise MrzError(f"a machine readable zone has 90, 72 or 88 signs, not {len(zone)}")


def _td1(first: str, second: str) -> Mrz:
    number, check, optional = first[5:14], first[14], first[15:30]
    number, fits = _long_number(number, check, optional)
    ok = (
        fits
        and _holds(second[0:6], second[6])
        and _holds(second[8:14], second[14])
        and _holds(first[5:30] + second[0:7] + second[8:15] + second[18:29], second[29])
    )
    return Mrz("TD1", first[0:2].rstrip("<"), first[2:5].rstrip("<"), number, ok)


def _two_lines(kind: str, first: str, second: str) -> Mrz:
    optional = second[28:35] if kind == "TD2" else second[28:42]
    number, fits = _long_number(second[0:9], second[9], optional if kind == "TD2" else "")
    ok = fits and _holds(second[13:19], second[19]) and _holds(second[21:27], second[27])
    if kind == "TD3":
        # An optional field without content may carry the filler or a zero as its check digit.
        ok = ok and (_holds(optional, second[42]) or (not optional.strip("<") and second[42] == "<"))
    composite = second[0:10] + second[13:20] + (second[21:35] if kind == "TD2" else second[21:43])
    ok = ok and _holds(composite, second[-1])
    return Mrz(kind, first[0:2].rstrip("<"), first[2:5].rstrip("<"), number, ok)


def _long_number(number: str, check: str, optional: str) -> tuple[str, bool]:
    """A number of more than nine signs goes on in the optional field, its check digit after it (9303-5, note j)."""
    if check == "<" and optional.strip("<"):
        rest = optional.split("<", 1)[0]
        whole = number + rest[:-1]
        return whole, _holds(whole, rest[-1])
    return number.rstrip("<"), _holds(number, check)


def _holds(text: str, digit: str) -> bool:
    return digit.isdigit() and check_digit(text) == int(digit)


def number_holds(line: str) -> bool | None:
    """Whether the check digit of the document number is right in one line of a zone; None for any other text."""
    start = _number_at(line)
    if start is None or line[start + 9] == "<":
        return None
    return _holds(line[start : start + 9], line[start + 9])


def number_of(line: str) -> str:
    """The document number out of one line of a zone, or the text itself."""
    start = _number_at(line)
    return line if start is None else line[start : start + 9].rstrip("<")


def _number_at(line: str) -> int | None:
    start = _NUMBER_AT.get(len(line))
    return None if start is None or not _ALLOWED.fullmatch(line) else start
