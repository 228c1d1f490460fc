"""The boxes that travel in a film."""

import contextlib
import io
import json

import av
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tapal_contract.errors import MessageError
from tapal_contract.looks import KIND, LOOKS_BYTES_AT_MOST, Look, add_looks, read_looks
from tests.support.walking import walker

SEEN = [[Look("person", 0.9, 0.1, 0.2, 0.3, 0.4)], [], [Look("boat", 0.25, 0, 0, 1, 1), Look("car", 1, 0.5, 0, 1, 1)]]


def own(content: bytes) -> bytes:
    return (24 + len(content)).to_bytes(4, "big") + b"uuid" + KIND.bytes + content


def test_a_film_carries_its_boxes_and_plays_as_before() -> None:
    film, _ = walker(3)
    with_boxes = add_looks(film, SEEN)
    assert with_boxes.startswith(film)
    assert read_looks(with_boxes) == tuple(tuple(frame) for frame in SEEN)
    with av.open(io.BytesIO(with_boxes)) as played:
        assert sum(1 for _ in played.decode(video=0)) == 3
    assert read_looks(film) == ()


def test_too_many_boxes_are_left_at_home() -> None:
    film, _ = walker(1)
    crowd = [SEEN[0] * 100] * 100
    assert add_looks(film, crowd) == film
    assert len(json.dumps(crowd)) > LOOKS_BYTES_AT_MOST


@pytest.mark.parametrize(
    "content",
    [
        pytest.param(b"", id="nothing"),
        pytest.param(b"[[", id="cut"),
        pytest.param(b"7", id="a-number"),
        pytest.param(b"[7]", id="no-frames"),
        pytest.param(b"[[7]]", id="no-box"),
        pytest.param(b'[[["person",0.5,0,0,1]]]', id="too-short"),
        pytest.param(b'[[["person",0.5,0,0,1,2]]]', id="off-the-frame"),
        pytest.param(b'[[["person",0.5,0.9,0,0.1,1]]]', id="inside-out"),
        pytest.param(b'[[["person",NaN,0,0,1,1]]]', id="not-a-number"),
        pytest.param(b'[[["person",0.5,NaN,0,1,1]]]', id="nowhere"),
        pytest.param(b'[[["",0.5,0,0,1,1]]]', id="no-label"),
        pytest.param(b'[[["person",0.5,0,0,1,' + b"9" * 400 + b"]]]", id="too-large-a-number"),
        pytest.param(b"[" * 100_000, id="deep"),
        pytest.param(b" " * 300_000, id="too-much"),
    ],
)
def test_broken_boxes_are_refused(content: bytes) -> None:
    with pytest.raises(MessageError, match="the boxes in this film"):
        read_looks(own(content))


@given(st.binary(max_size=200))
def test_whatever_comes_is_read_or_refused(junk: bytes) -> None:
    for film in (junk, own(junk), own(b"[]") + junk):
        with contextlib.suppress(MessageError):
            assert isinstance(read_looks(film), tuple)
