import math
import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import httpx
import pytest
from fastapi import FastAPI
from pydantic import ValidationError

from tapal_server.ais.service import VesselView
from tapal_server.api.headers import SecurityHeaders
from tapal_server.console.i18n import words
from tapal_server.console.views.looks import direction, wedge
from tapal_server.console.views.map import HEIGHT, WIDTH, Ground, frame_of, posts, sketch
from tapal_server.console.views.tiles import tiles
from tapal_server.correlation.types import Look
from tapal_server.db.tables import VesselRow
from tapal_server.settings import HttpSettings
from tests.console.fakes import SITES, alert, node
from tests.console.test_camera import report


async def test_the_map_shows_posts_alerts_and_cameras(officer, desk):
    desk.put(alert())
    desk.watching = [node()]
    await officer.open("/map")
    for text in ("<svg", "Tunon Taka: 1 peringatan terbuka, 1 dari 1 kamera mengawasi", "jalur tidak resmi"):
        await officer.should_see(text)


def test_a_post_counts_open_alerts_and_watching_cameras():
    found = posts(SITES, [alert(1), alert(2, open=False)], [node(status="offline")])
    assert [(post.alerts, post.cameras, post.watching) for post in found] == [(1, 1, 0), (0, 0, 0)]


def test_every_place_lies_inside_the_picture():
    places = [(4.143, 117.664), (4.06, 117.95), (3.2, 116.1)]
    frame = frame_of(places)
    for x, y in (frame.at(*place) for place in places):
        assert 0 < x < WIDTH
        assert 0 < y < HEIGHT


def test_north_is_up_and_east_is_right():
    frame = frame_of([(4.0, 117.0)])
    assert frame.at(4.1, 117.0)[1] < HEIGHT / 2 < frame.at(3.9, 117.0)[1]
    assert frame.at(4.0, 117.1)[0] > WIDTH / 2


async def test_each_camera_is_listed_with_its_state_and_the_way_to_its_view(running):
    report(running.parts)
    user = await running.sign_in("sari")
    await user.open("/map")
    for text in ("/cameras/nunukan-01/gate-1", "mengawasi"):
        await user.should_see(text)
    await user.should_not_see("Kapal yang terdengar lewat AIS")


async def test_vessels_heard_lately_are_drawn_where_they_are(running):
    now = running.parts.services.clock.now()
    ship = {"site": "tunon-taka", "latitude": 4.1, "longitude": 117.6, "distance_km": 1.2, "near_since": now}
    with running.parts.database.write() as session:
        session.add(VesselRow(mmsi=525_012_345, name="KM Labuan", course=90.0, speed_knots=7.5, heard_at=now, **ship))
        session.add(VesselRow(mmsi=525_012_346, heard_at=now - timedelta(hours=2), **ship))
    user = await running.sign_in("sari")
    await user.open("/map")
    for text in ("Kapal yang terdengar lewat AIS", "KM Labuan", "1,2 km dari tunon-taka", "7,5 knot"):
        await user.should_see(text)
    await user.should_not_see("525012346")


def test_a_vessel_is_drawn_where_it_is_and_points_where_it_goes():
    moment = datetime(2026, 3, 2, 6, tzinfo=UTC)
    ship = VesselView(
        mmsi=525_012_345, imo=None, name=None, call_sign=None, ship_type=None, site="tunon-taka", latitude=4.1,
        longitude=117.7, distance_km=1.0, speed_knots=None, course=90.0, near_since=moment, heard_at=moment,
    )  # fmt: skip
    drawn = sketch(posts(SITES, [], []), words("id"), vessels=[ship])
    x, y = frame_of([(4.143, 117.664), (4.06, 117.76)]).at(4.1, 117.7)
    assert f"translate({x:.1f} {y:.1f}) rotate(90)" in drawn
    assert "MMSI 525012345" in drawn


def test_tiles_cover_the_picture_and_lie_where_they_belong():
    frame = frame_of([(4.143, 117.664), (4.06, 117.76)])
    drawn = tiles(frame, WIDTH, HEIGHT, "https://tiles.example/{z}/{x}/{y}.png")
    places = [tuple(map(float, one)) for one in re.findall(r' x="([^"]+)" y="([^"]+)" width', drawn)]
    sizes = [float(one) for one in re.findall(r'width="([^"]+)"', drawn)]
    assert 150 < min(sizes) <= max(sizes) < 420, "each picture is shown about as large as it is"
    assert min(x for x, _ in places) <= 0 <= WIDTH <= max(x for x, _ in places) + max(sizes)
    assert min(y for _, y in places) <= 0 <= HEIGHT <= max(y for _, y in places) + max(sizes)
    assert re.search(r"https://tiles.example/11/1693/1000.png", drawn), "Nunukan's own tile"


