"""English texts: letting a gate wait."""

TEXTS: dict[str, str] = {
    "nav.shelves": "Shelving",
    "shelves.title": "Shelving",
    "shelves.put": "Let a gate wait",
    "shelves.place": "Place",
    "shelves.minutes": "For",
    "shelves.reason": "Why (somebody will read it)",
    "shelves.button": "Let it wait",
    "shelves.empty": "No gate is shelved.",
    "shelves.empty.next": (
        "Shelve one while its camera is cleaned or work goes on there, instead of judging one false alarm after "
        "another."
    ),
    "shelves.camera": "camera {name}",
    "shelves.until": "Until {time}",
    "shelves.by": "{name}, {time}",
    "shelves.end": "Watch it again now",
}

HELP: dict[str, tuple[str, ...]] = {
    "shelves": (
        "Alerts of a shelved gate are still raised and kept, but tell nobody until the time is over.",
        "Shelving is for a known cause and a short time; a handover names every shelf.",
    ),
}
