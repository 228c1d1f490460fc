"""Whatever stands in a file: it is read, or refused in a sentence; more by TAPAL_FUZZ."""

import io
import os
import zipfile
from collections.abc import Callable

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from openpyxl import Workbook

from tapal_contract import yamlfile
from tapal_contract.errors import TapalError
from tapal_edge.config import EdgeConfig
from tapal_server.feeds.profile import Profile
from tapal_server.feeds.reading import read_feed
from tapal_server.passages.model import Record
from tapal_server.passages.reader import read_lines
from tapal_server.settings import Settings
from tapal_server.sites import SitesFile, loads_sites
from tapal_server.voyages.manifest_file import ManifestFile, read_manifest_file
from tests.edge.test_config import GOOD as EDGE
from tests.server.conftest import SITES
from tests.support.spoiling import spoilt

bounded = settings(
    max_examples=int(os.environ.get("TAPAL_FUZZ", "60")),
    derandomize="TAPAL_FUZZ" not in os.environ,  # the same examples in CI each time; `make fuzz` looks for new ones
    deadline=None,
    suppress_health_check=list(HealthCheck),
)
OFFICE = """\
database: postgresql://tapal@db/tapal
mqtt: {url: mqtts://broker:8883, share: office}
http: {port: 8080, public_url: https://office.example}
notify: {channels: [{name: post, url: "tgram://a/b"}], rules: [{channel: post, quiet_hours: ["22:00", "06:00"]}]}
retention: {events: 30}
"""
PASSAGES = """\
record_id,recorded_at,direction,checkpoint,persons,document_number
1,2026-03-02T14:00:20+08:00,masuk,TTK,1,X1234567
2,2026-03-02T14:01:20+08:00,inbound,TTK,,
"""
MANIFEST = "name,document\nA,X1234567\nB,Y7654321\n"
KEY = b"k" * 32


def taken(reader: Callable[[], object]) -> object:
    """What was read, or the sentence in which it was refused; anything else that is raised fails the test."""
    try:
        return reader()
    except TapalError as error:
        return str(error)


def well(outcome: object, kind: type) -> bool:
    """Something of the kind that was asked for, or words for whoever gave the file."""
    return bool(outcome.strip()) if isinstance(outcome, str) else isinstance(outcome, kind)


def workbook() -> bytes:
    book, file = Workbook(), io.BytesIO()
    for line in PASSAGES.splitlines():
        book.active.append(line.split(","))
    book.save(file)
    return file.getvalue()


BOOK = workbook()


@bounded
@given(spoilt(SITES))
def test_sites(text):
    assert well(taken(lambda: loads_sites(text)), SitesFile)


@bounded
@given(spoilt(OFFICE))
def test_settings_of_a_server(text):
    assert well(taken(lambda: yamlfile.loads(text, Settings)), Settings)


@bounded
@given(spoilt(EDGE))
def test_settings_of_an_edge(text):
    assert well(taken(lambda: yamlfile.loads(text, EdgeConfig)), EdgeConfig)


@bounded
@given(spoilt(PASSAGES))
def test_a_passage_log(text):
    outcome = taken(lambda: log(text))
    assert well(outcome, tuple)
    assert "X1234567" not in repr(outcome), "documents are hashed on the way in"
    if isinstance(outcome, tuple):
        kept, bad = outcome
        assert len(kept) + bad <= text.count("\n") + text.count("\r") + 1


@bounded
@given(spoilt(MANIFEST).map(lambda text: text.encode("utf-8", "surrogatepass")) | st.binary(max_size=200))
def test_a_manifest(content):
    assert well(taken(lambda: read_manifest_file(content, name="manifest.csv")), ManifestFile)


@bounded
@given(
    content=spoilt(PASSAGES).map(str.encode) | st.binary(max_size=300),
    encoding=st.sampled_from(["utf-8", "windows-1252", "utf-16"]),
    kind=st.sampled_from(["csv", "jsonl", "xlsx"]),
)
def test_a_feed_of_any_kind(content, encoding, kind):
    assert well(taken(lambda: feed(Profile(source="simkim", format=kind, encoding=encoding), content)), list)


@bounded
@given(st.lists(st.tuples(st.integers(0, len(BOOK) - 1), st.binary(max_size=4)), max_size=6))
def test_a_workbook_with_bytes_exchanged(changes):
    content = bytearray(BOOK)
    for at, put in changes:
        content[at : at + len(put)] = put
    assert well(taken(lambda: feed(Profile(source="simkim", format="xlsx"), bytes(content))), list)


@bounded
@given(st.sampled_from(zipfile.ZipFile(io.BytesIO(BOOK)).namelist()), st.data())
def test_a_workbook_whose_parts_are_spoilt(part, data):
    packed = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(BOOK)) as good, zipfile.ZipFile(packed, "w") as spoiled:
        for name in good.namelist():
            text = good.read(name).decode()
            spoiled.writestr(name, data.draw(spoilt(text)).encode("utf-8", "surrogatepass") if name == part else text)
    assert well(taken(lambda: feed(Profile(source="simkim", format="xlsx"), packed.getvalue())), list)


def log(text: str) -> tuple[list[Record], int]:
    report, records = read_lines(io.StringIO(text, newline=""), key=KEY)
    return list(records), report.bad_count


def feed(profile: Profile, content: bytes) -> list[Record]:
    return list(read_feed(profile, io.BytesIO(content), name="feed", key=KEY).records)
