"""English texts: rules of who is told what."""

TEXTS: dict[str, str] = {
    "rules.of_file": (
        "As in the settings file; nobody changed it here. What is saved here counts at once, on every "
        "server, and is on record."
    ),
    "rules.changed": (
        "Changed by {by}, {time}. It counts instead of the settings file, and is on record with what held before."
    ),
    "rules.no_channels": (
        "Rules need a channel; channels are set up in the settings file, because their addresses are secret."
    ),
    "rules.new": "New rule",
    "rules.unused": "none: leave this one out",
    "rules.drop": "none: drop this rule",
    "rules.quiet_from": "Quiet from",
    "rules.quiet_to": "Quiet until",
    "rules.sites": "Posts (none ticked: all)",
    "rules.levels": "Steps of escalation (none ticked: all)",
    "rules.kinds": "Kinds (none ticked: all)",
    "rules.escalation": "Told again when nobody takes it",
    "rules.step": "Step {n}: after minutes",
    "rules.step_least": "Step {n}: if at least",
    "rules.push": "What browsers are told",
    "rules.save": "Save the rules",
    "rules.forget": "Back to the settings file",
    "rules.saved": "The rules count from now on.",
    "error.rules": "A rule cannot be so: tick at least one occasion, and write minutes as numbers.",
    "error.escalation": "Each step has to come later than the one before.",
    "error.channel": "This channel is no longer in the settings file. Choose another.",
    "audit.action.notify.rules": "Changed who is told what",
    "audit.action.camera.view": "Took a camera's reference view",
}

HELP: dict[str, tuple[str, ...]] = {}
