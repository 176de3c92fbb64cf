"""`fitness import`: send export files to a running server."""

import os
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from importlib import import_module
from pathlib import Path
from typing import Any

import click
import httpx
from rich import progress
from rich.console import Console
from rich.table import Table

from fitness.cli.drops import find_sources, import_drop, is_drop
from fitness.cli.remote import (
    LOGIN_HELP,
    Refused,
    answer,
    dry_run_option,
    lines_of,
    logged_in,
    name_of,
    other_sports_option,
    print_question,
    print_report,
    restore_deleted_option,
    url_option,
)
from fitness.times import is_time_zone

ANY = "any"
"""The command that is meant where none is named."""


class FilesFirst(click.Group):
    """A group whose subcommand may be left out: what follows are files then."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        named = next((arg for arg in args if not arg.startswith("-")), None)
        if named is not None and named not in self.commands:
            args = [ANY, *args]
        return super().parse_args(ctx, args)

    def format_usage(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        formatter.write_usage(ctx.command_path, "[OPTIONS] FILE|FOLDER…")
        super().format_usage(ctx, formatter)


@click.group("import", cls=FilesFirst)
def group() -> None:
    """Import files into an account on a running server.

    `fitness import FILE…` finds out what each file is; `fitness import any --help` lists its options. The other
    commands below take files of one kind only.
    """


FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
FILE_OR_FOLDER = click.Path(exists=True, path_type=Path)


def _answers(command: Callable[..., None]) -> Callable[..., None]:
    """Add the options for what a file may leave open."""
    for what, units in (("weight", ["kg", "lb"]), ("distance", ["km", "mi"])):
        option = click.option(f"--{what}-unit", type=click.Choice(units), help=f"Unit of {what}s, if a file lacks it.")
        command = option(command)
    mapping = click.option("--mapping", callback=_checked, help="Mapping of the columns of a table, as JSON.")
    return mapping(command)


def _checked(context: click.Context, parameter: click.Parameter, text: str | None) -> str | None:
    """Return an answer that the server takes in the field of this name; raises BadParameter before a file is sent."""
    if text is not None:
        # Loading the schemas takes a third of a second.
        form = import_module("fitness.schemas.imports").ImportFormSchema()
        if errors := form.validate({parameter.name: text}):
            raise click.BadParameter("\n".join(lines_of(errors[parameter.name])))
    return text


def _add(name: str, what: str, path: str | None = None) -> None:
    """Add the command that sends files to `/<name>/upload-csv`, or to another path."""
    asked = _answers if name == ANY else lambda command: command

    @group.command(
        name,
        help=f"""Import {what}.

        {LOGIN_HELP} Leaves with 1 when some rows could not be read, and with 2 when a file was not imported.

        Local times in the files are in --timezone, else in this machine's zone, else in your own.
        """,
    )
    @click.argument("files", metavar="FILE…", nargs=-1, required=True, type=FILE_OR_FOLDER if name == ANY else FILE)
    @url_option
    @click.option("--timezone", callback=_checked, help="Zone of local times in the files, such as Europe/Berlin.")
    @asked
    @other_sports_option
    @restore_deleted_option
    @dry_run_option
    @click.pass_context
    def command(
        context: click.Context,
        files: tuple[Path, ...],
        url: str,
        timezone: str | None,
        weight_unit: str | None = None,
        distance_unit: str | None = None,
        mapping: str | None = None,
        **options: bool | None,
    ) -> None:
        zone = timezone or _zone_of_this_machine()
        answers = {
            "timezone": zone, "weight_unit": weight_unit, "distance_unit": distance_unit, "mapping": mapping,
        }  # fmt: skip
        with ExitStack() as opened:
            sources = find_sources(files, opened) if name == ANY and is_drop(files) else []
            client = opened.enter_context(logged_in(url))
            if sources:
                context.exit(import_drop(client, sources, answers, options))
            codes = [_import(client, path or f"/{name}/upload-csv", file, answers, options) for file in files]
        context.exit(max(codes))


def _import(
    client: httpx.Client,
    path: str,
    file: Path,
    answers: Mapping[str, str | None],
    options: Mapping[str, bool | None],
) -> int:
    """Import one file and print what became of it; return the code to leave with."""
    try:
        report = _upload(client, path, file, answers, options)
    except Refused as error:
        click.echo(f"Error: {name_of(Path(file.name))}: {error.message}", err=True)
        return error.exit_code
    for question in report["questions"]:
        print_question(name_of(Path(file.name)), question)
    if report["found"] or not report["questions"]:
        print_report(report)
    return Refused.exit_code if report["questions"] else int(report["failed"] > 0)


def _zone_of_this_machine() -> str | None:
    """Return the name of the zone that this machine's clock shows; None where it is UTC, as on servers, or unknown."""
    # A TZ may begin with a colon, and may be no name at all: CET-1CEST.
    name = os.environ.get("TZ", "").removeprefix(":") or os.path.realpath("/etc/localtime").partition("zoneinfo/")[2]
    return name if "/" in name.removeprefix("Etc/") and is_time_zone(name) else None


_add(ANY, "files of any kind and folders of them, several as one import: the server finds out what each is", "/imports")
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
@click.argument("file", type=FILE)
@url_option
@dry_run_option
def archive_command(file: Path, url: str, dry_run: bool) -> None:
    with logged_in(url) as client:
        report = _upload(client, "/users/me/import", file, {}, {"dry_run": dry_run})
    rows = Table("Rows", "", title="Dry run" if dry_run else f"SHA-256 {report['sha256']}")
    for name, count in report["tables"].items():
        rows.add_row(name, str(count))
    Console().print(rows)


def _upload(
    client: httpx.Client,
    path: str,
    file: Path,
    answers: Mapping[str, str | None],
    options: Mapping[str, bool | None],
) -> dict[str, Any]:
    console, name = Console(stderr=True), name_of(Path(file.name))
    with progress.open(file, "rb", description=f"Sending {name}", console=console) as content:
        response = client.post(
            path,
            params={name: value for name, value in options.items() if value is not None},
            files={"file": (name, content, "text/csv")},
            data={field: answer for field, answer in answers.items() if answer},
        )
    return answer(response)
