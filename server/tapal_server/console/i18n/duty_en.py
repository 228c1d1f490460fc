"""English texts: duty, shift, handover."""

TEXTS: dict[str, str] = {
    "duty.title": "Duty",
    "duty.new": "Needs action",
    "duty.mine": "Being handled",
    "duty.cleared": "Explained by themselves",
    "duty.empty.new": "No new alerts.",
    "duty.empty.new.next": "New alerts appear here by themselves. Leave this page open.",
    "duty.empty.mine": "Nothing is being handled.",
    "duty.empty.mine.next": "Press Acknowledge on an alert to start handling it.",
    "duty.empty.cleared": "Nothing explained itself.",
    "duty.empty.cleared.next": "Alerts that a late record explained before anyone looked stay here for eight hours.",
    "duty.older": "Only the newest {most} are listed here: {n} older alerts that are not finished are not shown.",
    "duty.older.see": "See the older ones",
    "duty.early": "its record may just be late",
    "duty.surge": "{n} alerts in one surge",
    "shift.title": "This shift",
    "shift.since": "Since {time}.",
    "shift.raised": "Alerts",
    "shift.waiting": "Waiting",
    "shift.response": "Acknowledged after (median)",
    "handover.title": "Shift handover",
    "handover.give": "Hand the shift over",
    "handover.to": "To",
    "handover.alone": "There is no colleague yet.",
    "handover.alone.next": "The administrator can open an account for your colleague.",
    "handover.empty": "Nothing was handed over yet.",
    "handover.empty.next": "At the end of your shift, choose who comes next and hand it over.",
    "handover.line": "{by} to {to}",
    "handover.accepted": "Accepted at {time}",
    "handover.waiting": "Waiting to be accepted",
    "handover.alert": "Alert {n}",
    "handover.open": "{n} alerts are still open.",
    "handover.blind": "Not watching: {names}.",
    "handover.shelved": "Shelved: {names}.",
    "handover.accept": "Accept this shift",
    "handover.given": "The shift is handed over and waits to be accepted.",
}

HELP: dict[str, tuple[str, ...]] = {
    "duty": (
        (
            "New alerts appear at the top by themselves. Press Acknowledge so that colleagues know you have it, "
            "then Resolve with one of the four outcomes."
        ),
        (
            "Turn the sound on once when your shift begins. It repeats every 20 seconds until every new alert of "
            "medium or high priority is acknowledged; one of low priority, such as one that a late row will probably "
            "explain, sounds once and softly, and rings when it becomes likely."
        ),
        (
            "Explained by themselves holds alerts of the last eight hours that a late record explained before anyone "
            "looked: so that you know, nothing more."
        ),
    ),
    "handover": (
        (
            "Hand your shift to whoever comes next. Every open alert and every camera that does not watch is "
            "listed, and your colleague accepts them by name."
        ),
    ),
}
