"""`tapal server`: run it, migrate its database, manage people, take in passages."""

import json
import logging
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from tapal_contract import yamlfile
from tapal_contract.cli import explained, progress
from tapal_server import logs
from tapal_server.audit.log import AuditLog
from tapal_server.clock import SystemClock
from tapal_server.db import migrate
from tapal_server.db.database import Database
from tapal_server.errors import InvalidError
from tapal_server.events import Bus
from tapal_server.keeping.anchor import read_anchors
from tapal_server.keeping.backup import back_up, restore
from tapal_server.keys import Keys
from tapal_server.nodes_cli import add_to as add_nodes_commands
from tapal_server.paging import Paging
from tapal_server.passages.reader import read_file, text_lines
from tapal_server.passages.store import PassageService
from tapal_server.people.actor import SYSTEM
from tapal_server.people.roles import Permission, Role
from tapal_server.settings import Settings
from tapal_server.sites import load_sites
from tapal_server.voyages.schedule_file import REQUIRED as SCHEDULE_COLUMNS
from tapal_server.voyages.schedule_file import read_schedule_file

if TYPE_CHECKING:
    from tapal_server.parts import Parts

app = typer.Typer(
    help="Serve an office: run, migrate, user, token, import-passages, import-voyages.", no_args_is_help=True
)
user_app = typer.Typer(help="People who may sign in.", no_args_is_help=True)
token_app = typer.Typer(help="Tokens for programs.", no_args_is_help=True)
app.add_typer(user_app, name="user")
app.add_typer(token_app, name="token")
audit_app = typer.Typer(help="The audit chain.", no_args_is_help=True)
app.add_typer(audit_app, name="audit")

ConfigFile = Annotated[Path, typer.Option("--config", help="The server's settings, YAML.")]
AsJson = Annotated[bool, typer.Option("--json", help="Answer as JSON.")]
DEFAULT = Path("server.yaml")
SOME_ROWS_REJECTED = 3


def load_settings(config: Path) -> Settings:
    """Settings of a file; relative paths count from its folder."""
    return yamlfile.load(config, Settings).relative_to(config.parent)


@contextmanager
def opened(config: Path) -> Iterator["Parts"]:
    """The server's parts on a database with its tables, closed at the end."""
    # The engine's libraries take seconds to import, which `--help` and a file of passages need not wait for.
    from tapal_server.parts import build_parts  # noqa: PLC0415

    settings = load_settings(config)
    prepare(settings)
    parts = build_parts(settings)
    try:
        yield parts
    finally:
        parts.database.close()


@contextmanager
def passage_log(config: Path) -> Iterator[tuple[PassageService, Keys]]:
    """Only what takes passages in, and the secrets that hash their documents."""
    settings = load_settings(config)
    prepare(settings)
    load_sites(settings.sites)  # a file that the server would refuse is refused here too
    database, keys, clock = Database(settings.database_url), Keys(settings.data_dir / "keys"), SystemClock()
    try:
        yield PassageService(database, audit=AuditLog(database, keys, clock), clock=clock, bus=Bus()), keys
    finally:
        database.close()


add_nodes_commands(app, opened)


def prepare(settings: Settings, *, must: bool = False) -> None:
    """Make the tables where there are none, and on SQLite bring them up to date; else say what to do."""
    logging.getLogger("alembic").setLevel(logging.WARNING)
    database = Database(settings.database_url)
    try:
        database.check()
        have = migrate.current(database)
        if have == migrate.newest():
            return
        if must or have is None or database.is_sqlite:
            migrate.upgrade(database)
            return
        raise migrate.MigrationError(
            f"the database is at version {have!r}, this program needs {migrate.newest()!r}; run: tapal server migrate"
        )
    finally:
        database.close()


@app.command()
def run(
    config: ConfigFile = DEFAULT,
    *,
    log_level: Annotated[str, typer.Option(help="debug, info, ...")] = "info",
    log_format: Annotated[logs.Form, typer.Option(help="Lines to read, or a JSON object a line.")] = logs.Form.LINES,
) -> None:
    """Run the server until interrupted."""
    with explained():
        settings = load_settings(config)
        prepare(settings)
        # The web stack takes a second to import, which other commands need not wait for.
        from tapal_server.serving import serve  # noqa: PLC0415

        logs.configure(log_level, log_format)
        serve(settings)


