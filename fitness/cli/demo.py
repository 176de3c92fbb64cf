"""`fitness demo`: create a demo account."""

from datetime import UTC, datetime

import click

from fitness import demo
from fitness.cli.operator import operator


@click.command("demo")
def command() -> None:
    """Create a demo account with three years of runs, shoes and edits."""
    with operator():
        account, count = demo.create(datetime.now(UTC).date())
    click.echo(f"Log in as {account.email} with the password {demo.PASSWORD!r}: {count} runs.")
