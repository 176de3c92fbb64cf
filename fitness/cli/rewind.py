"""`fitness rewind`: everything back to an instant."""

import click

from fitness.cli.account import (
    ACCOUNT_HELP,
    arguments_of,
    client_of,
    print_json,
    reason_option,
    require_reason,
    split,
)
from fitness.cli.records import print_undone
from fitness.cli.remote import answer, dry_run_option

NAME = "INSTANT"


@click.command(
    "rewind",
    help=f"""Put every record back to its state at an instant, such as 2026-03-01T07:30:00Z.

    Records that were created later are deleted. A rewind is a changeset, and can be reverted.

    Example: fitness rewind ada 2026-03-01T07:30:00Z --reason "Asked by phone" --dry-run

    {ACCOUNT_HELP}
    """,
)
@arguments_of(NAME)
@reason_option
@dry_run_option
def command(values: tuple[str, ...], url: str, as_json: bool, reason: str | None, dry_run: bool) -> None:
    account, [instant] = split(values, NAME)
    require_reason(account, reason, dry_run=dry_run)
    with client_of(account, url, reason) as client:
        report = answer(client.post("/users/me/rewind", json={"to": instant, "dry_run": dry_run}))
    if as_json:
        print_json(report)
    else:
        done = f"Everything {'would be' if dry_run else 'is'} as it was at {instant}"
        print_undone(report, done, account)
