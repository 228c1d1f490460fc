import json

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from tapal_contract import signing
from tapal_contract.errors import MessageError
from tapal_contract.media import unwrap, wrap

KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
OTHER = Ed25519PrivateKey.from_private_bytes(bytes(32))
TOPIC = "tapal/1/site/node/event"
EVENT = "0198c0de-0000-7000-8000-000000000000"
BODIES = [
    pytest.param(b'{"a":1,"b":"x"}', id="json"),
    pytest.param(wrap(b"\xff\xd8 a picture \xff\xd9", EVENT), id="jpeg"),
]


@pytest.mark.parametrize("body", BODIES)
def test_what_is_signed_comes_back_and_is_known_to_be_its_signers(body: bytes) -> None:
    found = signing.split(signing.sign(body, TOPIC, KEY))
    assert found.body == body
    assert found.key == signing.key_id(KEY.public_key())
    assert found.is_by(KEY.public_key(), TOPIC)


@pytest.mark.parametrize("body", BODIES)
def test_another_key_topic_or_byte_is_noticed(body: bytes) -> None:
    sent = signing.sign(body, TOPIC, KEY)
    assert not signing.split(sent).is_by(OTHER.public_key(), TOPIC)
    assert not signing.split(sent).is_by(KEY.public_key(), "tapal/1/site/other/event")
    assert not signing.split(sent).is_by(KEY.public_key(), "tapal/1/site/node/state")
    for at in range(len(sent)):
        changed = sent[:at] + bytes((sent[at] ^ 1,)) + sent[at + 1 :]
        found = signing.split(changed)
        assert found.key != signing.key_id(KEY.public_key()) or not found.is_by(KEY.public_key(), TOPIC)


def test_a_signed_message_is_still_plain_json_and_a_signed_picture_still_names_its_event() -> None:
    assert set(json.loads(signing.sign(b'{"a":1}', TOPIC, KEY))) == {"a", "sig"}
    assert unwrap(signing.sign(wrap(b"\xff\xd8\xff\xd9", EVENT), TOPIC, KEY))[0] == EVENT


@pytest.mark.parametrize("body", [b"", b"{}", b"[1]", b"\xff\xd8\xff\xd9", b"text"])
def test_what_is_neither_cannot_be_signed(body: bytes) -> None:
    with pytest.raises(MessageError, match="only a JSON object or a JPEG"):
        signing.sign(body, TOPIC, KEY)


@given(st.binary(max_size=400))
def test_whatever_comes_is_taken_apart_without_harm(payload: bytes) -> None:
    found = signing.split(payload)
    assert found.key or found.body == payload


@given(st.binary(max_size=250))
def test_nor_do_bytes_that_look_like_a_signature(noise: bytes) -> None:
    for payload in (b'{"a":1,"sig":"' + noise + b'"}', b"\xff\xd8\xff\xfe" + noise):
        found = signing.split(payload)
        assert found.key or found.body == payload


def test_a_public_key_is_read_back_and_nonsense_is_not() -> None:
    public = KEY.public_key()
    assert signing.public_bytes(signing.read_public(signing.public_bytes(public).hex())) == signing.public_bytes(public)
    for text in ("", "xyz", "00"):
        with pytest.raises(MessageError, match="64 hexadecimal digits"):
            signing.read_public(text)
