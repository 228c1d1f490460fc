import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import Field, field_validator

from tapal_contract.errors import ConfigError
from tapal_contract.geometry import LineSpec, ZoneSpec
from tapal_contract.model import Frozen
from tapal_contract.yamlfile import LocatedError, load, loads, problem_at


class Camera(Frozen):
    id: str
    fps: int = 7
    lines: tuple[LineSpec, ...] = ()
    zones: tuple[ZoneSpec, ...] = ()


class Office(Frozen):
    cameras: tuple[Camera, ...] = Field(min_length=1)


GOOD = """\
id: gate
lines:
  - {id: west, from: [0.45, 0.24], to: [0.45, 0.56]}
"""


def test_reads_what_is_right():
    camera = loads(GOOD, Camera)
    assert camera.lines[0].from_ == (0.45, 0.24)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        pytest.param("id: gate\nfsp: 7\n", r"edge.yaml, line 2, fsp: unknown key 'fsp'", id="unknown-key"),
        pytest.param("fps: 7\n", r"edge.yaml, line 1, top level: 'id' is missing", id="missing-key"),
        pytest.param("fps: 7\nidd: a\n", r"line 2, idd: .*did you mean 'id', which is missing\?$", id="misspelt-key"),
        pytest.param(
            "fps: 7\nname: a\n", r"line 2, name: unknown key 'name'; remove it .* \(and 1 more\)$", id="other-key"
        ),
        pytest.param("id: a\nfps: 7\nid: b\n", r"edge.yaml, line 3: key 'id' is given twice", id="repeated-key"),
        pytest.param("id: a\nfps: seven\n", r"line 2, fps: .*'seven'", id="wrong-type"),
        pytest.param(GOOD.replace("0.56", "1.56"), r"line 3, lines\[0\].to\[1\]: .*1.56", id="line-off-the-frame"),
        pytest.param(GOOD.replace("0.56", "0.24"), r"line 3, lines\[0\]: line 'west' has no length", id="no-length"),
        pytest.param("id: [a\n", r"edge.yaml, line 2", id="not-yaml"),
        pytest.param("- a\n", r"expected keys and values, found list", id="a-list"),
        pytest.param("", r"expected keys and values, found NoneType", id="empty"),
        pytest.param("id: !!python/object:os.system {}\n", r"line 1", id="no-python-objects"),
        pytest.param(
            "id: a\nzones:\n  - {id: z, kind: berth, polygon: [[0, 0], [1, 1], [1, 0], [0, 0.5]]}\n",
            r"line 3, zones\[0\]: zone 'z' crosses itself",
            id="bow-tie",
        ),
    ],
)
def test_names_file_line_and_key(text, says):
    with pytest.raises(ConfigError, match=says):
        loads(text, Camera, name="edge.yaml")


def test_what_follows_from_a_mistake_is_not_counted_as_another():
    with pytest.raises(ConfigError, match=r"line 2, cameras\[0\].fps: .*'seven'$"):
        loads("cameras:\n  - {id: a, fps: seven}\n", Office)


def test_unreadable_file(tmp_path):
    with pytest.raises(ConfigError, match=r"missing\.yaml: cannot be read \(No such file"):
        load(tmp_path / "missing.yaml", Camera)


def test_binary_file(tmp_path):
    path = tmp_path / "a.yaml"
    path.write_bytes(b"\xff\xfe\x00")
    with pytest.raises(ConfigError, match="not UTF-8"):
        load(path, Camera)


@given(st.text(max_size=200))
def test_any_text_is_read_or_explained(text):
    try:
        loads(text, Camera, name="edge.yaml")
    except ConfigError as error:
        assert str(error).startswith("edge.yaml")  # noqa: PT017 - either outcome is right


class Cameras(Frozen):
    cameras: tuple[Camera, ...]

    @field_validator("cameras", mode="after")
    @classmethod
    def _one_each(cls, cameras: tuple[Camera, ...]) -> tuple[Camera, ...]:
        if len(cameras) > 1 and cameras[0].id == cameras[1].id:
            raise LocatedError(f"camera {cameras[1].id!r} is there twice", (1, "id"))
        return cameras


def test_a_validator_may_name_the_very_entry():
    with pytest.raises(ConfigError, match=r"edge.yaml, line 3, cameras\[1\].id: camera 'a' is there twice$"):
        loads("cameras:\n  - {id: a}\n  - {id: a}\n", Cameras, name="edge.yaml")


def test_a_problem_found_later_still_has_its_line(tmp_path):
    path = tmp_path / "edge.yaml"
    path.write_text("cameras:\n  - id: a\n    fps: 5\n")
    assert str(problem_at(path, ("cameras", 0, "fps"), "too fast")).endswith("line 3, cameras[0].fps: too fast")
