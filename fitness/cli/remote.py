"""Code that commands share which talk to a running server over REST."""

import json
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import PurePath
from typing import Any
from urllib.parse import urlsplit

import click
import httpx
from rich.console import Console
from rich.table import Table
from rich.text import Text

COUNTS = (
    "found", "created", "updated", "unchanged", "kept", "joined", "deleted", "deleted_here", "skipped", "failed",
)  # fmt: skip
SHOWN = 20
"""Largest number of problems and of conflicts to list."""

LOGIN_HELP = """Set FITNESS_TOKEN to an access token, or to a personal access token with the scope import. \
Otherwise set FITNESS_EMAIL and FITNESS_PASSWORD; if they are not set, the command asks for them."""
"""Help text on how to log in."""


def _require_server(context: click.Context, parameter: click.Parameter, url: str) -> str:
    try:
        address = urlsplit(url)
        usable = address.scheme in ("http", "https") and address.hostname and address.port != 0
    except ValueError:
        usable = False
    if not usable:
        raise click.BadParameter(f"must be the address of a server, such as http://127.0.0.1:8000, not {url}")
    return url


url_option = click.option(
    "--url", default="http://127.0.0.1:8000", show_default=True, callback=_require_server, help="URL of the server."
)
restore_deleted_option = click.option(
    "--restore-deleted", is_flag=True, help="Bring back the records that you deleted here."
)
dry_run_option = click.option("--dry-run", is_flag=True, help="Report what would happen, store nothing.")

other_sports_option = click.option(
    "--other-sports/--no-other-sports",
    default=None,
    help="Store rides, walks and other sports as workouts (Strava, MapMyFitness). Default: your setting.",
)


class Refused(click.ClickException):
    """The server cannot be reached or rejected the request."""

    exit_code = 2


class RefusedForNow(Refused):
    """The server rejected the request for now; it may be retried later."""

    exit_code = 3


@contextmanager
def logged_in(url: str) -> Iterator[httpx.Client]:
    """Yield a client that is logged in to the server; raises Refused if the server does not respond."""
    try:
        with httpx.Client(base_url=f"{url.rstrip('/')}/v1", timeout=httpx.Timeout(30, read=3600)) as client:
            client.headers["Authorization"] = f"Bearer {_token() or _log_in(client)}"
            yield client
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        raise Refused(f"{url} does not answer: {error}") from error


def _token() -> str:
    """Return the token of FITNESS_TOKEN, without what a file of it may end with; empty if there is none."""
    token = os.environ.get("FITNESS_TOKEN", "").strip()
    if not (token.isascii() and token.isprintable()):
        raise click.UsageError("FITNESS_TOKEN is no token: it has characters that none has.")
    return token


def _log_in(client: httpx.Client) -> str:
    email, password = (os.environ.get(name) for name in ("FITNESS_EMAIL", "FITNESS_PASSWORD"))
    if not (email and password):
        # Nobody is asked for a password that no server gets.
        answer(client.get("/health"))
    email = email or click.prompt("E-mail address or username")
    password = password or click.prompt("Password", hide_input=True)
    return answer(client.post("/auth/login", json={"email": email, "password": password}))["access_token"]


def answer(response: httpx.Response) -> dict[str, Any]:
    """Return the body of a successful response; otherwise raise Refused with the server's message."""
    refuse_failed(response)
    return _body(response)


def _body(response: httpx.Response) -> dict[str, Any]:
    try:
        return response.json()
    except ValueError as error:
        raise Refused(f"{response.url} is not a fitness server.") from error


def refuse_failed(response: httpx.Response) -> None:
    """Raise Refused with the server's message unless the response is a successful one."""
    if response.is_success:
        return
    body = _body(response)
    detail = body.get("detail", response.reason_phrase)
    fields = [line for field, why in body.get("errors", {}).items() if why != [detail] for line in lines_of(why, field)]
    error = RefusedForNow if response.status_code == httpx.codes.TOO_MANY_REQUESTS else Refused
    raise error("\n".join([detail, *fields]))


def lines_of(why: Any, field: str = "") -> list[str]:
    """Return what is wrong with a field, and with fields in it, as lines: `mapping.columns: Unknown field.`"""
    if isinstance(why, Mapping):
        # What is wrong with an object as a whole stands under `_schema`.
        names = {name: field if name == "_schema" else f"{field}.{name}".removeprefix(".") for name in why}
        return [line for name, inner in why.items() for line in lines_of(inner, names[name])]
    text = why if isinstance(why, str) else " ".join(why)
    return [f"{field}: {text}" if field else text]


def name_of(path: PurePath) -> str:
    """Return a path as text that can be sent; what is not UTF-8 in it, as in files of an old ZIP, is shown as �."""
    return os.fsencode(path.as_posix()).decode(errors="replace")


def print_report(report: dict[str, Any]) -> None:
    """Print the report of an import or sync as tables, and how to revert it."""
    console = Console()
    for file in report["files"]:
        console.print(Text(f"{file['name']}: {file['source']}"))
    print_counts(report)
    print_skipped(report["skipped_why"])
    print_some(console, "Not imported", ("row", "id", "detail"), report["problems"], report["failed"])
    print_some(console, "Read otherwise", ("row", "id", "detail"), report["remarks"], len(report["remarks"]))
    conflicts = report["conflicts"]
    print_some(console, "Conflicts (your values stayed)", ("id", "field", "yours", "theirs"), conflicts, len(conflicts))
    if report["time_zone"]:
        console.print(f"Local times were read in {report['time_zone']}.")
    print_way_back(report)


def print_question(asked_of: str, question: Mapping[str, Any]) -> None:
    """Print what must be said of a file before it can be read, and, as output, the mapping that is proposed."""
    option = f"--{question['field'].replace('_', '-')}"
    click.echo(f"Error: {asked_of}: {question['detail']} ({option})", err=True)
    for example in question["examples"]:
        click.echo(f"  {example}", err=True)
    if question["mapping"]:
        click.echo(json.dumps(question["mapping"], ensure_ascii=False))


def print_counts(report: Mapping[str, Any]) -> None:
    """Print the counts of an import or sync as a table."""
    title = "Dry run" if report["dry_run"] else f"Changeset {report['changeset_id'] or '–'}"
    counts = Table("Records", "", title=title)
    for name in COUNTS:
        counts.add_row(name, str(report[name]))
    Console().print(counts)


def print_skipped(reasons: Mapping[str, int]) -> None:
    """Print how many records were left out, by reason."""
    skipped = [{"why": why, "records": count} for why, count in reasons.items()]
    skipped.sort(key=lambda reason: -reason["records"])
    print_some(Console(), "Skipped", ("why", "records"), skipped, len(skipped))


def print_way_back(report: Mapping[str, Any]) -> None:
    """Print how to revert an import or sync, if it changed anything."""
    if report["changeset_id"]:
        Console().print(f"To revert it: fitness revert {report['changeset_id']}")


def print_some(console: Console, title: str, columns: tuple[str, ...], rows: list[dict[str, Any]], count: int) -> None:
    if not rows:
        return
    table = Table(*(column.title() for column in columns), title=title)
    for row in rows[:SHOWN]:
        table.add_row(*(Text("" if row[column] is None else str(row[column])) for column in columns))
    console.print(table)
    if count > SHOWN:
        console.print(f"… and {count - SHOWN} more")
