"""English texts: help and keys."""

TEXTS: dict[str, str] = {
    "nav.help": "Help",
    "nav.group.watch": "On watch",
    "nav.group.passages": "Passages",
    "nav.group.learn": "What we know",
    "nav.group.run": "Running it",
    "nav.group.other": "Other",
    "help.title": "Help and keys",
    "help.switch": "Keys of one letter",
    "help.switch.how": (
        "They work where nothing is being typed. Turn them off if you speak to your machine or keys are "
        "pressed by chance."
    ),
    "help.keys.on": "Keys are on",
    "help.keys.off": "Keys are off",
    "help.keys": "Keys",
    "help.jumps": "Go to a page",
    "help.all": "On every page",
    "help.all.help": "This page",
    "help.all.g": "then a letter from the list below: go to that page",
    "help.all.tab": "To the next button or link; the first one skips to the content",
    "help.all.esc": "Close a menu or a dialog",
    "help.duty": "On Duty and Alerts",
    "help.duty.j": "To the next alert",
    "help.duty.k": "To the alert before",
    "help.duty.enter": "Open the alert",
    "help.duty.a": "Acknowledge the alert",
    "help.duty.x": "Resolve the alert: choose what it was",
    "help.alert": "On an alert's page",
    "help.alert.n": "Write a note",
    "help.alert.1": "To the verdict Confirmed; Enter judges",
    "help.alert.2": "To the verdict Explained",
    "help.alert.3": "To the verdict False alarm",
    "help.alert.4": "To the verdict Welfare",
    "help.pages": "What each page is for",
}

HELP: dict[str, tuple[str, ...]] = {}
