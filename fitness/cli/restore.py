"""`fitness restore`: an earlier version of a record, restored."""

from typing import Any

import click
import httpx

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
from fitness.cli.records import RECORD, path_of, print_changes
from fitness.cli.remote import answer, dry_run_option
from fitness.ranges import LAST_VERSION

NAMES = (RECORD, "VERSION")


@click.command(
    "restore",
    help=f"""Restore a version of a record, as a new version equal to it. A deleted record becomes active again.

    Example: fitness restore ada runs/strava_1 2 --reason "Asked by phone" --dry-run

    {ACCOUNT_HELP}
    """,
)
@arguments_of(*NAMES)
@reason_option
@dry_run_option
def command(values: tuple[str, ...], url: str, as_json: bool, reason: str | None, dry_run: bool) -> None:
    account, [record, version] = split(values, *NAMES)
    path, wanted = path_of(record), number(version, "VERSION", LAST_VERSION)
    require_reason(account, reason, dry_run=dry_run)
    with client_of(account, url, reason) as client:
        changes = _changes(client, path, wanted)
        restored = None if dry_run else answer(client.post(f"{path}/restore/{wanted}"))
    if as_json:
        print_json(restored or changes)
        return
    if changes["changes"]:
        print_changes(changes["changes"], "Now" if dry_run else "Before", f"Version {wanted}")
    if restored:
        click.echo(f"{record} is at version {restored['version']}, equal to version {wanted}.")
    else:
        fields = len(changes["changes"])
        click.echo(f"{fields} {'field' if fields == 1 else 'fields'} would change.")


def _changes(client: httpx.Client, path: str, version: int) -> dict[str, Any]:
    """Return the difference from the newest version to another one: what a restore changes."""
    newest = answer(client.get(f"{path}/history", params={"limit": 1}))["items"][0]["version_number"]
    return answer(client.get(f"{path}/diff", params={"from": newest, "to": version}))
