"""`fitness diff`: two versions of a record compared."""

import click

from fitness.cli.account import ACCOUNT_HELP, arguments_of, client_of, print_json, split
from fitness.cli.records import RECORD, path_of, print_changes
from fitness.cli.remote import answer
from fitness.ranges import LAST_VERSION

VERSION = click.IntRange(0, LAST_VERSION)


@click.command(
    "diff",
    help=f"""Compare two versions of a record: by default, the newest with the one before.

    Example: fitness diff ada runs/strava_1 --from 1 --to 3

    {ACCOUNT_HELP}
    """,
)
@arguments_of(RECORD)
@click.option(
    "--from", "since", type=click.IntRange(0, LAST_VERSION), help="The one version; 0: before the record existed."
)
@click.option("--to", type=VERSION, help="The other version.")
def command(values: tuple[str, ...], url: str, as_json: bool, since: int | None, to: int | None) -> None:
    asked = {name: version for name, version in (("from", since), ("to", to)) if version is not None}
    account, [record] = split(values, RECORD)
    path = path_of(record)
    with client_of(account, url) as client:
        difference = answer(client.get(f"{path}/diff", params=asked))
    if as_json:
        print_json(difference)
    elif difference["changes"]:
        print_changes(difference["changes"], *(f"Version {difference[side]}" for side in ("from", "to")))
    else:
        click.echo(f"Versions {difference['from']} and {difference['to']} are equal.")
