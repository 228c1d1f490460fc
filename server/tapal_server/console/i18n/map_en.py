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
        "This map is our own sketch and works without internet; it is not for navigation.",
    ),
}
