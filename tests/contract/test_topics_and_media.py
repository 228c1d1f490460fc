import io
import time
import uuid

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tapal_contract.errors import MessageError, TopicError
from tapal_contract.ids import UUID_PATTERN, id_at, moment_of, new_id
from tapal_contract.media import MAX_MEDIA_BYTES, unwrap, wrap
from tapal_contract.topics import LEAVES, Topic, subscription

names = st.from_regex(r"\A[a-z0-9][a-z0-9._-]{0,63}\Z")


@given(names, names, st.sampled_from(LEAVES))
def test_a_topic_is_read_as_it_was_written(site, node, leaf):
    topic = Topic(site, node, leaf)
    assert Topic.parse(topic.path) == topic


@pytest.mark.parametrize(
    "path",
    [
        pytest.param("tapal/2/a/b/event", id="another-version"),
        pytest.param("tapal/1/a/b", id="too-short"),
        pytest.param("tapal/1/a/b/event/c", id="too-long"),
        pytest.param("tapal/1/+/b/event", id="wildcard"),
        pytest.param("tapal/1/a/b/secret", id="unknown-leaf"),
        pytest.param("tapal/1//b/event", id="empty-site"),
        pytest.param("tapal/1/A/b/event", id="upper-case"),
        pytest.param("tapal/1/a/b\n/event", id="newline"),
    ],
)
def test_refuses_other_topics(path):
    with pytest.raises(TopicError):
        Topic.parse(path)


def test_subscription_is_one_level_wildcards():
    assert subscription("event") == "tapal/1/+/+/event"
    assert subscription("ack", site="a", node="b") == "tapal/1/a/b/ack"


def jpeg() -> bytes:
    import cv2

    done, data = cv2.imencode(".jpg", np.full((8, 8, 3), 90, np.uint8))
    assert done
    return io.BytesIO(data.tobytes()).getvalue()


def test_wrapped_media_is_still_a_picture_and_names_its_event():
    import cv2

    event_id, plain = new_id(), jpeg()
    payload = wrap(plain, event_id)
    assert unwrap(payload) == (event_id, payload)
    seen = cv2.imdecode(np.frombuffer(payload, np.uint8), cv2.IMREAD_COLOR)
    assert np.array_equal(seen, cv2.imdecode(np.frombuffer(plain, np.uint8), cv2.IMREAD_COLOR))


@pytest.mark.parametrize("payload", [b"", b"GIF89a", b"\xff\xd8\xff\xe0", b"\xff\xd8" * 40])
def test_refuses_media_that_names_no_event(payload):
    with pytest.raises(MessageError):
        unwrap(payload)


def test_refuses_oversized_media():
    with pytest.raises(MessageError, match="larger"):
        unwrap(b"\xff" * (MAX_MEDIA_BYTES + 1))


@given(st.binary(max_size=200))
def test_any_bytes_are_media_or_refused(payload):
    try:
        event_id, _ = unwrap(payload)
    except MessageError:
        return
    assert len(event_id) == 36


def test_an_id_of_a_moment_is_a_uuidv7_that_tells_it() -> None:
    one, other = id_at(1_772_000_000.125), id_at(1_772_000_000.125)
    assert one != other
    assert UUID_PATTERN.fullmatch(one)
    assert uuid.UUID(one).version == 7
    assert moment_of(one) == 1_772_000_000.125
    told = moment_of(new_id())
    assert told is not None
    assert abs(told - time.time()) < 3600
    assert moment_of(str(uuid.uuid4())) is None
