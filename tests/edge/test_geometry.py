"""Where a camera's lines and zones are kept, and that the next start finds them."""

import json
import os
from pathlib import Path

import pytest
from typer.testing import CliRunner

from tapal_contract.errors import ConfigError
from tapal_contract.geometry import LineSpec
from tapal_edge.cli import app
from tapal_edge.config import EdgeConfig, load
from tapal_edge.geometry import Geometry, changed, keep, overridden, side_file, with_geometry

LINE = LineSpec.model_validate({"id": "new", "from": (0.2, 0.2), "to": (0.2, 0.8)})
TEXT = """\
node: n
site: s
data_dir: {folder}
cameras:
  - id: yard          # the one by the gate
    source: none.mp4
    lines:
      - {{id: gate, from: [0.5, 0.2], to: [0.5, 0.8]}}
      - {{id: porch, from: [0.6, 0.2], to: [0.6, 0.8]}}
pairs: []
"""


@pytest.fixture
def path(tmp_path: Path) -> Path:
    file = tmp_path / "edge.yaml"
    file.write_text(TEXT.format(folder=tmp_path / "data"))
    return file


def ids(config: EdgeConfig) -> list[str]:
    return [line.id for line in config.cameras[0].lines]


def test_the_file_is_changed_where_it_can_be(path: Path) -> None:
    config = load(path)
    assert keep(config, path, Geometry(camera="yard", lines=(LINE,))) == path
    assert "# the one by the gate" in path.read_text()
    assert ids(overridden(load(path))) == ["new"]
    assert not side_file(config.folder(), "yard").exists()


@pytest.mark.parametrize("flow", [pytest.param(True, id="in-braces"), pytest.param(False, id="no-file")])
def test_else_a_file_beside_the_outbox_overrides_it(path: Path, flow: bool) -> None:
    if flow:
        head = path.read_text().split("cameras:", maxsplit=1)[0]
        path.write_text(head + "cameras: [{id: yard, source: none.mp4}]\n")
    before, config = path.read_text(), load(path)
    kept = keep(config, path if flow else None, Geometry(camera="yard", lines=(LINE,)))
    assert kept == side_file(config.folder(), "yard")
    assert path.read_text() == before
    assert ids(overridden(load(path))) == ["new"]


def test_check_names_the_file_that_overrides(path: Path) -> None:
    kept = keep(load(path), None, Geometry(camera="yard", lines=(LINE,)))
    said = CliRunner().invoke(app, ["check", "--config", str(path), "--json"])
    findings = {finding["what"]: finding for finding in json.loads(said.stdout)["findings"]}
    assert findings["geometry"]["good"]
    assert str(kept) in findings["geometry"]["detail"]
    assert "1 lines, 0 zones" in findings["geometry"]["detail"]


def test_a_file_that_is_damaged_is_passed_over_and_named(path: Path, caplog: pytest.LogCaptureFixture) -> None:
    file = keep(load(path), None, Geometry(camera="yard", lines=(LINE,)))
    file.write_text('{"camera": "yard", "lines": [')
    assert ids(overridden(load(path))) == ["gate", "porch"]
    assert str(file) in caplog.text
    said = CliRunner().invoke(app, ["check", "--config", str(path), "--json"])
    assert any(not one["good"] and str(file) in one["detail"] for one in json.loads(said.stdout)["findings"])


def test_a_line_that_is_one_of_a_pair_cannot_be_left_out(path: Path) -> None:
    pairs = "pairs:\n  - {first: yard/gate, second: yard/porch}\n"
    path.write_text(path.read_text().replace("pairs: []\n", pairs))
    with pytest.raises(ConfigError, match="no line is called 'yard/gate'"):
        with_geometry(load(path), Geometry(camera="yard", lines=(LINE,)))


def test_what_is_left_out_stays(path: Path) -> None:
    drawn = changed(load(path), "yard", None, ())
    assert [line.id for line in drawn.lines] == ["gate", "porch"]


def test_a_file_with_a_password_stays_unreadable_to_others(path: Path) -> None:
    path.chmod(0o640)
    keep(load(path), path, Geometry(camera="yard", lines=(LINE,)))
    assert path.stat().st_mode & 0o777 == 0o640
    assert path.with_name("edge.yaml.bak").stat().st_mode & 0o777 == 0o640


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can change a file of somebody else")
def test_a_file_that_root_changes_still_belongs_to_whom_it_did(path: Path) -> None:
    os.chown(path, 0, 12345)
    keep(load(path), path, Geometry(camera="yard", lines=(LINE,)))
    assert path.stat().st_gid == 12345
