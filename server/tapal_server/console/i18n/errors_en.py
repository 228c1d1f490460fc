"""English texts: what cannot be used, by the field it stands in."""

TEXTS: dict[str, str] = {
    "problem.invalid": "This cannot be used: {reason}.",
    "error.assignee": "This colleague is not known. Choose somebody from the list.",
    "error.code": "The code does not fit. Check the clock of the device and try the next one.",
    "error.minutes": "Shelving lasts from 1 minute to 24 hours. Choose another time.",
    "error.name": "This name cannot be used. Take 2 to 64 letters, digits, dots or dashes.",
    "error.note": "Write a note of up to 4000 letters that says what was found.",
    "error.password": "The password needs at least 12 letters and must not be built on the user name.",
    "error.reason": "Say why, in a few words.",
    "error.role": "Choose a role of the list.",
    "error.source": "Give the source a name of 1 to 64 letters, without a slash.",
    "error.to": "Choose a colleague of the list, other than yourself.",
    "error.until": "A report covers up to 100 days and ends after it begins. Choose other days.",
    "error.file": "This file cannot be read. Save it as CSV in UTF-8 and choose it again.",
}

HELP: dict[str, tuple[str, ...]] = {}
