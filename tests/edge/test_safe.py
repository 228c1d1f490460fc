"""Passwords of cameras: sealed on the disk, put in when a camera is opened, shown by nothing."""

import json
import stat
import traceback
from functools import partial
from pathlib import Path

import pytest
from typer.testing import CliRunner

from tapal_contract.errors import ConfigError, TapalError
from tapal_edge.check import check
from tapal_edge.cli import app
from tapal_edge.config import Camera, load
from tapal_edge.safe import CREDENTIAL, Safe
from tapal_edge.sources.address import filled, plain_passwords, redacted
from tapal_edge.sources.reader import open_reader
from tapal_edge.sources.trouble import SourceError
from tests.edge.test_live import Watcher
from tests.support.services import free_port
from tests.support.services.rtsp import rtsp

WORD = "kapal/besar@biru:7%"
WRITTEN = "kapal%2Fbesar%40biru%3A7%25"


@pytest.fixture
def safe(tmp_path: Path) -> Safe:
    return Safe(tmp_path, {})


def everything_in(folder: Path) -> str:
    return "\n".join(path.read_text() for path in folder.rglob("*") if path.is_file())


def configured(folder: Path, source: str, *more: str) -> Path:
    path = folder / "edge.yaml"
    lines = [
        "node: nunukan-01",
        "site: tunon-taka",
        f"data_dir: {folder}",
        "cameras:",
        "  - id: gate-1  # at the pier",
        f"    source: {source}",
        "    fps: 5",
    ]
    path.write_text("\n".join([*lines, *more]) + "\n")
    return path


def test_what_is_sealed_can_be_opened_and_not_be_read(safe: Safe, tmp_path: Path) -> None:
    safe.put("gate-1", WORD)
    safe.put("jetty", "other")
    assert (safe.names(), safe.open("gate-1"), safe.open("jetty")) == (("gate-1", "jetty"), WORD, "other")
    assert "kapal" not in everything_in(tmp_path)
    for file in (safe.file, tmp_path / "keys" / "secrets.key"):
        assert stat.S_IMODE(file.stat().st_mode) == 0o600
    safe.put("gate-1", "new")
    safe.remove("jetty")
    assert (safe.names(), safe.open("gate-1")) == (("gate-1",), "new")
    with pytest.raises(TapalError, match=r"there is no secret 'jetty'.*tapal edge secret set jetty"):
        safe.open("jetty")


def test_one_password_cannot_be_put_in_place_of_another(safe: Safe) -> None:
    safe.put("gate-1", "one")
    safe.put("jetty", "two")
    kept = json.loads(safe.file.read_text())
    kept["sealed"]["gate-1"] = kept["sealed"]["jetty"]
    safe.file.write_text(json.dumps(kept))
    with pytest.raises(TapalError, match="'gate-1' was sealed with another key, or changed since"):
        safe.open("gate-1")


@pytest.mark.parametrize(
    ("spoil", "sentence"),
    [
        pytest.param(lambda folder: (folder / "keys" / "secrets.key").unlink(), "a key that is not here", id="no-key"),
        pytest.param(
            lambda folder: (folder / "keys" / "secrets.key").write_text("ab" * 32), "another key", id="other-key"
        ),
        pytest.param(lambda folder: (folder / "keys" / "secrets.key").write_text("x"), "is no key", id="spoiled-key"),
        pytest.param(lambda folder: (folder / "secrets.json").write_text("{"), "is damaged", id="spoiled-safe"),
    ],
)
def test_a_safe_that_cannot_be_opened_says_why_and_takes_nothing_more(safe: Safe, tmp_path, spoil, sentence) -> None:
    safe.put("gate-1", WORD)
    spoil(tmp_path)
    for attempt in (lambda: safe.open("gate-1"), lambda: safe.put("jetty", "word")):
        with pytest.raises(TapalError, match=sentence):
            attempt()


def test_the_key_may_be_a_credential_of_systemd(tmp_path: Path) -> None:
    credentials = tmp_path / "credentials"
    credentials.mkdir()
    (credentials / CREDENTIAL).write_text("ab" * 32 + "\n")
    under_systemd = {"CREDENTIALS_DIRECTORY": str(credentials)}
    (tmp_path / "state").mkdir()
    safe = Safe(tmp_path / "state", under_systemd)
    safe.put("gate-1", WORD)
    assert safe.key_is == "the key is a credential of systemd"
    assert [path.name for path in (tmp_path / "state").iterdir()] == ["secrets.json"]
    assert Safe(tmp_path / "state", under_systemd).open("gate-1") == WORD
    with pytest.raises(TapalError, match="a key that is not here"):
        Safe(tmp_path / "state", {}).open("gate-1")


