"""The server's own secrets: made once, kept to itself, or given by systemd."""

import stat

import pytest

from tapal_contract.errors import ConfigError
from tapal_server.keys import Keys


def test_a_key_is_made_once_and_nobody_else_may_read_it(tmp_path):
    keys = Keys(tmp_path / "keys", {})
    key = keys.get("totp")
    assert (len(key), Keys(tmp_path / "keys", {}).get("totp")) == (32, key)
    assert keys.get("audit") != key
    assert stat.S_IMODE((tmp_path / "keys" / "totp.key").stat().st_mode) == 0o600
    assert stat.S_IMODE((tmp_path / "keys").stat().st_mode) == 0o700


def test_a_credential_of_systemd_goes_before_the_file_and_is_never_written_there(tmp_path):
    (tmp_path / "credentials").mkdir()
    (tmp_path / "credentials" / "tapal-totp").write_text("ab" * 32 + "\n")
    keys = Keys(tmp_path / "keys", {"CREDENTIALS_DIRECTORY": str(tmp_path / "credentials")})
    assert keys.get("totp") == bytes.fromhex("ab" * 32)
    assert not (tmp_path / "keys").exists()
    keys.get("audit")
    assert [path.name for path in (tmp_path / "keys").iterdir()] == ["audit.key"]


@pytest.mark.parametrize("text", ["", "ab" * 16, "no key"])
def test_what_is_no_key_is_not_used_as_one(tmp_path, text):
    (tmp_path / "totp.key").write_text(text)
    with pytest.raises(ConfigError, match="is no key of 64 hexadecimal digits"):
        Keys(tmp_path, {}).get("totp")
