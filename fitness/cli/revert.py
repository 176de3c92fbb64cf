"""`fitness revert`: an import, a sync or another change of many records, reverted."""

from typing import Any

import click

from fitness.cli.account import (
    ACCOUNT_HELP,
    arguments_of,
    number,
    reason_option,
    split,
)
from fitness.cli.remote import dry_run_option
from fitness.cli.undo import undo
from fitness.ranges import LAST_ID

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
def command(values: tuple[str, ...], force: bool, **options: Any) -> None:
    account, [changeset] = split(values, NAME)
    changeset_id = number(changeset, NAME, LAST_ID)
    path, params = f"/changesets/{changeset_id}/revert", {"force": force}
    undo(path, f"Changeset {changeset_id}", "reverted", params=params, account=account, **options)
