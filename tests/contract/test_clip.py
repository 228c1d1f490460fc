"""Films on the wire: taken apart, put together, and nothing else let through."""

import hashlib

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from tapal_contract import signing
from tapal_contract.clip import MAX_CLIP_BYTES, PIECE_BYTES, Piece, cut, join, piece_id, read_piece, require_film
from tapal_contract.errors import MessageError
from tapal_contract.ids import UUID_PATTERN, new_id
from tapal_contract.node import Command
from tests.support.films import box, film

CLIP = "0198c0de-0000-7000-8000-000000000000"
TOPIC = "tapal/1/site/node/media"
KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))


@given(st.integers(0, 3 * PIECE_BYTES), st.randoms())
def test_a_film_comes_out_as_it_went_in_whatever_the_order_of_its_pieces(size: int, chance) -> None:
    whole = film(size)
    pieces = list(cut(whole, CLIP))
    assert all(len(piece.data) == PIECE_BYTES for piece in pieces[:-1])
    chance.shuffle(pieces)
    assert join([read_piece(piece.dump()) for piece in pieces]) == whole
    assert len({piece.id for piece in pieces}) == len(pieces)
    assert all(UUID_PATTERN.fullmatch(piece.id) for piece in pieces)


def test_a_piece_is_read_as_the_documents_say() -> None:
    first, second = cut(film(PIECE_BYTES), CLIP)
    digest = hashlib.sha256(first.data + second.data).hexdigest()
    assert first.dump() == f"tapal/1 clip={CLIP} piece=1/2 sha256={digest}\n".encode() + first.data
    assert second.id == piece_id(CLIP, 2)


@given(st.binary(max_size=300))
def test_whatever_comes_is_a_piece_or_refused(noise: bytes) -> None:
    for payload in (noise, b"tapal/1 clip=" + noise):
        with pytest.raises(MessageError):
            read_piece(payload)


HEAD = f"tapal/1 clip={CLIP} piece={{}} sha256={'0' * 64}\n"


@pytest.mark.parametrize(
    ("payload", "says"),
    [
        pytest.param(HEAD.format("2/1").encode() + b"x", "at most", id="beyond-the-last"),
        pytest.param(HEAD.format("1/33").encode() + bytes(PIECE_BYTES), "at most 32", id="too-many"),
        pytest.param(HEAD.format("1/2").encode() + b"x", "all but the last", id="one-that-is-not-full"),
        pytest.param(HEAD.format("1/1").encode(), "has 0 bytes", id="empty"),
        pytest.param(HEAD.format("1/1").encode() + bytes(PIECE_BYTES + 1), "65537 bytes", id="too-large"),
        pytest.param(HEAD.format("0/1").encode() + b"x", "begins with the line", id="none-before-the-first"),
        pytest.param(HEAD.format("1/1").replace(CLIP[:8], "x" * 8).encode() + b"x", "begins with", id="not-a-uuid"),
    ],
)
def test_refuses_what_is_no_piece(payload: bytes, says: str) -> None:
    with pytest.raises(MessageError, match=says):
        read_piece(payload)


@pytest.mark.parametrize(
    ("whole", "says"),
    [
        pytest.param(b"", "no MP4", id="nothing"),
        pytest.param(b"\xff\xd8\xff\xd9" * 10, "cut short", id="a-picture"),
        pytest.param(film(10)[:-1], "cut short", id="cut-short"),
        pytest.param(box(b"ftyp", b"isom") + box(b"mdat", b"x"), "ftyp, moov and mdat", id="no-index"),
        pytest.param(film(10, entry=b"hev1"), "no H.264", id="another-codec"),
        pytest.param(film(MAX_CLIP_BYTES), "larger than", id="too-large"),
        pytest.param(box(b"free", b"") + film(10), "no MP4", id="not-at-its-beginning"),
    ],
)
def test_lets_nothing_pass_but_a_film(whole: bytes, says: str) -> None:
    for check in (require_film, lambda one: cut(one, CLIP)):
        with pytest.raises(MessageError, match=says):
            check(whole)


def test_pieces_of_two_films_or_with_one_missing_make_none() -> None:
    first, second = cut(film(PIECE_BYTES), CLIP)
    other = cut(film(PIECE_BYTES + 5), CLIP)[1]
    for pieces in ([], [first], [second], [first, first], [first, other]):
        with pytest.raises(MessageError, match="pieces of one film"):
            join(pieces)
    with pytest.raises(MessageError, match="SHA-256 differs"):
        join([first, Piece(CLIP, 2, 2, second.sha256, second.data[:-1] + b"x")])


def test_a_signed_piece_is_known_to_be_its_signers_and_a_changed_byte_is_noticed() -> None:
    piece = cut(film(40), CLIP)[0]
    sent = signing.sign(piece.dump(), TOPIC, KEY)
    found = signing.split(sent)
    assert found.body == piece.dump()
    assert found.is_by(KEY.public_key(), TOPIC)
    assert not found.is_by(KEY.public_key(), TOPIC + "x")
    assert signing.split(piece.dump()).body == piece.dump()
    for at in range(len(sent)):
        changed = signing.split(sent[:at] + bytes((sent[at] ^ 1,)) + sent[at + 1 :])
        assert changed.key != signing.key_id(KEY.public_key()) or not changed.is_by(KEY.public_key(), TOPIC)


@given(st.binary(max_size=250))
def test_bytes_that_look_like_a_signed_piece_do_no_harm(noise: bytes) -> None:
    payload = b"tapal/1 clip=" + noise
    found = signing.split(payload)
    assert found.key or found.body == payload


def test_the_command_is_for_one_event_of_one_camera() -> None:
    fields = {"id": new_id(), "name": "clip", "issued_at": "2026-03-02T06:00:00.000+08:00", "issued_by": "sari"}
    assert Command.model_validate(fields | {"camera": "gate-1", "events": (CLIP,)}).events == (CLIP,)
    for wrong in (
        {"camera": "gate-1"},
        {"camera": "gate-1", "events": ()},
        {"camera": "gate-1", "events": (CLIP, CLIP)},
        {"events": (CLIP,)},
        {"camera": "gate-1", "events": (CLIP,), "until": "2026-03-02T06:00:00.000+08:00"},
    ):
        with pytest.raises(ValueError, match=r"clip|camera"):
            Command.model_validate(fields | wrong)
