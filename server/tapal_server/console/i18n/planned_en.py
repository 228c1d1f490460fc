"""English texts: planned movements."""

TEXTS: dict[str, str] = {
    "nav.planned": "Planned movements",
    "planned.title": "Planned movements",
    "planned.empty": "No movement is planned.",
    "planned.empty.next": (
        "Enter deportee ferries, exercises and domestic sailings below, so that they raise no alerts."
    ),
    "planned.window": "When",
    "planned.place": "Place",
    "planned.kind": "Kind",
    "planned.persons": "Persons expected",
    "planned.came": "Seen",
    "planned.came.logged": "{n} ({logged} logged)",
    "planned.note": "Why, and who ordered it",
    "planned.note.hint": "This text stands in the history of every alert that the movement explains.",
    "planned.by": "Entered by",
    "planned.state": "State",
    "planned.late": "entered late",
    "planned.both": "both directions",
    "planned.direction": "Direction",
    "planned.whole_site": "{site}, all lines",
    "planned.kind.deportation": "Deportees",
    "planned.kind.exercise": "Exercise",
    "planned.kind.domestic": "Domestic sailing",
    "planned.kind.official": "Official visit",
    "planned.kind.works": "Works",
    "planned.kind.other": "Other",
    "planned.enter": "Enter a movement",
    "planned.starts_at": "From (local time)",
    "planned.ends_at": "Until (local time)",
    "planned.save": "Enter",
    "planned.cancel": "Cancel",
    "planned.entered": "Entered. Open alerts that it covers close as explained.",
}

HELP: dict[str, tuple[str, ...]] = {
    "planned": (
        (
            "A planned movement explains the crossings it covers. Alerts that are open already close as "
            "explained, and their history names the movement."
        ),
        (
            "Enter it beforehand where you can: one entered after it began is marked so. Every change is kept "
            "with its author."
        ),
        (
            "A number of persons is a limit: when more are seen than plan and log together explain, an alert "
            "shows those who came beyond it. Leave it empty where people go back and forth."
        ),
    ),
}
