"""The console's own line icons, drawn on a 24 by 24 grid."""

from tapal_server.console.markup import Html

SHAPES: dict[str, str] = {
    "mark": '<path d="M4 20h16M7 20V9l5-5 5 5v11M12 20v-6"/>',
    "duty": '<path d="M6 16V11a6 6 0 0 1 12 0v5l2 2H4zM10 21h4"/>',
    "map": '<path d="M9 5 3 7v13l6-2 6 2 6-2V5l-6 2zM9 5v13M15 7v13"/>',
    "camera": '<path d="M3 8h11v9H3zM14 11l7-4v11l-7-4"/>',
    "data": '<path d="M5 4h10l4 4v12H5zM9 12h6M9 16h6M9 8h2"/>',
    "gate": '<path d="M4 20V6M20 20V6M4 9h16M8 13v7M12 13v7M16 13v7M4 13h16"/>',
    "more": '<path d="M4 6h16M4 12h16M4 18h16"/>',
    "report": '<path d="M5 20V10M11 20V4M17 20v-7M3 20h18"/>',
    "review": '<path d="M4 5h16v11H9l-5 4zM8 9h8M8 12h5"/>',
    "model": '<path d="m12 3 8 4.5v9L12 21l-8-4.5v-9zM4 7.500l8 4.500 8-4.500M12 12v9"/>',
    "admin": '<path d="M12 4a4 4 0 1 1 0 8 4 4 0 0 1 0-8M4 21c0-4 3.500-6 8-6s8 2 8 6"/>',
    "gear": '<path d="M12 9a3 3 0 1 1 0 6 3 3 0 0 1 0-6M12 3v3M12 18v3M3 12h3M18 12h3M5.600 5.600l2.100 2.100'
    'M16.300 16.300l2.100 2.100M5.600 18.400l2.100-2.100M16.300 7.700l2.100-2.100"/>',
    "ship": '<path d="M4 14h16l-2 5H6zM7 14V9h10v5M12 9V4M9 6h6"/>',
    "help": '<path d="M12 3a9 9 0 1 1 0 18 9 9 0 0 1 0-18'
    'M9.500 9.500a2.500 2.500 0 1 1 3.500 2.300c-.7.3-1 .8-1 1.700M12 17v.01"/>',
    "sound": '<path d="M4 10v4h4l5 4V6L8 10zM16 9a4 4 0 0 1 0 6M18.500 6.500a8 8 0 0 1 0 11"/>',
    "mute": '<path d="M4 10v4h4l5 4V6L8 10zM16 10l5 5M21 10l-5 5"/>',
    "back": '<path d="M19 12H5M11 6l-6 6 6 6"/>',
    "next": '<path d="M9 6l6 6-6 6"/>',
    "check": '<path d="M5 13l4 4L19 7"/>',
    "screen": '<path d="M12 4a8 8 0 1 0 0 16zM12 4a8 8 0 0 1 0 16"/>',
    "out": '<path d="M10 4H5v16h5M14 8l5 4-5 4M19 12H9"/>',
    "in": '<path d="M14 4h5v16h-5M10 8l-5 4 5 4M5 12h10"/>',
    "clock": '<path d="M12 3a9 9 0 1 1 0 18 9 9 0 0 1 0-18M12 7v5l3 3"/>',
    "picture": '<path d="M4 5h16v14H4zM4 16l5-5 4 4 3-3 4 4M15.500 9v.01"/>',
    "alert": '<path d="M12 4 3 20h18zM12 10v5M12 17.500v.01"/>',
    "person": '<path d="M12 4a3 3 0 1 1 0 6 3 3 0 0 1 0-6M6 21v-4a6 6 0 0 1 12 0v4"/>',
    "help_hand": '<path d="M12 20s-7-4.500-7-10a4 4 0 0 1 7-2.500A4 4 0 0 1 19 10c0 5.500-7 10-7 10z"/>',
    "swap": '<path d="M4 8h13M13 4l4 4-4 4M20 16H7M11 12l-4 4 4 4"/>',
    "calendar": '<path d="M4 6h16v14H4zM4 10h16M8 3v5M16 3v5M8 14h3M13 14h3"/>',
    "scales": '<path d="M12 4v16M7 20h10M5 7h14M5 7l-3 7h6zM19 7l-3 7h6z"/>',
    "flag": '<path d="M6 21V4M6 5h12l-3 4 3 4H6"/>',
    "chain": '<path d="M10 14a4 4 0 0 1 0-5l3-3a3.500 3.500 0 0 1 5 5l-1.500 1.500'
    'M14 10a4 4 0 0 1 0 5l-3 3a3.500 3.500 0 0 1-5-5l1.500-1.500"/>',
    "cross": '<path d="M6 6l12 12M18 6 6 18"/>',
}
KINDS = {
    "presence": "person",
    "manifest_mismatch": "ship",
    "bypass": "gate",
    "unlogged_crossing": "alert",
    "count_excess": "report",
    "record_conflict": "data",
    "blind": "camera",
    "surge": "duty",
}
VERDICTS = {"confirmed": "check", "explained": "data", "false_alarm": "cross", "welfare": "help_hand"}


def icon(name: str) -> Html:
    """A decorative icon: text beside it says the same."""
    return Html(f'<svg class="icon" viewBox="0 0 24 24" aria-hidden="true" focusable="false">{SHAPES[name]}</svg>')
