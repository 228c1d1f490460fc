from tapal_server.console.views.map import HEIGHT, WIDTH, frame_of, posts
from tests.console.fakes import SITES, alert, node


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
