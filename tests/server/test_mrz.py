import os

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tapal_server.passages.mrz import MrzError, check_digit, read_mrz

# The specimens of ICAO 9303, parts 4, 5 and 6.
TD3 = "P<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<", "L898902C36UTO7408122F1204159ZE184226B<<<<<10"
TD2 = "I<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<", "D231458907UTO7408122F1204159<<<<<<<6"
TD1 = "I<UTOD231458907<<<<<<<<<<<<<<<", "7408122F1204159UTO<<<<<<<<<<<6", "ERIKSSON<<ANNA<MARIA<<<<<<<<<<"


@pytest.mark.parametrize(
    ("lines", "kind", "number"),
    [
        pytest.param(TD3, "TD3", "L898902C3", id="td3"),
        pytest.param(TD2, "TD2", "D23145890", id="td2"),
        pytest.param(TD1, "TD1", "D23145890", id="td1"),
    ],
)
@pytest.mark.parametrize("joint", ["\n", "", "\r\n", " "])
def test_specimens_are_read(lines, kind, number, joint):
    zone = read_mrz(joint.join(lines))
    assert (zone.kind, zone.number, zone.issuer, zone.check_digits_ok) == (kind, number, "UTO", True)


@pytest.mark.parametrize(
    "lines", [pytest.param(TD3, id="td3"), pytest.param(TD2, id="td2"), pytest.param(TD1, id="td1")]
)
def test_every_wrong_digit_of_the_number_shows(lines):
    text = "".join(lines)
    place = text.index("L898902C3") if "L898902C3" in text else text.index("D23145890")
    for offset in range(1, 9):
        was = text[place + offset]
        wrong = "0" if was != "0" else "1"
        assert not read_mrz(text[: place + offset] + wrong + text[place + offset + 1 :]).check_digits_ok


def test_signs_that_are_equal_modulo_ten_pass_unseen():
    assert check_digit("A") == check_digit("0") == check_digit("<") == 0


def test_an_empty_optional_field_may_carry_a_zero_or_the_filler():
    first, second = TD3
    second = second[:28] + "<" * 14
    body = second[0:10] + second[13:20] + second[21:42]
    for digit in "<0":
        zone = f"{first}{second}{digit}{check_digit(body + digit)}"
        assert read_mrz(zone).check_digits_ok


def test_a_long_number_goes_on_in_the_optional_field():
    number = "D23145890734"
    first = f"I<UTO{number[:9]}<{number[9:]}{check_digit(number)}".ljust(30, "<")
    second = "7408122F1204159UTO".ljust(29, "<")
    body = first[5:30] + second[0:7] + second[8:15] + second[18:29]
    zone = read_mrz(first + second + str(check_digit(body)) + TD1[2])
    assert (zone.number, zone.check_digits_ok) == (number, True)


@pytest.mark.parametrize("text", ["", "P<UTO", "P<UTO!" * 20, "<" * 89])
def test_anything_else_is_refused(text):
    with pytest.raises(MrzError):
        read_mrz(text)


SIGNS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789<"
OTHERS = st.text(SIGNS.lower() + SIGNS + " \n\t\u00df\u00b2\u0131\u0660", max_size=100)
ZONES = st.sampled_from([72, 88, 90]).flatmap(lambda length: st.text(SIGNS, min_size=length, max_size=length))


@settings(max_examples=int(os.environ.get("TAPAL_FUZZ", "150")), deadline=None)
@given(ZONES | OTHERS | st.text(max_size=100))
def test_any_text_is_a_zone_or_refused(text):
    try:
        zone = read_mrz(text)
    except MrzError:
        return
    assert zone.kind in {"TD1", "TD2", "TD3"}
    assert set(zone.number) <= set(SIGNS) - {"<"} | {"<"}
