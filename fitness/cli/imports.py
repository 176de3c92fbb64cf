"""`fitness import`: send export files to a running server, over REST like any other client."""

import os
from pathlib import Path
from typing import Any

import click
import httpx
from rich import progress
from rich.console import Console
from rich.table import Table
from rich.text import Text

COUNTS = ("found", "created", "updated", "unchanged", "kept", "deleted", "skipped", "failed")
SHOWN_PROBLEMS = 20


class ImportFailed(click.ClickException):
    """The file did not reach the server, or was refused as a whole."""

    exit_code = 2


@click.group("import")
def group() -> None:
    """Import files into an account on a running server."""


_WHO = (
    "Who imports is said by FITNESS_TOKEN, an access token or a personal one with the scope import, or else by"
    " FITNESS_EMAIL and FITNESS_PASSWORD, which are asked for when not set."
)
_file = click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
_url = click.option("--url", default="http://127.0.0.1:8000", show_default=True, help="The server.")
_dry_run = click.option("--dry-run", is_flag=True, help="Only say what would happen.")


def _add(name: str, what: str) -> None:
    """Add the command that sends a provider's files to `/<name>/upload-csv`."""

    @group.command(
        name,
        help=f"""Import {what}.

        {_WHO} Leaves with 1 when some rows could not be read, and with 2 when nothing was imported.
        """,
    )
    @_file
    @_url
    @click.option("--timezone", help="Zone of the file's local days, such as Europe/Berlin; yours by default.")
    @_dry_run
    @click.pass_context
    def command(context: click.Context, file: Path, url: str, timezone: str | None, dry_run: bool) -> None:
        report = _send(url, f"/{name}/upload-csv", file, timezone, dry_run)
        _print(report)
        if report["failed"]:
            context.exit(1)


_add("mmf", "a MapMyFitness export (CSV)")
_add("hevy", "a Hevy export (CSV)")
_add("strava", "a Strava export (the ZIP archive, or its activities.csv)")


@group.command(
    "archive",
    help=f"""Import all data of an account, as GET /users/me/export gave it (ZIP), into an account that is empty.

    {_WHO} Leaves with 2 when nothing was imported.
    """,
)
@_file
@_url
@_dry_run
def archive_command(file: Path, url: str, dry_run: bool) -> None:
    report = _send(url, "/users/me/import", file, None, dry_run)
    rows = Table("Rows", "", title="This would happen" if dry_run else f"SHA-256 {report['sha256']}")
    for name, count in report["tables"].items():
        rows.add_row(name, str(count))
    Console().print(rows)


def _send(url: str, path: str, file: Path, timezone: str | None, dry_run: bool) -> dict[str, Any]:
    """Send a file to the server, for whoever says so, and return what it answers; raises ImportFailed."""
    timeout = httpx.Timeout(30, read=600)
    try:
        with httpx.Client(base_url=f"{url.rstrip('/')}/v1", timeout=timeout) as client:
            client.headers["Authorization"] = f"Bearer {os.environ.get('FITNESS_TOKEN') or _log_in(client)}"
            return _upload(client, path, file, timezone, dry_run)
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        raise ImportFailed(f"{url} does not answer: {error}") from error


def _log_in(client: httpx.Client) -> str:
    email = os.environ.get("FITNESS_EMAIL") or click.prompt("E-mail address or username")
    password = os.environ.get("FITNESS_PASSWORD") or click.prompt("Password", hide_input=True)
    return _answer(client.post("/auth/login", json={"email": email, "password": password}))["access_token"]


def _upload(client: httpx.Client, path: str, file: Path, timezone: str | None, dry_run: bool) -> dict[str, Any]:
    console = Console(stderr=True)
    with progress.open(file, "rb", description=f"Sending {file.name}", console=console) as content:
        response = client.post(
            path,
            params={"dry_run": dry_run},
            files={"file": (file.name, content, "text/csv")},
            data={"timezone": timezone} if timezone else {},
        )
    return _answer(response)


def _answer(response: httpx.Response) -> dict[str, Any]:
    """Return the body of a success; raise ImportFailed with the server's words otherwise."""
    try:
        answer = response.json()
    except ValueError as error:
        raise ImportFailed(f"{response.url} is not a fitness server.") from error
    if response.is_success:
        return answer
    fields = [f"{field}: {why}" for field, why in answer.get("errors", {}).items()]
    raise ImportFailed("\n".join([answer.get("detail", response.reason_phrase), *fields]))


def _print(report: dict[str, Any]) -> None:
    title = "This would happen" if report["dry_run"] else f"Changeset {report['changeset_id'] or '–'}"
    counts = Table("Rows", "", title=title)
    for name in COUNTS:
        counts.add_row(name, str(report[name]))
    console = Console()
    console.print(counts)
    problems = report["problems"]
    if problems:
        table = Table("Row", "Record", "Problem", title="Not imported")
        for problem in problems[:SHOWN_PROBLEMS]:
            table.add_row(str(problem["row"]), problem["id"], Text(problem["detail"]))
        console.print(table)
    if report["failed"] > SHOWN_PROBLEMS:
        console.print(f"… and {report['failed'] - SHOWN_PROBLEMS} more")
