"""English texts: one camera, its lines and zones."""

TEXTS: dict[str, str] = {
    "camera.title": "Camera",
    "camera.back": "Back to Cameras",
    "camera.picture": "Live picture of {place}; heads are blurred",
    "camera.asked": "Asking for a picture ...",
    "cameras.wall": "Live pictures",
    "draw.label": "Lines and zones over the picture",
    "draw.unknown": "This node does not tell which lines it counts at; what you send replaces them.",
    "draw.tool.line": "Draw a line",
    "draw.tool.zone": "Draw a zone",
    "draw.add": "Add a line by keyboard",
    "draw.how": (
        "Draw with mouse or finger. Drag a circle to move it, or choose it and use the arrow keys. A zone ends "
        "where it began. The arrow points where inbound goes."
    ),
    "draw.send": "Send to the camera",
    "draw.sent": "Sent. The node answers within a moment.",
    "draw.invalid": "Not sent: {reason}.",
    "draw.from": "start",
    "draw.to": "end",
    "draw.corner": "corner",
    "draw.flip": "Turn the arrow",
    "draw.drop": "Remove",
    "draw.id": "Name of",
    "draw.kind": "kind",
    "draw.line": "line",
    "draw.zone": "zone",
    "draw.last": "Last change",
    "draw.never": "Nobody has changed this camera from here yet.",
    "draw.asked": "{by}, {time}",
    "draw.reason": "The node says: {reason}",
    "draw.done": "In force",
    "draw.waiting": "Waiting for the node",
    "draw.refused": "Refused",
    "draw.expired": "No answer",
    "draw.history": "Who changed it",
    "draw.no_history": "No change yet.",
    "draw.no_history.next": "Each change from here is listed with who made it.",
    "view.title": "Reference view",
    "view.picture": "How the view of {camera} should look; heads are blurred",
    "view.none": "The node learned the view by itself from its first pictures; no picture was taken of it yet.",
    "view.taken": "Taken by {by}, {time}. “Moved” and “covered” are told when the camera no longer shows this.",
    "view.take": "Take the view of now",
    "view.how": (
        "Do this after the camera was turned or cleaned on purpose, in good light, with nothing in "
        "front of it. The node then compares with what it sees from now on."
    ),
    "zone.counter": "counter",
    "zone.restricted": "restricted",
    "zone.berth": "berth",
    "zone.waiting": "waiting",
}

HELP: dict[str, tuple[str, ...]] = {
    "camera": (
        "The picture is a look through the camera every few seconds, heads blurred; that you look is on record.",
        (
            "People are counted where they cross a line. Draw it across the way, at foot height, not at the edge "
            "of the picture."
        ),
        "The node checks what you send, keeps it, and says here whether it is in force.",
    ),
}
