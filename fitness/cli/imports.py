"""`fitness import`: send export files to a running server."""

from pathlib import Path
from typing import Any

import click
import httpx
from rich import progress
from rich.console import Console
from rich.table import Table

from fitness.cli.remote import LOGIN_HELP, answer, dry_run_option, logged_in, print_report, url_option


@click.group("import")
def group() -> None:
    """Import files into an account on a running server."""


file_argument = click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))


def _add(name: str, what: str, path: str | None = None) -> None:
    """Add a command that uploads files to `/<name>/upload-csv` or to `path`."""

    @group.command(
        name,
        help=f"""Import {what}.

        {LOGIN_HELP} Exits with 1 if some rows could not be read, and with 2 if nothing was imported.
        """,
    )
    @file_argument
    @url_option
    @click.option("--timezone", help="Time zone of the file's local times, such as Europe/Berlin; default: yours.")
    @dry_run_option
    @click.pass_context
    def command(context: click.Context, file: Path, url: str, timezone: str | None, dry_run: bool) -> None:
        with logged_in(url) as client:
            report = _upload(client, path or f"/{name}/upload-csv", file, timezone, dry_run)
        print_report(report)
        if report["failed"]:
            context.exit(1)


_add("mmf", "a MapMyFitness export (CSV)")
_add("hevy", "a Hevy export (CSV)")
_add("strava", "a Strava export (the ZIP archive, or its activities.csv)")
_add("plan", "a plan in the columns of TrainingPeaks (CSV)", "/planned-workouts/import")


@group.command(
    "archive",
    help=f"""Import all data of an account from GET /users/me/export (ZIP) into an empty account.

    {LOGIN_HELP} Exits with 2 if nothing was imported.
    """,
)
@file_argument
@url_option
@dry_run_option
def archive_command(file: Path, url: str, dry_run: bool) -> None:
    with logged_in(url) as client:
        report = _upload(client, "/users/me/import", file, None, dry_run)
    rows = Table("Rows", "", title="Dry run" if dry_run else f"SHA-256 {report['sha256']}")
    for name, count in report["tables"].items():
        rows.add_row(name, str(count))
    Console().print(rows)


def _upload(client: httpx.Client, path: str, file: Path, timezone: str | None, dry_run: bool) -> dict[str, Any]:
    console = Console(stderr=True)
    with progress.open(file, "rb", description=f"Sending {file.name}", console=console) as content:
        response = client.post(
            path,
            params={"dry_run": dry_run},
            files={"file": (file.name, content, "text/csv")},
            data={"timezone": timezone} if timezone else {},
        )
    return answer(response)
