"""A bundle over a link that breaks."""

from pathlib import Path

import pytest

from tapal_contract.errors import TapalError
from tapal_edge.updates.fetching import CancelledError, fetch
from tests.edge.updates.bundles import offered
from tests.support.fileserver import FileServer, serving


@pytest.fixture
def server(tmp_path: Path):
    (tmp_path / "served").mkdir()
    with serving(tmp_path / "served") as server:
        yield server


def no_wait(_: float) -> bool:
    return False


def offer_of(server: FileServer):
    return offered(server.folder, server.url, "good")


def test_what_broke_off_is_resumed_where_it_ended(server: FileServer, tmp_path: Path) -> None:
    offer = offer_of(server)
    server.break_at = [100, 200]
    seen: list[int] = []
    path = fetch(offer, tmp_path / "in", wait=no_wait, tick=lambda have, _: seen.append(have))
    assert path.read_bytes() == (server.folder / "good.tapal").read_bytes()
    assert server.asked == ["", "bytes=100-", "bytes=300-"]
    assert seen[-1] == offer.bytes
    fetch(offer, tmp_path / "in", wait=no_wait)
    assert len(server.asked) == 3, "what is there is not fetched again"


def test_a_server_without_ranges_is_asked_for_the_whole_again(server: FileServer, tmp_path: Path) -> None:
    offer = offer_of(server)
    server.break_at, server.ranges = [100], False
    assert fetch(offer, tmp_path / "in", wait=no_wait).stat().st_size == offer.bytes


@pytest.mark.parametrize("content", [pytest.param(b"x", id="another"), pytest.param(b"xx", id="more")])
def test_another_file_is_not_kept(server: FileServer, tmp_path: Path, content: bytes) -> None:
    offer = offer_of(server)
    (server.folder / "good.tapal").write_bytes(content * offer.bytes)
    with pytest.raises(TapalError, match="is not the bundle"):
        fetch(offer, tmp_path / "in", wait=no_wait)
    assert not list((tmp_path / "in").glob("*.tapal"))


def test_what_is_not_there_is_not_asked_for_again(server: FileServer, tmp_path: Path) -> None:
    offer = offer_of(server)
    (server.folder / "good.tapal").unlink()
    with pytest.raises(TapalError, match="answers 404"):
        fetch(offer, tmp_path / "in", wait=no_wait)


def test_a_link_that_brings_nothing_is_given_up(server: FileServer, tmp_path: Path) -> None:
    offer = offer_of(server)
    server.break_at = [0] * 20
    waited: list[float] = []
    with pytest.raises(TapalError, match="does not come"):
        fetch(offer, tmp_path / "in", wait=lambda seconds: bool(waited.append(seconds)))
    assert len(waited) == 5


def test_nobody_wants_it_any_more(server: FileServer, tmp_path: Path) -> None:
    with pytest.raises(CancelledError):
        fetch(offer_of(server), tmp_path / "in", wait=lambda _: True)


def test_a_node_may_reach_the_server_by_another_address(server: FileServer, tmp_path: Path) -> None:
    offer = offer_of(server).model_copy(update={"url": "http://unreachable.invalid/good.tapal"})
    assert fetch(offer, tmp_path / "in", server=server.url, wait=no_wait).is_file()
