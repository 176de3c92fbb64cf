"""`fitness history`: the versions of a record."""

import click
from rich.console import Console
from rich.table import Table
from rich.text import Text

from fitness.cli.account import ACCOUNT_HELP, arguments_of, client_of, print_json, split
from fitness.cli.records import RECORD, path_of, when, written
from fitness.cli.remote import answer


@click.command(
    "history",
    help=f"""List the versions of a record, newest first: who changed what, when and why. Times are UTC.

    Example: fitness history ada runs/strava_1

    {ACCOUNT_HELP}
    """,
)
@arguments_of(RECORD)
@click.option("--limit", type=click.IntRange(1, 500), default=50, show_default=True, help="Maximum number of versions.")
def command(values: tuple[str, ...], url: str, as_json: bool, limit: int) -> None:
    account, [record] = split(values, RECORD)
    path = path_of(record)
    with client_of(account, url) as client:
        page = answer(client.get(f"{path}/history", params={"limit": limit}))
    if as_json:
        print_json(page)
        return
    table = Table("Version", "When", "Who", "What", "Changes", "Reason", title=Text(record))
    for one in page["items"]:
        changes = "" if one["change_type"] == "original" else written(one["changes"])
        cells = (one["changed_by"] or "", one["change_type"], changes, one["change_reason"] or "")
        table.add_row(str(one["version_number"]), when(one["changed_at"]), *map(Text, cells))
    Console().print(table)
    if page["next_cursor"]:
        click.echo("There are older versions: use a larger --limit.")