@pytest.mark.parametrize("name", ["", "Gate 1", "../keys", "a" * 65])
def test_names_are_names(safe: Safe, name: str) -> None:
    with pytest.raises(TapalError, match="is not a name"):
        safe.put(name, "word")


@pytest.mark.parametrize("secret", ["", "two\nlines", "x" * 257])
def test_passwords_are_one_line(safe: Safe, secret: str) -> None:
    with pytest.raises(TapalError, match="1 to 256 letters"):
        safe.put("gate-1", secret)


def test_a_password_is_written_so_that_the_address_stays_one() -> None:
    source = "rtsp://viewer:${secret:gate-1}@10.0.0.7:554/x?token=${secret:gate-1}"
    assert filled(source, lambda _: WORD) == f"rtsp://viewer:{WRITTEN}@10.0.0.7:554/x?token={WRITTEN}"


@pytest.mark.parametrize(
    ("source", "plain", "shown"),
    [
        pytest.param("rtsp://me:word@h:554/s", ["word"], "rtsp://h:554/s", id="user"),
        pytest.param("rtsp://me:w@rd@h/s", ["w@rd"], "rtsp://h/s", id="an-at-sign-in-it"),
        pytest.param("rtsp://me:w/rd@h/s", [], "rtsp://h/s", id="a-slash-in-it-which-no-camera-takes"),
        pytest.param("rtsp://me:w[rd@h/s", ["w[rd"], "rtsp://h/s", id="a-bracket-in-it"),
        pytest.param("rtsp://me@h/s", [], "rtsp://h/s", id="no-password"),
        pytest.param("rtsp://me:${secret:gate-1}@h/s", [], "rtsp://h/s", id="sealed"),
        pytest.param("http://h/video?user=me&password=word&size=1", ["word"], "http://h/video", id="query"),
        pytest.param("http://h/a?password=${secret:a}", [], "http://h/a", id="sealed-query"),
        pytest.param(
            "rtsp://h/user=me_password=w_rd_channel=1_stream=0.sdp",
            ["w_rd"],
            "rtsp://h/user=me_..._channel=1_stream=0.sdp",
            id="path",
        ),
        pytest.param(
            "rtsp://h/user=me&password=word&channel=1", ["word"], "rtsp://h/user=me&...&channel=1", id="parts"
        ),
        pytest.param("rtsp://me:one@h/password=two", ["one", "two"], "rtsp://h/...", id="both"),
        pytest.param("/films/password=1.mp4", [], "/films/...", id="file"),
        pytest.param(0, [], "0", id="device"),
    ],
)
def test_where_passwords_stand_and_what_is_shown(source: str | int, plain: list[str], shown: str) -> None:
    assert [str(source)[start:end] for start, end in plain_passwords(source)] == plain
    assert redacted(source) == shown


@pytest.mark.parametrize(
    "source", ["rtsp://me:${secret:}@h/s", "rtsp://me:${word}@h/s", "rtsp://me:${secret:A}@h/s", "${secret:file}"]
)
def test_what_is_no_reference_is_refused_with_its_line(tmp_path: Path, source: str) -> None:
    with pytest.raises(ConfigError, match=r"line 6, cameras\[0\]\.source: .*secret:NAME"):
        load(configured(tmp_path, json.dumps(source)))


def test_a_camera_is_opened_with_its_password_and_trouble_never_tells_it(tmp_path: Path, safe: Safe, capfd) -> None:
    safe.put("gate-1", "geheim-word")
    source = f"rtsp://viewer:${{secret:gate-1}}@127.0.0.1:{free_port()}/s"
    with pytest.raises(SourceError, match="check its power") as caught:
        open_reader(Camera(id="gate-1", source=source), safe=safe)
    said = "".join([*traceback.format_exception(caught.value), *capfd.readouterr()])
    assert "geheim" not in said
    missing = source.replace("gate-1}", "jetty}")
    with pytest.raises(SourceError, match="there is no secret 'jetty'") as unknown:
        open_reader(Camera(id="gate-1", source=missing), safe=safe)
    assert unknown.value.kind == "password"