@app.command("migrate")
def migrate_command(config: ConfigFile = DEFAULT) -> None:
    """Bring the database to the tables of this version."""
    with explained():
        prepare(load_settings(config), must=True)
        typer.echo(f"the database is at version {migrate.newest()}")


@app.command("import-passages")
def import_passages(
    file: Annotated[Path, typer.Argument(help="CSV with the columns of passages.csv.")],
    config: ConfigFile = DEFAULT,
    *,
    source: Annotated[str, typer.Option(help="Whose log it is; ids are unique per source.")] = "passages",
    as_json: AsJson = False,
) -> None:
    """Take a passage file in: repeats are harmless, bad rows are reported and the good ones kept.

    Exits 0 when every row was taken, 3 when some were not.
    """
    with explained(), passage_log(config) as (passages, keys):
        report, records = read_file(file, key=keys.get("documents"))
        with progress(quiet=as_json) as bars:
            task = bars.add_task(f"taking in {file.name}", total=_rows_in(file))
            result = passages.take(SYSTEM, source, report, records, tick=lambda count: bars.advance(task, count))
    if as_json:
        _print_json(asdict(result))
    else:
        typer.echo(
            f"{result.added} added, {result.corrected} corrected, {result.unchanged} unchanged, "
            f"{result.rejected} rejected"
        )
        for bad in result.problems:
            typer.echo(f"{file}, line {bad.line}: {bad.reason}", err=True)
        if result.ignored_columns:
            typer.echo(f"columns not stored: {', '.join(result.ignored_columns)}", err=True)
    if result.rejected:
        raise typer.Exit(SOME_ROWS_REJECTED)


@app.command("import-voyages")
def import_voyages(
    file: Annotated[Path, typer.Argument(help=f"CSV with {', '.join(SCHEDULE_COLUMNS)} and optional columns.")],
    config: ConfigFile = DEFAULT,
    *,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say what would become of the rows.")] = False,
    as_json: AsJson = False,
) -> None:
    """Take a schedule in: repeats are harmless, a difference corrects, bad rows are reported and the good ones kept.

    Exits 0 when every row was taken, 3 when some were not.
    """
    with explained(), opened(config) as parts:
        voyages = parts.services.voyages
        found = read_schedule_file(text_lines(file), name=str(file), sites=voyages.sites, actor=SYSTEM)
        taken = voyages.take(SYSTEM, found.entries, name=file.name, store=not dry_run)
    report = found.report
    if as_json:
        _print_json({**asdict(taken), "rejected": report.bad_count, "problems": [asdict(bad) for bad in report.bad]})
    else:
        typer.echo(
            f"{taken.added} added, {taken.changed} changed, {taken.unchanged} unchanged, {report.bad_count} rejected"
        )
        for bad in report.bad:
            typer.echo(f"{file}, line {bad.line}: {bad.reason}", err=True)
        if report.ignored_columns:
            typer.echo(f"columns not stored: {', '.join(report.ignored_columns)}", err=True)
    if report.bad_count:
        raise typer.Exit(SOME_ROWS_REJECTED)


@user_app.command("add")
def user_add(
    name: str,
    config: ConfigFile = DEFAULT,
    *,
    role: Annotated[Role, typer.Option(help="What the person is in the office.")] = Role.OFFICER,
    display_name: Annotated[str | None, typer.Option(help="Name as shown.")] = None,
    site: Annotated[list[str] | None, typer.Option(help="Sites the person sees; default: all.")] = None,
    agency: Annotated[str | None, typer.Option(help="Whom the person works for.")] = None,
    password_stdin: Annotated[bool, typer.Option(help="Read the password from standard input.")] = False,
) -> None:
    """Add a person."""
    with explained(), opened(config) as parts:
        known = {one.id for one in parts.sites}
        for one in site or ():
            if one not in known:
                raise InvalidError(f"site {one!r} is not known; take one of {', '.join(sorted(known))}")
        password = _password(from_stdin=password_stdin)
        parts.services.people.add(
            SYSTEM,
            name,
            password,
            role=role,
            display_name=display_name,
            agency=agency,
            sites=frozenset(site or ()),
        )
        typer.echo(f"{name} can sign in as {role.value}")