def test_with_a_tile_server_the_sketch_gives_way_and_it_is_thanked():
    (post, *_) = posts(SITES, [], [])
    drawn = sketch([post], words("id"), ground=Ground("https://tiles.example/{z}/{x}/{y}.png", "(c) somebody"))
    assert "(c) somebody" in drawn
    assert 'class="land"' not in drawn
    assert 'class="land"' in sketch([post], words("id"))


@pytest.mark.parametrize("url", ["ftp://x/{z}/{x}/{y}", "https://x/{z}/{x}", "https://x/{z}/{x}/{y}; script-src *"])
def test_what_is_no_tile_server_is_refused(url):
    with pytest.raises(ValidationError, match="not a tile server"):
        HttpSettings(map_tiles=url)


async def test_a_browser_may_load_pictures_from_the_tile_server_alone():
    app = FastAPI()
    app.add_middleware(SecurityHeaders, secure=False, tiles="https://tiles.example/{z}/{x}/{y}.png")
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://test") as client:
        policy = (await client.get("/")).headers["content-security-policy"]
    assert "img-src 'self' https://tiles.example data:" in policy
    assert policy.count("tiles.example") == 1


def look(**changes: object) -> Look:
    return Look(**{"camera": "gate-1", "bearing": 90.0, "view": 60.0, **changes})


def corners(drawn: str) -> list[tuple[float, float]]:
    """The first and the second corner of a wedge, far from its post."""
    (path,) = re.findall(r' d="([^"]+)"', drawn)
    x1, y1, x2, y2 = re.fullmatch(r"M(\S+) (\S+)A62 62 0 [01] 1 (\S+) (\S+)L.*Z", path).groups()
    return [(float(x1), float(y1)), (float(x2), float(y2))]


@pytest.mark.parametrize(
    ("bearing", "x", "y"),
    [
        pytest.param(0.0, 0, -1, id="north-is-up"),
        pytest.param(90.0, 1, 0, id="east-is-right"),
        pytest.param(180.0, 0, 1, id="south-is-down"),
        pytest.param(270.0, -1, 0, id="west-is-left"),
    ],
)
def test_a_wedge_points_where_the_camera_looks(bearing, x, y):
    one, other = corners(wedge(look(bearing=bearing), 100, 200, words("id"), sees=True))
    middle = (one[0] + other[0]) / 2 - 100, (one[1] + other[1]) / 2 - 200
    far = 62 * math.cos(math.radians(30))
    assert middle == pytest.approx((x * far, y * far), abs=0.2)
    assert math.dist(one, other) == pytest.approx(62, abs=0.2), "as wide as it sees: 60 degrees"


@pytest.mark.parametrize(
    ("bearing", "says"), [(0, "utara (0"), (44, "timur laut (44"), (225, "barat daya (225"), (350, "utara (350")]
)
def test_the_direction_is_told_by_the_nearest_wind(bearing, says):
    assert f"menghadap {says}\u00b0)" in direction(look(bearing=float(bearing)), words("id"))


def test_a_camera_that_does_not_watch_is_drawn_dashed_and_the_list_says_where_it_looks():
    sees = sketch(posts(SITES, [], [node()]), words("en"))
    assert 'class="wedge"' in sees
    assert "watching, looks south-west (225\u00b0)" in sees
    for nodes in ([], [node(status="offline")], [node("other-01", site="bambangan")]):
        assert 'class="wedge blind"' in sketch(posts(SITES, [], nodes), words("en"))


def test_of_two_nodes_with_a_camera_of_one_name_each_has_its_own_wedge():
    place = replace(SITES[0], looks=(look(node="nunukan-01"), look(node="other-01", bearing=0.0)))
    drawn = sketch(posts([place], [], [node(), node("other-01", "offline")]), words("en"))
    assert (drawn.count('class="wedge"'), drawn.count('class="wedge blind"')) == (1, 1)
    assert "looks east" in drawn
    assert "looks north (0" in drawn