@pytest.mark.services
def test_a_real_camera_takes_a_password_of_any_letters_as_soon_as_it_is_set(safe: Safe) -> None:
    with rtsp("guard", WORD) as device:
        source = f"rtsp://guard:${{secret:gate-1}}@127.0.0.1:{device.port}/stream"
        watched = Camera(id="gate-1", source=source, fps=50)
        with Watcher(watched, open_source=partial(open_reader, safe=safe)) as watcher:
            watcher.until(lambda: bool(watcher.said))
            safe.put("gate-1", "wrong")
            watcher.until(lambda: "401" in watcher.live.detail)
            safe.put("gate-1", WORD)
            watcher.live.restart()
            watcher.until(lambda: bool(watcher.frames))
        told = " ".join(detail for _, detail in watcher.said)
        assert "there is no secret 'gate-1'" in told
        assert "kapal" not in told


def test_plain_passwords_are_moved_and_the_rest_of_the_file_stays(tmp_path: Path) -> None:
    path = configured(
        tmp_path,
        f"rtsp://viewer:{WRITTEN}@10.0.0.7:554/stream2   # the second stream",
        "  - {id: jetty, source: 'rtsp://h/user=me&password=ferry', fps: 5}",
        f"  - {{id: gate-2, source: 'rtsp://viewer:{WRITTEN}@10.0.0.8/stream2'}}",
        "  - {id: steps, source: 0}",
    )
    before = path.read_text()
    path.chmod(0o640)
    (tmp_path / "edge.yaml.bak").write_text(before)
    run = CliRunner().invoke(app, ["secret", "move", "-c", str(path)])
    assert run.exit_code == 0, run.output
    assert "edge.yaml.bak held them, too, and is deleted" in run.output
    expected = before.replace(
        f"rtsp://viewer:{WRITTEN}@10.0.0.7:554/stream2", '"rtsp://viewer:${secret:gate-1}@10.0.0.7:554/stream2"'
    )
    expected = expected.replace("'rtsp://h/user=me&password=ferry'", '"rtsp://h/user=me&password=${secret:jetty}"')
    expected = expected.replace(
        f"'rtsp://viewer:{WRITTEN}@10.0.0.8/stream2'", '"rtsp://viewer:${secret:gate-2}@10.0.0.8/stream2"'
    )
    assert path.read_text() == expected
    assert stat.S_IMODE(path.stat().st_mode) == 0o640
    safe = Safe(tmp_path, {})
    assert [safe.open(name) for name in safe.names()] == [WORD, WORD, "ferry"]
    assert not any(word in everything_in(tmp_path) + run.output for word in ("kapal", "ferry"))
    again = CliRunner().invoke(app, ["secret", "move", "-c", str(path)])
    assert (again.exit_code, again.output) == (0, "no address holds a plain password\n")


def test_secrets_are_set_listed_and_removed(tmp_path: Path) -> None:
    path = configured(tmp_path, "rtsp://viewer:${secret:gate-1}@10.0.0.7/s")

    def said(*words: str, given: str = "") -> str:
        run = CliRunner().invoke(app, ["secret", words[0], "-c", str(path), *words[1:]], input=given)
        return run.output if run.exit_code == 0 else str(run.exception)

    assert "gate-1: for gate-1; MISSING: tapal edge secret set gate-1" in said("list")
    assert "geheim" not in said("set", "gate-1", given="geheim\n") + said("set", "old", given="geheim-2\n")
    assert said("list") == "gate-1: for gate-1\nold: nobody asks for it\n"
    assert said("remove", "gate-1") == "'gate-1' is asked for by gate-1; change the source there first"
    assert said("remove", "old") == ""
    assert Safe(tmp_path, {}).open("gate-1") == "geheim"


def test_check_warns_of_what_can_be_read_and_fails_where_one_is_missing(tmp_path: Path) -> None:
    def lines(source: str) -> list[str]:
        path = configured(tmp_path, source)
        return [finding.text() for finding in check(load(path), path).findings]

    plain = lines(f"rtsp://viewer:geheim@127.0.0.1:{free_port()}/s")
    assert any(line.startswith("warn  passwords: those of gate-1 can be read in") for line in plain)
    sealed = lines(f"rtsp://viewer:${{secret:gate-1}}@127.0.0.1:{free_port()}/s")
    assert any(line.startswith("ok    passwords: 1 sealed in") and "copy of the whole disk" in line for line in sealed)
    assert any(line.startswith("FAIL  camera gate-1") and "there is no secret 'gate-1'" in line for line in sealed)
    assert "geheim" not in "".join(plain)
