"""`fitness revert`: revert an import, a sync or another change of many records."""

import click
from rich.console import Console

from fitness.cli.remote import LOGIN_HELP, answer, dry_run_option, logged_in, print_some, url_option


@click.command(
    "revert",
    help=f"""Revert a changeset of an account on a running server, by the number that the import printed.

    {LOGIN_HELP} Fields that were edited since are listed and stay as they are. A revert is a changeset too, and can
    be reverted.
    """,
)
@click.argument("changeset", type=click.IntRange(min=1))
@url_option
@click.option("--force", is_flag=True, help="Also take back what was edited since.")
@dry_run_option
def command(changeset: int, url: str, force: bool, dry_run: bool) -> None:
    with logged_in(url) as client:
        report = answer(client.post(f"/changesets/{changeset}/revert", params={"force": force, "dry_run": dry_run}))
    done = "would be" if dry_run else "is"
    click.echo(f"Changeset {report['reverts']} {done} reverted: {report['reverted']} records. {report['kept']} stayed.")
    rows = [{**one, "fields": ", ".join(one["fields"])} for one in report["problems"]]
    print_some(Console(), "Stayed", ("id", "fields", "detail"), rows, report["kept"])
    if not dry_run:
        click.echo(f"To undo this: fitness revert {report['changeset_id']}")
