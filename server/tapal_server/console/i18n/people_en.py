"""English texts: people, role."""

TEXTS: dict[str, str] = {
    "people.title": "People",
    "people.name": "Name",
    "people.role": "Role",
    "people.sites": "Posts",
    "people.state": "State",
    "people.action": "Action",
    "people.closed": "Closed",
    "people.open": "Active",
    "people.close": "Close account",
    "people.reopen": "Open account",
    "people.all_sites": "All posts",
    "people.add": "Open a new account",
    "people.username": "User name",
    "people.display_name": "Full name",
    "people.password": "First password (at least 12 letters)",
    "people.create": "Open account",
    "people.added": "The account {name} is open.",
    "role.officer": "Duty officer",
    "role.supervisor": "Section head",
    "role.analyst": "Analyst",
    "role.trainer": "Model trainer",
    "role.auditor": "Auditor",
    "role.partner": "Partner agency",
    "role.admin": "Administrator",
}

HELP: dict[str, tuple[str, ...]] = {
    "people": (
        "Everybody uses their own account, so that every act is on record under their name.",
        "Closing an account ends its sessions at once; its history stays.",
    ),
}
