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
    "reports.over": "Hours with more than 6 alerts",
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