@user_app.command("passwd")
def user_passwd(
    name: str,
    config: ConfigFile = DEFAULT,
    *,
    password_stdin: Annotated[bool, typer.Option(help="Read the password from standard input.")] = False,
) -> None:
    """Give a person another password; their sessions end."""
    with explained(), opened(config) as parts:
        parts.services.people.set_password(SYSTEM, name, _password(from_stdin=password_stdin), must_change=False)
        typer.echo(f"{name} has a new password")


@user_app.command("list")
def user_list(config: ConfigFile = DEFAULT, *, as_json: AsJson = False) -> None:
    """List people."""
    with explained(), opened(config) as parts:
        people = parts.services.people.page(SYSTEM, Paging(size=500)).items
    if as_json:
        _print_json([asdict(person) for person in people])
        return
    for person in people:
        sites = ", ".join(person.sites) or "all sites"
        closed = "\t(closed)" if person.disabled else ""
        typer.echo(f"{person.name}\t{person.role.value}\t{sites}{closed}")


@token_app.command("add")
def token_add(
    name: str,
    config: ConfigFile = DEFAULT,
    *,
    user: Annotated[str, typer.Option(help="Whose token it is.")],
    scope: Annotated[list[Permission], typer.Option(help="What it may do.")],
    as_json: AsJson = False,
) -> None:
    """Make a token for a program; it is shown this once."""
    with explained(), opened(config) as parts:
        owner = parts.services.auth.actor_named(user)
        new = parts.services.tokens.create(owner, name, frozenset(scope))
    if as_json:
        _print_json({"token": new.token, "id": new.view.id, "scopes": new.view.scopes})
    else:
        typer.echo(new.token)


@app.command("backup")
def backup_command(target: Path, config: ConfigFile = DEFAULT) -> None:
    """Write database, secrets and pictures into one file (mode 0600), while the server runs."""
    with explained():
        count = back_up(load_settings(config), target)
        typer.echo(f"{target} holds {count} rows, the secrets and the pictures")


@app.command("restore")
def restore_command(source: Path, config: ConfigFile = DEFAULT) -> None:
    """Read a backup into a server whose database is still empty, of either kind."""
    with explained():
        count = restore(load_settings(config), source)
        typer.echo(f"{count} rows are restored")


@audit_app.command("verify")
def audit_verify(
    config: ConfigFile = DEFAULT,
    *,
    anchors: Annotated[Path | None, typer.Option(help="Anchored heads; default: the file in the data folder.")] = None,
) -> None:
    """Check every entry of the audit chain, and that nothing was cut off since the anchored heads.

    Exits 0 when the chain is whole, 1 when it is not.
    """
    with explained(), opened(config) as parts:
        path = anchors or parts.settings.data_dir / "audit-anchors.jsonl"
        heads = read_anchors(path) if anchors is not None or path.exists() else ()
        flaw = parts.services.audit.verify(heads)
    if flaw is not None:
        typer.echo(f"the audit chain is broken: {flaw.reason}", err=True)
        raise typer.Exit(1)
    typer.echo(f"the audit chain is whole, and holds {len(heads)} anchored heads")


def _rows_in(file: Path) -> int:
    """Lines after the header, so that the bar knows its end."""
    with file.open("rb") as lines:
        return max(0, sum(chunk.count(b"\n") for chunk in iter(lambda: lines.read(1 << 20), b"")) - 1)


def _password(*, from_stdin: bool) -> str:
    if from_stdin:
        return sys.stdin.readline().rstrip("\r\n")
    typed: str = typer.prompt("Password", hide_input=True, confirmation_prompt=True)
    return typed


def _print_json(value: Any) -> None:
    typer.echo(json.dumps(value, ensure_ascii=False, default=str))
