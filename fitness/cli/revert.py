"""`fitness revert`: take an import, a sync or another change of many records back."""

import click
from rich.console import Console

from fitness.cli.remote import WHO, answer, logged_in, print_some, url_option


@click.command(
    "revert",
    help=f"""Take a changeset of an account on a running server back, by the number that the import printed.

    {WHO} Records that were edited since are listed and stay. A revert is a changeset too, and can be reverted.
    """,
)
@click.argument("changeset", type=click.IntRange(min=1))
@url_option
@click.option("--force", is_flag=True, help="Also take back records that were edited since.")
def command(changeset: int, url: str, force: bool) -> None:
    with logged_in(url) as client:
        report = answer(client.post(f"/changesets/{changeset}/revert", params={"force": force}))
    click.echo(f"Changeset {report['reverts']} is taken back: {report['reverted']} records. {report['kept']} stayed.")
    print_some(Console(), "Stayed", ("id", "detail"), report["problems"], report["kept"])
    click.echo(f"Undo this with: fitness revert {report['changeset_id']}")
