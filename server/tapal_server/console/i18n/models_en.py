"""English texts: models, nodes and roll-outs."""

TEXTS: dict[str, str] = {
    "nav.models": "Models and nodes",
    "models.title": "Models and nodes",
    "models.nodes": "What runs where",
    "models.node": "Node",
    "models.active": "Uses",
    "models.previous": "Used before",
    "models.state": "State",
    "models.reported": "Said so",
    "models.untold": "does not say",
    "models.no_nodes": "No node has reported yet.",
    "models.no_nodes.next": "A node is listed here once it has sent its first message.",
    "models.refused": "Refused messages",
    "models.none_refused": "No message was refused.",
    "models.none_refused.next": "What is malformed, too large, unsigned or forged is counted here and never stored.",
    "models.refused.of": "Of",
    "models.refused.why": "Why",
    "models.refused.how_many": "How many",
    "models.refused.last": "Last",
    "models.refused.nobody": "nobody we know",
    "models.refused.newest": "The newest of them",
    "models.refused.at": "Time",
    "models.refused.topic": "Topic",
    "models.refused.head": "Begins with",
    "models.refused.malformed": "malformed",
    "models.refused.too_large": "too large",
    "models.refused.foreign": "speaks for another node or site",
    "models.refused.unstorable": "cannot be stored",
    "models.refused.replayed": "played again",
    "models.refused.unsigned": "not signed",
    "models.refused.forged": "signature does not fit",
    "models.refused.wrong_key": "a key that is not the node's",
    "models.refused.revoked": "a revoked key",
    "models.at.steady": "steady",
    "models.at.fetching": "fetching",
    "models.at.shadow": "on trial",
    "models.at.watching": "watched",
    "models.at.failed": "not taken",
    "models.tries": "tries {name}",
    "models.fetched": "{share} fetched",
    "models.agrees": "agrees on {share} of {n} frames",
    "models.latency": "takes {ratio} times as long",
    "models.rollouts": "Roll-outs",
    "models.no_rollouts": "No roll-out yet.",
    "models.no_rollouts.next": (
        "A new model goes to one node first, runs beside the old one, and goes on only where it holds."
    ),
    "models.made": "By {by}, {time}",
    "models.stage": "Stage {n}",
    "models.is.running": "under way",
    "models.is.halted": "halted",
    "models.is.stopped": "stopped",
    "models.is.done": "done",
    "models.is.rolled_back": "taken back",
    "models.step.waiting": "waits",
    "models.step.asked": "asked",
    "models.step.fetching": "fetching",
    "models.step.shadow": "on trial",
    "models.step.watching": "watched",
    "models.step.active": "uses it",
    "models.step.failed": "not taken",
    "models.step.back": "taken back",
    "models.stop": "Ask no further node",
    "models.go_on": "Go on",
    "models.roll_back": "Take it back everywhere",
    "models.start": "Roll a model out",
    "models.start.button": "Begin with stage 1",
    "models.started": "The roll-out of {name} has begun.",
    "models.model": "Model",
    "models.stages": "Stages",
    "models.stages.hint": (
        "One stage a line: names of nodes or posts, separated by commas. The next begins when all of one use the model."
    ),
    "models.models": "Models",
    "models.figures": "Figures",
    "models.no_figures": "no figures on its card",
    "models.parent": "Came from",
    "models.uploaded": "Brought in",
    "models.uploaded.by": "{by}, {time}",
    "models.digest": "Digest",
    "models.empty": "No model has been brought in.",
    "models.empty.next": "Nodes use the model they were installed with. Make a signed bundle with: tapal model bundle.",
    "models.upload": "Bring a model in",
    "models.upload.button": "Bring it in",
    "models.file": "Signed bundle",
    "models.file.hint": "Made by: tapal model bundle. Each node checks its signature again by itself.",
    "models.problem": (
        "The bundle was not taken: it is not whole, not signed by the key in the settings, or its name "
        "and version exist already."
    ),
    "error.stages": "Name nodes or posts that exist, each in one stage only.",
}

HELP: dict[str, tuple[str, ...]] = {
    "models": (
        (
            "A node changes its model only after it fetched a signed bundle, checked it, and ran it for a "
            "while beside the old one."
        ),
        (
            "A roll-out goes stage by stage and halts by itself at the first node where the new model does "
            "not hold. Taking it back restores the model before it."
        ),
    ),
}
