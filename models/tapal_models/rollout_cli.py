"""`tapal model upload|rollout|stop|go-on|rollback|status`: from a signed bundle to every node, and back."""

import json
import time
from pathlib import Path
from typing import Annotated, Any

import typer

from tapal_contract.cli import explained, progress
from tapal_contract.errors import TapalError
from tapal_contract.serverapi import ServerApi
from tapal_models.office import Office

Server = Annotated[
    str, typer.Option("--server", envvar="TAPAL_SERVER", help="Its address, e.g. https://tapal.example.")
]
Token = Annotated[str, typer.Option(envvar="TAPAL_TOKEN", help="API token; better in TAPAL_TOKEN than here.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON for a program to read.")]
RolloutId = Annotated[str, typer.Argument(help="Id of the roll-out; default: the newest.")]
ENDED = {"halted", "stopped", "done", "rolled_back"}
LOOK_EVERY_S = 1.0


def add_to(app: typer.Typer) -> None:
    """Add the commands."""
    for command in (upload, rollout, stop, go_on, rollback, status):
        app.command()(command)


def upload(
    bundle: Annotated[Path, typer.Argument(help="File of tapal model bundle.")],
    *,
    server: Server,
    token: Token = "",
    as_json: AsJson = False,
) -> None:
    """Put a signed bundle into the server's registry."""
    with explained(), progress(quiet=as_json) as bars:
        bars.add_task(f"Uploading {bundle.name}", total=None)
        made = Office(ServerApi(server, token)).upload(_bytes(bundle))
    typer.echo(
        json.dumps(made) if as_json else f"{made['title']} is on the server; roll it out with: tapal model rollout"
    )


def rollout(
    model: Annotated[str, typer.Argument(help="NAME@VERSION of the server's registry.")],
    *,
    server: Server,
    stage: Annotated[list[str], typer.Option(help="Nodes and sites, with commas; again for the stage after it.")],
    frames: Annotated[int, typer.Option(min=1, help="Frames compared before the switch, and again after it.")] = 300,
    boxes: Annotated[int, typer.Option(min=0, help="Sure boxes that must have been compared by then.")] = 50,
    longest: Annotated[float, typer.Option(min=1, help="Seconds that each comparison may take.")] = 3600.0,
    agreement: Annotated[float, typer.Option(min=0, max=1, help="Least agreement with the old model.")] = 0.8,
    counts: Annotated[str, typer.Option(help="Least and most boxes, new over old.")] = "0.8,1.25",
    latency: Annotated[float, typer.Option(min=0.01, help="Most time of a frame, new over old.")] = 1.5,
    share: Annotated[float, typer.Option(min=0.01, max=1, help="Time the second model may take.")] = 0.5,
    wait: Annotated[bool, typer.Option("--wait", help="Wait for the end; exit 1 unless every node uses it.")] = False,
    token: Token = "",
    as_json: AsJson = False,
) -> None:
    """Let nodes try a model beside theirs and switch to it, stage by stage."""
    with explained():
        bounds: dict[str, Any] = {"frames": frames, "boxes": boxes, "longest_s": longest, "agreement": agreement}
        bounds |= {"counts": _pair(counts), "latency": latency, "share": share}
        office = Office(ServerApi(server, token))
        made = office.start(model, [_names(names) for names in stage], bounds)
        if wait:
            made = _until_it_ends(office, made, quiet=as_json)
    typer.echo(json.dumps(made) if as_json else _text(made))
    if wait and made["state"] != "done":
        raise typer.Exit(1)


def stop(rollout_id: RolloutId = "", *, server: Server, token: Token = "", as_json: AsJson = False) -> None:
    """Ask no further nodes of a roll-out; those that use the model keep it, and are free for another."""
    _change("stop", rollout_id, server, token, as_json=as_json)


def go_on(rollout_id: RolloutId = "", *, server: Server, token: Token = "", as_json: AsJson = False) -> None:
    """Go on with a roll-out that was halted or stopped: nodes that did not take the model are asked again."""
    _change("go-on", rollout_id, server, token, as_json=as_json)


def rollback(rollout_id: RolloutId = "", *, server: Server, token: Token = "", as_json: AsJson = False) -> None:
    """Let every node of a roll-out use the model before it again."""
    _change("back", rollout_id, server, token, as_json=as_json)


def _change(step: str, rollout_id: str, server: str, token: str, *, as_json: bool) -> None:
    with explained():
        office = Office(ServerApi(server, token))
        made = office.change(rollout_id or _newest(office), step)
    typer.echo(json.dumps(made) if as_json else _text(made))


def status(*, server: Server, token: Token = "", as_json: AsJson = False) -> None:
    """Show which model each node uses, and the newest roll-out."""
    with explained():
        office = Office(ServerApi(server, token))
        fleet, rollouts = office.fleet(), office.rollouts()[:1]
    if as_json:
        typer.echo(json.dumps({"fleet": fleet, "rollouts": rollouts}))
        return
    typer.echo("\n".join([*(_node(one) for one in fleet), "", *(_text(one) for one in rollouts)]).rstrip())


def _bytes(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except OSError as error:
        raise TapalError(
            f"bundle {str(file)!r} cannot be read ({error.strerror}): make one with model bundle"
        ) from error


def _names(text: str) -> list[str]:
    return [name.strip() for name in text.split(",") if name.strip()]


def _pair(text: str) -> list[float]:
    try:
        least, most = (float(part) for part in text.split(","))
    except ValueError as error:
        raise TapalError(f"counts {text!r} are not two numbers with a comma: write 0.8,1.25") from error
    return [least, most]


def _newest(office: Office) -> str:
    rollouts = office.rollouts()
    if not rollouts:
        raise TapalError("there is no roll-out: begin one with tapal model rollout")
    return str(rollouts[0]["id"])


def _until_it_ends(office: Office, made: dict[str, Any], *, quiet: bool) -> dict[str, Any]:
    with progress(quiet=quiet) as bars:
        task = bars.add_task(f"Rolling out {made['model']}", total=len(made["nodes"]))
        while made["state"] not in ENDED:
            time.sleep(LOOK_EVERY_S)
            made = office.rollout(str(made["id"]))
            bars.update(task, completed=sum(node["state"] == "active" for node in made["nodes"]))
    return made


def _text(rollout: dict[str, Any]) -> str:
    head = f"roll-out {rollout['id']} of {rollout['model']}: {rollout['state']}"
    lines = [
        f"  stage {node['stage'] + 1}  {node['node']:24} {node['state']:9} {node['detail']}"
        for node in rollout["nodes"]
    ]
    return "\n".join(
        [f"{head}, {rollout['detail']}" if rollout["detail"] else head, *(line.rstrip() for line in lines)]
    )


def _node(node: dict[str, Any]) -> str:
    change = f"{node['state']} {node['candidate']}" if node["candidate"] else node["state"] or ""
    figures = [f"{name} {node[name]:.2f}" for name in ("agreement", "counts", "latency") if node[name] is not None]
    text = f"{node['node']:24} {node['active'] or 'tells nothing':24} {change}  {', '.join(figures)} {node['detail']}"
    return text.rstrip()
