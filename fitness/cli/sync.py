"""`fitness sync`: start a sync with a provider on a running server."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

import click
import httpx
from rich.console import Console
from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from fitness.cli.remote import (
    LOGIN_HELP,
    answer,
    dry_run_option,
    logged_in,
    other_sports_option,
    print_report,
    restore_deleted_option,
    url_option,
)

LOOK_SECONDS = 1


@click.group("sync")
def group() -> None:
    """Sync an account on a running server with a provider."""


def _add(name: str, label: str) -> None:
    @group.command(
        name,
        help=f"""Sync with {label}, which must be connected.

        {LOGIN_HELP} Exits with 1 if some records could not be read, with 2 if the sync failed, and with 3 if {label}'s
        rate limit stopped it: the next sync continues there.
        """,
    )
    @url_option
    @click.option("--full-sync", is_flag=True, help="Fetch everything, not only what is new.")
    @click.option("--allow-deletes", is_flag=True, help="Allow deleting more than a tenth of the records.")
    @other_sports_option
    @restore_deleted_option
    @dry_run_option
    @click.pass_context
    def command(context: click.Context, url: str, **options: bool | None) -> None:
        how = {name: value for name, value in options.items() if value is not None}
        with logged_in(url) as client, _watched(client, name, label):
            report = answer(client.post(f"/{name}/sync", params=how))
        print_report(report)
        if not report["complete"]:
            click.echo(f"{label}'s rate limit stopped the sync: sync again at {report['resume_at']}.", err=True)
            context.exit(3)
        if report["failed"]:
            context.exit(1)


_add("strava", "Strava")
_add("hevy", "Hevy")


@contextmanager
def _watched(client: httpx.Client, name: str, label: str) -> Iterator[None]:
    """Show how many records the server has found so far, while the block waits for the response."""
    columns = SpinnerColumn(), TextColumn("{task.description}"), TimeElapsedColumn()
    over = threading.Event()
    with Progress(*columns, console=Console(stderr=True)) as shown:
        task = shown.add_task(f"Syncing with {label}", total=None)

        def watch() -> None:
            while not over.wait(LOOK_SECONDS):
                try:
                    found = answer(client.get(f"/oauth/{name}/status"))["found"]
                except (httpx.HTTPError, click.ClickException):
                    continue  # only the response of the sync counts
                shown.update(task, description=f"Syncing with {label}: {found:,} found")

        watcher = threading.Thread(target=watch, daemon=True)
        watcher.start()
        try:
            yield
        finally:
            over.set()
            watcher.join()
