"""Pictures in an object store: fsspec's own in memory, and an S3 stand-in over HTTP."""

import warnings

import pytest

from tapal_contract.errors import ConfigError
from tapal_contract.ids import new_id
from tapal_server.errors import NotFoundError
from tapal_server.objects import ObjectStore
from tapal_server.parts import build_parts
from tapal_server.people.actor import SYSTEM
from tapal_server.settings import MediaSettings
from tests.server.edges import JPEG, Edge
from tests.support.services import free_port

KEYS = {"key": "kapal", "secret": "besar"}


@pytest.fixture(scope="module")
def stand_in():
    """A server that answers as S3 does."""
    from moto.server import ThreadedMotoServer

    server = ThreadedMotoServer(ip_address="127.0.0.1", port=free_port(), verbose=False)
    server.start()
    yield f"http://127.0.0.1:{server._port}"
    server.stop()


@pytest.fixture(params=["memory", "s3"])
def place(request) -> tuple[str, dict[str, str]]:
    if request.param == "memory":
        return f"memory://pictures-{new_id()}", {}
    import boto3

    endpoint, bucket = request.getfixturevalue("stand_in"), f"pictures-{new_id()}"
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of botocore about itself
        names = {"aws_access_key_id": KEYS["key"], "aws_secret_access_key": KEYS["secret"]}
        boto3.client("s3", endpoint_url=endpoint, region_name="us-east-1", **names).create_bucket(Bucket=bucket)
    return f"s3://{bucket}/media", {"endpoint_url": endpoint, **KEYS}


def test_what_is_stored_is_given_back_replaced_and_deleted(place):
    url, options = place
    store, id_ = ObjectStore(url, options), new_id()
    path = store.put(id_, b"one")
    assert store.get(path) == b"one"
    assert store.put(id_, b"two") == path
    assert ObjectStore(url, options).get(path) == b"two"
    store.delete(path)
    store.delete(path)
    with pytest.raises(FileNotFoundError):
        store.get(path)


def test_no_name_leaves_the_folder(place):
    with pytest.raises(NotFoundError):
        ObjectStore(*place).put("../../elsewhere", b"")


@pytest.mark.parametrize("backend", ["sqlite"])
def test_a_server_keeps_its_pictures_there_and_events_do_not_wait_for_them(settings, clock, people, monkeypatch):
    media = MediaSettings(url=f"memory://pictures-{new_id()}")
    parts = build_parts(settings.model_copy(update={"media": media}), clock=clock)
    try:
        edge = Edge()
        event = edge.crossing()
        answers = parts.intake.take([*edge.sent(event), edge.picture(event)])
        assert answers[-1].ack.media == (event.id,)
        assert answers[-1].ack.through == 1
        assert parts.services.media.read(people.officer, event.id).startswith(JPEG[:2])
        assert not settings.media_folder.exists()
        monkeypatch.setattr(ObjectStore, "put", refuse)
        later = edge.crossing(1)
        with pytest.raises(OSError, match="away"):
            parts.intake.take([*edge.sent(later), edge.picture(later)])
        assert parts.services.nodes.all(SYSTEM)[0].through == 2, "the event is stored, though its picture is not"
    finally:
        parts.database.close()


def refuse(*_, **__):
    raise OSError("the store is away")


def test_a_store_that_does_not_answer_is_an_error_one_may_try_again_after():
    options = {"endpoint_url": f"http://127.0.0.1:{free_port()}", **KEYS}
    with pytest.raises(OSError, match="does not answer"):
        ObjectStore("s3://nowhere/media", options).get("aa/picture.jpg")


def test_an_address_nobody_knows_is_a_sentence():
    with pytest.raises(ConfigError, match=r"media\.url"):
        ObjectStore("nonsense://bucket", {})
