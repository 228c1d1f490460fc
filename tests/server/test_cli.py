import json

import pytest
from typer.testing import CliRunner

from tapal_server.cli import app
from tests.server.conftest import PASSWORD, SITES

HEADER = "record_id,recorded_at,direction,checkpoint,name\n"
GOOD = "1,2026-03-02T14:00:20+08:00,masuk,TTK,x\n2,2026-03-02T14:00:21+08:00,keluar,TTK,x\n"


@pytest.fixture
def folder(tmp_path, migrated_sqlite):
    (tmp_path / "sites.yaml").write_text(SITES, encoding="utf-8")
    (tmp_path / "server.yaml").write_text("{data_dir: data, sites: sites.yaml}", encoding="utf-8")
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "tapal.sqlite3").write_bytes(migrated_sqlite.read_bytes())
    return tmp_path


def call(folder, *words, stdin=None):
    return CliRunner().invoke(app, [*words, "--config", str(folder / "server.yaml")], input=stdin)


def test_a_person_and_a_token_are_made_on_a_database_that_was_not_there(folder):
    (folder / "data" / "tapal.sqlite3").unlink()
    added = call(folder, "user", "add", "rini", "--role", "supervisor", "--password-stdin", stdin=PASSWORD + "\n")
    assert (added.exit_code, added.stdout) == (0, "rini can sign in as supervisor\n"), added.output
    made = call(folder, "token", "add", "feed", "--user", "rini", "--scope", "passages", "--json")
    assert json.loads(made.stdout)["token"].startswith("tapal_")
    assert [one["name"] for one in json.loads(call(folder, "user", "list", "--json").stdout)] == ["rini"]


def test_a_password_is_changed(folder):
    assert call(folder, "user", "passwd", "sari", "--password-stdin", stdin="another-good-one\n").exit_code == 0


def test_secrets_are_for_the_owner_alone(folder):
    (folder / "log.csv").write_text(HEADER + GOOD)
    call(folder, "import-passages", str(folder / "log.csv"))
    keys = list((folder / "data" / "keys").glob("*.key"))
    assert keys
    assert {oct(key.stat().st_mode & 0o777) for key in keys} == {"0o600"}


def test_a_file_is_taken_in_once_and_bad_rows_are_named(folder):
    file = folder / "log.csv"
    file.write_text(HEADER + GOOD + "3,yesterday,masuk,TTK,x\n")
    first = call(folder, "import-passages", str(file), "--source", "simkim")
    assert first.exit_code == 3
    assert first.stdout == "2 added, 0 corrected, 0 unchanged, 1 rejected\n"
    assert f"{file}, line 4: recorded_at 'yesterday'" in first.stderr
    assert "not stored: name" in first.stderr
    second = json.loads(call(folder, "import-passages", str(file), "--source", "simkim", "--json").stdout)
    assert (second["added"], second["unchanged"], second["rejected"]) == (0, 2, 1)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        pytest.param(["user", "add", "rini", "--password-stdin"], "a password has 12 to 256", id="short-password"),
        pytest.param(["user", "add", "rini", "--site", "mars"], "site 'mars' is not known", id="site"),
        pytest.param(["import-passages", "missing.csv"], "missing.csv: cannot be read", id="no-file"),
        pytest.param(["token", "add", "x", "--user", "nobody", "--scope", "see"], "'nobody' is not known", id="nobody"),
    ],
)
def test_bad_input_gets_one_sentence_and_status_2(folder, words, said):
    result = call(folder, *words, stdin="short\n")
    assert result.exit_code == 2
    assert said in result.stderr
    assert result.stderr.count("\n") == 1


@pytest.mark.parametrize(
    ("text", "said"),
    [
        pytest.param("{colour: red}", "line 1, colour: unknown key 'colour'", id="unknown-key"),
        pytest.param("{mqtt: {url: broker}}", "not a broker address", id="broker"),
        pytest.param("{http: {port: 99999}}", "http.port", id="port"),
        pytest.param("{database: 'mysql://x/y'}", "'mysql' is not known", id="database"),
        pytest.param("{sites: nowhere.yaml}", "nowhere.yaml: cannot be read", id="sites"),
    ],
)
def test_wrong_settings_are_named(tmp_path, text, said):
    (tmp_path / "server.yaml").write_text(text, encoding="utf-8")
    result = call(tmp_path, "user", "list")
    assert result.exit_code == 2
    assert said in result.stderr
