"""What a settings file may say; docs/settings.md tells every setting, with the default it has."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, get_args

import pytest
from pydantic import BaseModel, ValidationError
from pydantic.fields import FieldInfo

from tapal_contract.errors import ConfigError
from tapal_server.db.database import Database
from tapal_server.ingest.subscriber import open_wire
from tapal_server.ingest.wire import BrokerError
from tapal_server.settings import Settings

PAGE = Path(__file__).parents[2] / "docs" / "settings.md"


def rows(model: type[BaseModel], before: str = "") -> Iterator[str]:
    """The lines of the table, as the program itself would write them."""
    for name, field in model.model_fields.items():
        several = "[]" if str(field.annotation).startswith("tuple") else ""
        key, words = f"{before}{name}{several}", (field.description or "").replace("|", "or")
        section = section_of(field)
        if section is None:
            yield f"| `{key}` | {words} | `{default(field)}` |"
            continue
        yield f"| `{key}` | {words or (section.__doc__ or '').splitlines()[0]} |  |"
        yield from rows(section, f"{key}.")


def section_of(field: FieldInfo) -> type[BaseModel] | None:
    kinds = (field.annotation, *get_args(field.annotation))
    return next((one for one in kinds if isinstance(one, type) and issubclass(one, BaseModel)), None)


def default(field: FieldInfo) -> Any:
    if field.is_required():
        return "required"
    return json.dumps(field.get_default(call_default_factory=True), default=str)


def test_every_setting_is_on_the_page():
    """The whole table is printed when it differs, to be pasted."""
    wanted = "\n".join(["| key | what it is | default |", "|---|---|---|", *rows(Settings)])
    assert PAGE.read_text(encoding="utf-8").endswith(f"{wanted}\n"), wanted


def test_passwords_may_stand_in_files_of_their_own(tmp_path):
    (tmp_path / "db").write_text("p@ss:w/rd %41\n", encoding="utf-8")
    (tmp_path / "mq").write_text("word\n", encoding="utf-8")
    settings = Settings.model_validate(
        {
            "database": "postgresql://tapal@database:5433/tapal?connect_timeout=3",
            "database_password_file": "db",
            "mqtt": {"username": "server", "password_file": "mq"},
        }
    ).relative_to(tmp_path)
    url = Database(settings.database_url).url
    assert (url.username, url.password, url.host, url.port) == ("tapal", "p@ss:w/rd %41", "database", 5433)
    assert (url.database, url.query) == ("tapal", {"connect_timeout": "3"})
    assert settings.mqtt is not None
    assert settings.mqtt.word == "word"


def test_a_password_file_that_cannot_be_read_gets_a_sentence(tmp_path):
    settings = Settings.model_validate(
        {
            "database": "postgresql://tapal@database/tapal",
            "database_password_file": "away",
            "mqtt": {"password_file": "gone"},
        }
    ).relative_to(tmp_path)
    with pytest.raises(ConfigError, match=r"away: the password cannot be read .*; check database_password_file"):
        _ = settings.database_url
    assert settings.mqtt is not None
    with pytest.raises(BrokerError, match="gone: the password cannot be read"):
        open_wire(settings.mqtt)


@pytest.mark.parametrize(
    ("values", "words"),
    [
        pytest.param({"mqtt": {"password": "x", "password_file": "f"}}, "keep one of them", id="two-for-the-broker"),
        pytest.param({"database_password_file": "f"}, "needs a database of the form", id="sqlite-has-none"),
        pytest.param(
            {"database": "postgresql://tapal:x@h/t", "database_password_file": "f"},
            "needs a database of the form",
            id="two-for-the-database",
        ),
    ],
)
def test_one_password_is_enough(values, words):
    with pytest.raises(ValidationError, match=words):
        Settings.model_validate(values)


def test_every_relative_path_counts_from_the_folder_of_the_file():
    text = {"mqtt": {"ca_file": "ca.pem"}, "http": {"tls_certificate": "own.crt", "tls_key": "/secret/own.key"}}
    moved = Settings.model_validate(text | {"database": "sqlite:///x.sqlite3"}).relative_to(Path("/etc/tapal"))
    assert moved.mqtt is not None
    assert moved.mqtt.ca_file == Path("/etc/tapal/ca.pem")
    assert moved.http.tls_certificate == Path("/etc/tapal/own.crt")
    assert moved.http.tls_key == Path("/secret/own.key")
    assert moved.data_dir == Path("/etc/tapal/tapal-data")
    assert moved.database == "sqlite:////etc/tapal/x.sqlite3"
