"""Code that `fitness revert` and `fitness rewind` share."""

from collections.abc import Mapping
from typing import Any

import click
from rich.console import Console

from fitness.cli.account import client_of, print_json, require_reason
from fitness.cli.records import written
from fitness.cli.remote import SHOWN, answer, print_some


def undo(
    path: str,
    what: str,
    becomes: str,
    *,
    params: Mapping[str, Any] | None = None,
    json: Mapping[str, Any] | None = None,
    account: str | None,
    url: str,
    as_json: bool,
    reason: str | None,
    dry_run: bool,
) -> None:
    """Send a revert or rewind to a path of the API, and print its report: what becomes, or would become, what.

    It is sent with `params` or with `json`.
    """
    require_reason(account, reason, dry_run=dry_run)
    with client_of(account, url, reason) as client:
        report = answer(client.post(path, params=_with(params, dry_run), json=_with(json, dry_run)))
    if as_json:
        print_json(report)
    else:
        _print_report(report, f"{what} {'would be' if dry_run else 'is'} {becomes}", account)


def _with(sent: Mapping[str, Any] | None, dry_run: bool) -> dict[str, Any] | None:
    return None if sent is None else {**sent, "dry_run": dry_run}


def _print_report(report: Mapping[str, Any], done: str, account: str | None) -> None:
    """Print the report of a revert or rewind, and how to undo it."""
    click.echo(f"{done}: {report['reverted']} records. {report['kept']} stayed.")
    if report["records"]:
        rows = [
            {"record": f"{one['noun']}/{one['id']}", "what": one["what"], "changes": written(one["changes"])}
            for one in report["records"]["items"]
        ]
        print_some(Console(), "Would change", ("record", "what", "changes"), rows, min(report["reverted"], SHOWN))
        if report["reverted"] > SHOWN:
            click.echo(f"… and {report['reverted'] - SHOWN} more")
    rows = [{**one, "fields": ", ".join(one["fields"])} for one in report["problems"]]
    print_some(Console(), "Stayed", ("id", "fields", "detail"), rows, report["kept"])
    if not report["dry_run"]:
        click.echo(f"To undo this: fitness revert {account + ' ' if account else ''}{report['changeset_id']}")
