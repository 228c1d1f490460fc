"""English texts: cameras, camera."""

TEXTS: dict[str, str] = {
    "cameras.title": "Cameras and nodes",
    "cameras.empty": "No node has reported yet.",
    "cameras.empty.next": "Start tapal edge run at the post; the node appears here once it is connected.",
    "cameras.all_well": "All {n} cameras are watching.",
    "cameras.blind": "{n} of {total} cameras are not watching. Watch their gates by eye.",
    "cameras.connected": "Connected",
    "cameras.seen": "heard",
    "cameras.never": "never",
    "cameras.fps": "{fps} frames/second",
    "cameras.last": "Last: {event}, {time}",
    "cameras.queue": "Messages waiting on the node",
    "cameras.temperature": "Temperature",
    "cameras.disk": "Disk free",
    "cameras.version": "Version",
    "cameras.lost": "{n} messages were lost before they reached the server.",
    "cameras.conflicts": "{n} messages with a number used twice: are there two nodes of one name?",
    "camera.online": "Watching",
    "camera.offline": "Cut off",
    "camera.starting": "Starting",
    "camera.unknown": "Not known yet",
    "camera.unreached": "Out of reach",
    "camera.dark": "Dark",
    "camera.covered": "Covered",
    "camera.defocused": "Out of focus",
    "camera.moved": "Moved",
}

HELP: dict[str, tuple[str, ...]] = {
    "cameras": (
        (
            "Every node reports each 30 seconds. A camera that does not watch leaves its gate blind: watch by eye "
            "until it is back."
        ),
        "Waiting messages mean that the link to the server is down; nothing is lost, they follow.",
    ),
}
