"""The map: sites with their open alerts and cameras, on shapes that need no internet."""

import math
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import quote

from tapal_server.ais.service import VesselView
from tapal_server.console import shapes
from tapal_server.console.i18n import Words
from tapal_server.console.icons import icon
from tapal_server.console.markup import Html, join, tag
from tapal_server.console.ports import AlertRow
from tapal_server.console.views import common, ships
from tapal_server.console.views.cameras import watches
from tapal_server.console.views.looks import direction, wedge
from tapal_server.console.views.tiles import tiles
from tapal_server.correlation.types import Look, Site
from tapal_server.nodes import NodeView

WIDTH, HEIGHT = 900.0, 600.0
LEAST_SPAN = 0.42  # degrees of latitude shown at least, so that one post still has its surroundings
KM_PER_DEGREE = 111.32
BESIDE = 28.0
BELOW = 50.0
WIDE_LETTER = 24.0


@dataclass(frozen=True, slots=True)
class Frame:
    """The part of the earth that is shown: its middle, and pixels per degree of latitude."""

    latitude: float
    longitude: float
    scale: float

    def at(self, latitude: float, longitude: float) -> tuple[float, float]:
        """Where a place lies in the picture."""
        x = WIDTH / 2 + (longitude - self.longitude) * self.scale * math.cos(math.radians(self.latitude))
        return x, HEIGHT / 2 - (latitude - self.latitude) * self.scale


@dataclass(frozen=True, slots=True)
class Post:
    """A site as the map shows it."""

    site: Site
    alerts: int
    cameras: int
    watching: int
    watched: tuple[tuple[str, str, bool], ...] = ()  # node, camera, whether it is known to see


@dataclass(frozen=True, slots=True)
class Ground:
    """What lies under the posts: our own sketch, or the pictures of a tile server with whom to thank for them."""

    tiles: str | None = None
    thanks: str = ""


def posts(sites: Sequence[Site], alerts: Sequence[AlertRow], nodes: Sequence[NodeView]) -> list[Post]:
    """What each site has: open alerts, cameras, cameras that watch."""
    waiting = Counter(alert.site for alert in alerts if alert.open)
    cameras = Counter(node.site for node in nodes for _ in node.cameras)
    watching = Counter(node.site for node in nodes for camera in node.cameras if watches(node, camera))
    looks = {site.id: tuple(_looks(site.id, nodes)) for site in sites}
    return [Post(site, waiting[site.id], cameras[site.id], watching[site.id], looks[site.id]) for site in sites]


def _looks(site: str, nodes: Sequence[NodeView]) -> Iterator[tuple[str, str, bool]]:
    for node in nodes:
        if node.site == site:
            yield from ((node.node, camera.camera, watches(node, camera)) for camera in node.cameras)


def frame_of(places: Sequence[tuple[float, float]]) -> Frame:
    """A frame that holds all places with a margin."""
    latitudes, longitudes = [one[0] for one in places], [one[1] for one in places]
    middle = (min(latitudes) + max(latitudes)) / 2, (min(longitudes) + max(longitudes)) / 2
    narrow = math.cos(math.radians(middle[0]))
    tall = max(latitudes) - min(latitudes)
    wide = (max(longitudes) - min(longitudes)) * narrow * HEIGHT / WIDTH
    return Frame(*middle, HEIGHT / max(LEAST_SPAN, 1.5 * max(tall, wide)))


def sketch(
    found: Sequence[Post], words: Words, *, vessels: Sequence[VesselView] = (), ground: Ground | None = None
) -> Html:
    """The map and, for those who cannot see it, the same as a list."""
    placed = [post for post in found if post.site.location]
    if not found:
        return common.empty(words("map.empty"), words("map.empty.next"))
    drawing = _drawing(placed, vessels, ground or Ground(), words) if placed else None
    return join(drawing, _list(found, words), ships.listing(vessels, words))


def _drawing(placed: Sequence[Post], vessels: Sequence[VesselView], ground: Ground, words: Words) -> Html:
    frame = frame_of([post.site.location for post in placed if post.site.location])
    return join(
        tag(
            "svg",
            tag("rect", x=0, y=0, width=WIDTH, height=HEIGHT, class_="sea"),
            tiles(frame, WIDTH, HEIGHT, ground.tiles) if ground.tiles else _sketched(frame),
            _scale(frame),
            [ships.drawn(vessel, *frame.at(vessel.latitude, vessel.longitude)) for vessel in vessels],
            [_wedges(post, frame, words) for post in placed],
            [_post(post, frame, words) for post in placed],
            viewBox=f"0 0 {WIDTH:.0f} {HEIGHT:.0f}",
            class_="map",
            role="img",
            aria_label=words("map.label", n=len(placed)),
        ),
        tag("p", ground.thanks, class_="note") if ground.tiles and ground.thanks else None,
    )


