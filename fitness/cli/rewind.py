"""`fitness rewind`: everything back to an instant."""

from datetime import UTC, datetime
from typing import Any

import click

from fitness.cli.account import (
    ACCOUNT_HELP,
    arguments_of,
    reason_option,
    split,
)
from fitness.cli.remote import dry_run_option
from fitness.cli.undo import undo
from fitness.ranges import FIRST_YEAR, LAST_YEAR

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
def command(values: tuple[str, ...], **options: Any) -> None:
    account, [instant] = split(values, NAME)
    _require_instant(instant)
    done = f"as it was at {instant}"
    undo("/users/me/rewind", "Everything", done, json={"to": instant}, account=account, **options)


def _require_instant(text: str) -> None:
    """Raise UsageError unless a text is an instant with its zone that the API takes."""
    try:
        instant = datetime.fromisoformat(text)
        usable = instant.tzinfo is not None and _EARLIEST <= instant < _LATEST
    except ValueError:
        usable = False
    if not usable:
        raise click.UsageError(
            f"{NAME} must be an instant such as 2026-03-01T07:30:00Z, from {FIRST_YEAR} to {LAST_YEAR}, not {text}."
        )


_EARLIEST, _LATEST = (datetime(year, 1, 1, tzinfo=UTC) for year in (FIRST_YEAR, LAST_YEAR + 1))
