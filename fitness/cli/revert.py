"""`fitness revert`: revert an import, a sync or another change of many records."""

import click
from rich.console import Console

from fitness.cli.remote import LOGIN_HELP, answer, logged_in, print_some, url_option


@click.command(
    "revert",
    help=f"""Revert a changeset of an account on a running server, by the number that the import printed.

    {LOGIN_HELP} Records that were edited since are listed and stay as they are. A revert is a changeset too, and can
    be reverted.
    """,
)
@click.argument("changeset", type=click.IntRange(min=1))
@url_option
@click.option("--force", is_flag=True, help="Also take back records that were edited since.")
def command(changeset: int, url: str, force: bool) -> None:
    with logged_in(url) as client:
        report = answer(client.post(f"/changesets/{changeset}/revert", params={"force": force}))
    click.echo(f"Changeset {report['reverts']} is reverted: {report['reverted']} records. {report['kept']} stayed.")
    print_some(Console(), "Stayed", ("id", "detail"), report["problems"], report["kept"])
    click.echo(f"To undo this: fitness revert {report['changeset_id']}")
