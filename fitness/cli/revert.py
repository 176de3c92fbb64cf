"""`fitness revert`: an import, a sync or another change of many records, reverted."""

import click

from fitness.cli.account import (
    ACCOUNT_HELP,
    arguments_of,
    client_of,
    number,
    print_json,
    reason_option,
    require_reason,
    split,
)
from fitness.cli.records import print_undone
from fitness.cli.remote import answer, dry_run_option

NAME = "CHANGESET"


@click.command(
    "revert",
    help=f"""Revert a changeset, by the number that the import printed.

    Fields that were edited since are listed and stay as they are. A revert is a changeset too, and can be reverted.

    Examples: fitness revert 12; for the operator: fitness revert ada 12 --reason "Asked by phone" --dry-run

    {ACCOUNT_HELP}
    """,
)
@arguments_of(NAME)
@click.option("--force", is_flag=True, help="Also take back what was edited since.")
@reason_option
@dry_run_option
def command(values: tuple[str, ...], url: str, as_json: bool, force: bool, reason: str | None, dry_run: bool) -> None:
    account, [changeset] = split(values, NAME)
    path = f"/changesets/{number(changeset, NAME)}/revert"
    require_reason(account, reason, dry_run=dry_run)
    with client_of(account, url, reason) as client:
        report = answer(client.post(path, params={"force": force, "dry_run": dry_run}))
    if as_json:
        print_json(report)
    else:
        done = f"Changeset {report['reverts']} {'would be' if dry_run else 'is'} reverted"
        print_undone(report, done, account)
