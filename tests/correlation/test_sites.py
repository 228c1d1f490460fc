"""site.yaml is strict and says what is wrong."""

import pytest

from tapal_contract import yamlfile
from tapal_contract.errors import ConfigError
from tapal_server.correlation.hours import in_service
from tapal_server.sites import SitesFile

GOOD = """
sites:
  - id: gate
    name: Tunon Taka
    kind: checkpoint
    checkpoint: GATE
    timezone: Asia/Makassar
    hours: "00:00-24:00"
    location: [4.143, 117.664]
    gates:
      - {line: gate, direction: inbound, delay: {typical_s: 30, longest_s: 900, first: crossing}}
"""


def site(**changes):
    text = GOOD
    for old, new in changes.values():
        text = text.replace(old, new)
    return yamlfile.loads(text, SitesFile).to_sites()[0]


def test_the_example_of_the_design_is_taken():
    gate = site().gates[0]
    assert (gate.delay.typical_s, gate.delay.longest_s, gate.delay.first) == (30, 900, "crossing")


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("first: crossing", "first: both", "first"),
        ("name:", "nam:", "unknown key 'nam'"),
        ("Asia/Makassar", "Asia/Nunukan", "time zone"),
        ("00:00-24:00", "7-17", "hours"),
        ("    checkpoint: GATE\n", "", "checkpoint"),
        ("[4.143, 117.664]", "[117.664, 4.143]", "latitude"),
        ("longest_s: 900", "longest_s: 9", "longest_s"),
    ],
)
def test_mistakes_are_named(old, new, words):
    with pytest.raises(ConfigError, match=words):
        yamlfile.loads(GOOD.replace(old, new), SitesFile)


@pytest.mark.parametrize(
    ("hours", "extra", "local", "served"),
    [
        pytest.param("07:00-17:00", "", "2026-03-02T06:59:59+08:00", False, id="before"),
        pytest.param("07:00-17:00", "", "2026-03-02T07:00:00+08:00", True, id="opens"),
        pytest.param("22:00-02:00", "", "2026-03-02T01:00:00+08:00", True, id="past-midnight"),
        pytest.param(
            "07:00-17:00", "    holidays: {2026-03-02: closed}\n", "2026-03-02T09:00:00+08:00", False, id="holiday"
        ),
        pytest.param("07:00-17:00", "    weekly: {sunday: closed}\n", "2026-03-01T09:00:00+08:00", False, id="sunday"),
    ],
)
def test_service_hours(hours, extra, local, served):
    from tapal_server.passages.fields import seconds

    place = site(hours=('"00:00-24:00"\n', f'"{hours}"\n{extra}'))
    assert in_service(place, seconds(local)) is served


CAMERAS = "    location: [4.143, 117.664]\n    cameras: [{}]\n"


def test_where_cameras_look_is_read_with_a_usual_view():
    old = "    location: [4.143, 117.664]\n"
    two = CAMERAS.format("{id: gate-1, bearing: 225, view: 70}, {id: gate-1, node: other, bearing: 0}")
    assert [(one.camera, one.node, one.bearing, one.view) for one in site(a=(old, two)).looks] == [
        ("gate-1", None, 225, 70), ("gate-1", "other", 0, 60),
    ]  # fmt: skip
    assert site().looks == ()


@pytest.mark.parametrize(
    ("cameras", "words"),
    [
        pytest.param("{id: gate-1, bearing: 360}", "bearing", id="no-such-direction"),
        pytest.param("{id: gate-1, bearing: -1}", "bearing", id="below-north"),
        pytest.param("{id: gate-1, bearing: 10, view: 360}", "view", id="all-round"),
        pytest.param("{id: gate-1}", "bearing", id="nothing-said"),
        pytest.param("{id: a, bearing: 1}, {id: a, bearing: 2}", "'a' is given twice", id="twice"),
    ],
)
def test_directions_that_are_none_are_named(cameras, words):
    with pytest.raises(ConfigError, match=words):
        site(a=("    location: [4.143, 117.664]\n", CAMERAS.format(cameras)))


def test_a_direction_needs_a_place():
    with pytest.raises(ConfigError, match="add 'location'"):
        site(a=("location: [4.143, 117.664]", "cameras: [{id: gate-1, bearing: 90}]"))