def _sketched(frame: Frame) -> Html:
    border = " ".join(_pair(frame.at(*point)) for point in shapes.BORDER)
    return join(
        *(tag("polygon", points=" ".join(_pair(frame.at(*p)) for p in outline), class_="land") for outline in _land()),
        tag("polyline", points=border, class_="border-line"),
        *(_name(name, *frame.at(latitude, longitude)) for name, latitude, longitude in shapes.NAMES),
    )


def _land() -> list[shapes.Outline]:
    return list(shapes.LAND.values())


def _pair(point: tuple[float, float]) -> str:
    return f"{point[0]:.1f},{point[1]:.1f}"


def _name(name: str, x: float, y: float) -> Html | None:
    inside = 0 < x < WIDTH and 0 < y < HEIGHT
    return tag("text", name, x=x, y=y, text_anchor="middle", class_="land-name") if inside else None


def _scale(frame: Frame) -> Html:
    per_km = frame.scale / KM_PER_DEGREE
    km = next(length for length in (1, 2, 5, 10, 20, 50, 100, 200, 500, 5000) if length * per_km > 60)
    length = km * per_km
    return join(
        tag("path", d=f"M24 {HEIGHT - 30} v8 h{length:.1f} v-8", class_="scale"),
        tag("text", f"{km} km", x=24 + length / 2, y=HEIGHT - 36, text_anchor="middle", class_="scale-label"),
    )


def _post(post: Post, frame: Frame, words: Words) -> Html:
    assert post.site.location is not None
    x, y = frame.at(*post.site.location)
    name = post.site.name or post.site.id
    wide = WIDE_LETTER * len(name)
    beside = x + BESIDE + wide < WIDTH  # or else below, where it fits even in a phone's larger letters
    look = "alarm" if post.alerts else "blind" if post.watching < post.cameras or not post.cameras else "calm"
    return tag(
        "g",
        tag("title", _told(post, words)),
        tag("circle", cx=x, cy=y, r=20, class_=f"post {look}"),
        tag("text", str(post.alerts), x=x, y=y + 6, text_anchor="middle", class_=f"post-count {look}"),
        tag(
            "text",
            name,
            x=x + BESIDE if beside else min(x, WIDTH - wide / 2),
            y=y + (6 if beside else BELOW),
            text_anchor="start" if beside else "middle",
            class_="post-name",
        ),
    )


def _wedges(post: Post, frame: Frame, words: Words) -> Html:
    """Where the cameras of a post look, below its number."""
    assert post.site.location is not None
    x, y = frame.at(*post.site.location)
    drawn = (wedge(look, x, y, words, sees=_sees(post, look)) for look in post.site.looks)
    return join(*drawn)


def _sees(post: Post, look: Look) -> bool:
    return any(well and _is_of(look, node, camera) for node, camera, well in post.watched)


def _is_of(look: Look, node: str, camera: str) -> bool:
    return look.camera == camera and look.node in {None, node}


def _told(post: Post, words: Words) -> str:
    watching = words("map.watching", n=post.watching, total=post.cameras)
    return f"{post.site.name or post.site.id}: {words('map.alerts', n=post.alerts)}, {watching}"


def _list(found: Sequence[Post], words: Words) -> Html:
    return tag("ul", [_line(post, words) for post in found], class_="posts")


def _line(post: Post, words: Words) -> Html:
    place = None if post.site.location else tag("span", words("map.no_place"), class_="note")
    pills: Mapping[bool, str] = {True: "pill bad", False: "pill good"}
    return tag(
        "li",
        tag("a", post.site.name or post.site.id, href=f"/alerts?site={post.site.id}"),
        tag("span", words.either("site", post.site.kind), class_="note"),
        place,
        tag("span", words("map.alerts", n=post.alerts), class_=pills[post.alerts > 0]),
        tag(
            "span",
            words("map.watching", n=post.watching, total=post.cameras),
            class_=pills[post.watching < post.cameras or not post.cameras],
        ),
        *(_look(*one, post.site.looks, words) for one in post.watched),
    )


def _look(node: str, camera: str, well: bool, looks: Sequence[Look], words: Words) -> Html:  # noqa: FBT001 - one of three facts of a camera
    path = f"/cameras/{quote(node, safe='')}/{quote(camera, safe='')}"
    name = tag("a", icon("camera"), f"{node} · {camera}", href=path, class_="look")
    where = next((direction(look, words) for look in looks if _is_of(look, node, camera)), "")
    state = words("map.sees" if well else "map.sees_not")
    return join(name, tag("span", f"{state}, {where}" if where else state, class_="note"))
