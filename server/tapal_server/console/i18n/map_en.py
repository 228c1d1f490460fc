"""English texts: map, site."""

TEXTS: dict[str, str] = {
    "map.title": "Map",
    "map.label": "Sketch map of {n} places; the list below says the same.",
    "map.empty": "There is no site yet.",
    "map.empty.next": "Add a site to the file sites.yaml and start the server again.",
    "map.alerts": "{n} open alerts",
    "map.watching": "{n} of {total} cameras watching",
    "map.no_place": "no location on the map",
    "map.sees": "watching",
    "map.sees_not": "not watching",
    "map.looks": "looks {wind} ({degrees}°)",
    "map.wind.n": "north",
    "map.wind.ne": "north-east",
    "map.wind.e": "east",
    "map.wind.se": "south-east",
    "map.wind.s": "south",
    "map.wind.sw": "south-west",
    "map.wind.w": "west",
    "map.wind.nw": "north-west",
    "map.vessels": "Vessels heard over AIS",
    "map.vessel": "{km} km from {site}",
    "map.knots": "{n} knots",
    "site.checkpoint": "checkpoint",
    "site.unofficial": "unofficial path",
    "site.pier": "pier",
}

HELP: dict[str, tuple[str, ...]] = {
    "map": (
        (
            "The number in a circle is its open alerts. Red: there are alerts. Amber: a camera is not watching. "
            "Green: calm."
        ),
        "A wedge beside a circle is where a camera looks; dashed if it is not watching.",
        "This map is our own sketch and works without internet; it is not for navigation.",
    ),
}
