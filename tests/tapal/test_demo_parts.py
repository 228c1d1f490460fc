import json
from datetime import UTC, datetime

import pytest
import yaml

from tapal.demo.clerk import Clerk, Habits
from tapal.demo.files import Ports, Scene, parse_line, write
from tapal_contract.errors import TapalError
from tapal_contract.events import parse_event
from tests.contract.test_events import BASE


def crossing(number: int):
    return parse_event(json.dumps({**BASE, "seq": number}))


def served(seed: int, people: int = 400):
    clerk = Clerk("DEMO", Habits(), seed=seed)
    return clerk, [[row.recorded_at for row in clerk.serve(crossing(n))] for n in range(1, people)]


def test_the_clerk_leaves_out_about_the_share_it_should():
    clerk, rows = served(1)
    assert clerk.left_out == sum(not row for row in rows)
    assert 0.03 < clerk.left_out / len(rows) < 0.1


def test_the_same_seed_leaves_out_the_same_people():
    assert served(5)[1] == served(5)[1]
    assert served(5)[1] != served(6)[1]


def test_records_come_after_the_crossing_within_the_delay_the_site_file_promises():
    clerk = Clerk("DEMO", Habits(), seed=3)
    delays = [(r.recorded_at - crossing(1).time).total_seconds() for _ in range(1000) for r in clerk.serve(crossing(1))]
    assert min(delays) > 0
    assert max(delays) < 4


def test_boats_have_no_passport():
    clerk = Clerk("DEMO", Habits(left_out=0.0), seed=1)
    boat = parse_event(json.dumps({**BASE, "label": "boat"}))
    assert list(clerk.serve(boat)) == []


def test_a_row_is_what_the_passage_api_takes():
    clerk = Clerk("DEMO", Habits(left_out=0.0), seed=1)
    (row,) = clerk.serve(crossing(1))
    assert set(row.as_json()) == {"record_id", "recorded_at", "direction", "checkpoint"}
    assert datetime.fromisoformat(row.as_json()["recorded_at"]).astimezone(UTC) > crossing(1).time


@pytest.mark.parametrize("text", ["", "1,2,3", "a,b,c,d", "0.1,0.1,0.1,0.1", "0,0,0,1.2", "0,0,0,nan"])
def test_a_line_that_is_none_is_refused_with_an_example(text):
    with pytest.raises(TapalError, match=r"--line .* such as 0\.5"):
        parse_line(text)


def test_files_are_written_for_every_line_and_direction(tmp_path):
    scene = Scene(source="pier.mp4", loop=True, lines=(parse_line("0.5,0.1,0.5,0.9"),))
    write(tmp_path, scene, Ports(http=8080, mqtt=1883))
    sites = yaml.safe_load((tmp_path / "sites.yaml").read_text())
    assert [gate["direction"] for gate in sites["sites"][0]["gates"]] == ["inbound", "outbound"]
    edge = yaml.safe_load((tmp_path / "edge.yaml").read_text())
    assert edge["cameras"][0]["lines"] == [
        {"id": "gate", "from": [0.5, 0.1], "to": [0.5, 0.9], "inbound": "left_to_right"}
    ]
