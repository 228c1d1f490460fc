"""English texts: voyages."""

TEXTS: dict[str, str] = {
    "nav.voyages": "Voyages",
    "voyages.title": "Voyages",
    "voyages.empty": "No voyage is entered.",
    "voyages.empty.next": (
        "Enter one below, or import the schedule as CSV with the command import-voyages or over the API."
    ),
    "voyages.status.scheduled": "Scheduled",
    "voyages.status.under_way": "Under way",
    "voyages.status.over": "Over",
    "voyages.status.cancelled": "Cancelled",
    "voyages.declared": "Declared",
    "voyages.cleared": "Cleared (logged)",
    "voyages.boarded": "Boarded or landed (seen)",
    "voyages.agree": "The papers agree.",
    "voyages.disagree": "Declared and cleared do not agree.",
    "voyages.unknown": "Nothing was declared yet.",
    "voyages.counting": "Still going on: records and crossings are being counted.",
    "voyages.ais": "Heard over AIS",
    "voyages.heard": "near the site since {since}, last heard {heard}, {km} km away",
    "voyages.refused": "{n} refused or deferred.",
    "voyages.shared": "Seen together with {ids}: same line, direction and time.",
    "voyages.figures": "Persons",
    "voyages.manifest": "Manifest",
    "voyages.about": "This call",
    "voyages.window": "Where and when",
    "voyages.entry": "Entered",
    "voyages.entered": "by {by}, {at}, version {version}",
    "voyages.numbers": "Vessel",
    "voyages.note": "Note",
    "voyages.no_manifest": "There is no manifest yet.",
    "voyages.no_manifest.next": "Enter the number of persons, and document numbers if you have them. No names.",
    "voyages.manifest.persons": "Persons on the manifest",
    "voyages.manifest.persons.hint": "Empty: as many as documents.",
    "voyages.manifest.both": "Documents on the manifest and in the log",
    "voyages.manifest.only_listed": "On the manifest, without a record",
    "voyages.manifest.only_logged": "In the log, not on the manifest",
    "voyages.manifest.without": "Persons logged without a document",
    "voyages.manifest.take": "Take a manifest",
    "voyages.manifest.documents": "Document numbers or machine readable zones",
    "voyages.manifest.documents.hint": "One a line. They are hashed at once and never kept.",
    "voyages.manifest.save": "Take the manifest",
    "voyages.manifest.problems": "Taken, but for lines that cannot be read or repeat: {lines}",
    "voyages.manifest.file": "Take a manifest from a file",
    "voyages.manifest.file.csv": "CSV file (UTF-8), a row for each person",
    "voyages.manifest.file.hint": (
        "One column is called document_number, mrz, nomor_dokumen or no_paspor. Names and all else are passed over."
    ),
    "voyages.manifest.upload": "Take this file",
    "voyages.manifest.taken": "The manifest was taken.",
    "voyages.manifest.file.problem": (
        "This file cannot be taken. Save it as CSV UTF-8 with a column document_number, mrz, nomor_dokumen "
        "or no_paspor."
    ),
    "voyages.enter": "Enter a voyage",
    "voyages.change": "Change this voyage",
    "voyages.save": "Save",
    "voyages.cancel": "Cancel this voyage",
    "voyages.form.id": "Voyage number, as the passage log writes it",
    "voyages.form.vessel": "Vessel",
    "voyages.form.place": "Place",
    "voyages.form.direction": "Direction",
    "voyages.form.starts_at": "From (local time)",
    "voyages.form.ends_at": "Until (local time)",
    "voyages.form.declared": "Persons declared",
    "voyages.form.berth": "Berth",
    "voyages.form.mmsi": "MMSI (9 digits)",
    "voyages.form.imo": "IMO number (7 digits)",
    "voyages.form.note": "Note",
    "error.ends_at": "The end must be later than the start, by at most 7 days.",
    "error.starts_at": "Write the start as date and time.",
    "error.imo": "The IMO number has seven digits and the last one checks the others. Read it again.",
    "error.mmsi": "The MMSI has nine digits.",
    "error.vessel": "Give the name of the vessel.",
    "error.id": "Give the voyage number, without a slash.",
    "error.declared": "Persons is a whole number up to 10,000.",
    "error.persons": "Persons is a whole number up to 10,000.",
    "error.line": "Choose a place of the list.",
    "error.kind": "Choose a kind of the list.",
}

HELP: dict[str, tuple[str, ...]] = {
    "voyages": (
        (
            "Each call of a vessel: how many persons its papers declare, how many the log cleared under the "
            "voyage number, and how many the camera counted in its window."
        ),
        (
            "The camera misses some and counts some twice, so a small difference is normal; an alert says "
            "when chance no longer explains it."
        ),
        "Manifests are kept as a number of persons and hashed documents, never with names.",
    ),
}
