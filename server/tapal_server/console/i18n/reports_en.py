"""English texts: reports."""

TEXTS: dict[str, str] = {
    "nav.reports": "Reports",
    "reports.title": "Reports",
    "reports.period": "Period",
    "reports.shift": "This shift",
    "reports.today": "Today",
    "reports.yesterday": "Yesterday",
    "reports.week": "Last 7 days",
    "reports.month": "Last 30 days",
    "reports.custom": "From a day to a day",
    "reports.first": "From day",
    "reports.last": "To day",
    "reports.show": "Show",
    "reports.xlsx": "Download workbook (XLSX)",
    "reports.pdf": "Download for print (PDF)",
    "reports.span": "From {since} to {until}.",
    "reports.figures": "In short",
    "reports.traffic": "Seen by cameras and logged",
    "reports.alerts": "Alerts and what they were",
    "reports.blind": "Surveillance lost",
    "reports.raised": "Alerts",
    "reports.acknowledged": "Acknowledged after (median)",
    "reports.resolved": "Resolved after (median)",
    "reports.busiest": "Alerts in the busiest hour",
    "reports.over": "Hours with more than {n} alerts",
    "reports.late": "Nine of ten acknowledged within",
    "reports.load": "What officers had to bear",
    "reports.no_load": "No alert to bear in this period.",
    "reports.no_load.next": "Alerts by the hour and floods are drawn here as soon as there are some.",
    "reports.floods": "Floods",
    "reports.flood_minutes": "Time in floods",
    "reports.severity": "Severity {name}",
    "reports.by_hour": "Most alerts came in the hour from {hour}:00: {n}.",
    "reports.floods.how": (
        "A flood is ten alerts in ten minutes, and lasts until ten minutes bring fewer than five. Nobody can "
        "judge that many well: look for their common cause."
    ),
    "reports.source": "Source",
    "reports.source.camera": "Camera",
    "reports.source.node": "Node",
    "reports.source.feed": "Log",
    "reports.blind.for": "Lost for",
    "reports.blind.share": "There for",
    "reports.agencies": "Differences between agencies",
    "reports.logs": "Logs",
    "reports.agreeing": "Agree",
    "reports.only_first": "Only in the first",
    "reports.only_second": "Only in the second",
    "reports.times_differ": "Times differ",
    "reports.persons_differ": "Persons differ",
    "reports.left_out": "{n} days hold more records than can be compared and are left out.",
    "reports.no_agencies": "No two logs are compared day by day.",
    "reports.no_agencies.next": (
        "Name pairs of sources under reconcile in the settings file, or compare two logs once on the page "
        "Reconciliation."
    ),
    "reports.minutes": "{n} minutes",
    "reports.none": "-",
    "reports.gate": "Place",
    "reports.seen": "Seen",
    "reports.logged": "Logged",
    "reports.difference": "Difference",
    "reports.no_traffic": "Nobody was seen or logged in this period.",
    "reports.no_traffic.next": "Choose a longer period, or look at Cameras whether all are watching.",
    "reports.no_alerts": "No alert in this period.",
    "reports.no_alerts.next": "That is good news only if no camera was blind: see below.",
    "reports.kind.raised": "Raised",
    "reports.kind.confirmed": "Confirmed",
    "reports.kind.welfare": "Welfare",
    "reports.kind.explained": "Explained",
    "reports.kind.false_alarm": "False",
    "reports.kind.open": "Open",
    "reports.precision": "Right",
    "reports.never_blind": "No camera, node or feed was lost.",
}

HELP: dict[str, tuple[str, ...]] = {
    "reports": (
        (
            "Figures of a shift, a day or a period. Seen and logged need not be equal: cameras miss some and count "
            "some twice."
        ),
        "Right is the share of judged leads that were confirmed or a welfare case. Looking at a report is on record.",
    ),
}
