"""`fitness sync`: let a running server fetch what is new at a provider."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

import click
import httpx
from rich.console import Console
from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from fitness.cli.remote import WHO, answer, dry_run_option, logged_in, print_report, url_option

LOOK_SECONDS = 1


@click.group("sync")
def group() -> None:
    """Fetch what is new at a provider into an account on a running server."""


def _add(name: str, label: str) -> None:
    @group.command(
        name,
        help=f"""Sync with {label}, which must be connected.

        {WHO} Leaves with 1 when some records could not be read, with 2 when the sync failed, and with 3 when {label}
        wants to be asked again later: the next sync goes on there.
        """,
    )
    @url_option
    @click.option("--full-sync", is_flag=True, help="Fetch all there is, not only what is new.")
    @click.option("--allow-deletes", is_flag=True, help="Delete also more than a tenth of what the sync covers.")
    @dry_run_option
    @click.pass_context
    def command(context: click.Context, url: str, full_sync: bool, allow_deletes: bool, dry_run: bool) -> None:
        how = {"full_sync": full_sync, "allow_deletes": allow_deletes, "dry_run": dry_run}
        with logged_in(url) as client, _watched(client, name, label):
            report = answer(client.post(f"/{name}/sync", params=how))
        print_report(report)
        if not report["complete"]:
            click.echo(f"{label} wants to be asked again at {report['resume_at']}: sync again then.", err=True)
            context.exit(3)
        if report["failed"]:
            context.exit(1)


_add("strava", "Strava")
_add("hevy", "Hevy")


@contextmanager
def _watched(client: httpx.Client, name: str, label: str) -> Iterator[None]:
    """Show how many records the server has seen while the block, which waits for its answer, runs."""
    columns = SpinnerColumn(), TextColumn("{task.description}"), TimeElapsedColumn()
    over = threading.Event()
    with Progress(*columns, console=Console(stderr=True)) as shown:
        task = shown.add_task(f"Syncing with {label}", total=None)

        def watch() -> None:
            while not over.wait(LOOK_SECONDS):
                try:
                    found = answer(client.get(f"/oauth/{name}/status"))["found"]
                except (httpx.HTTPError, click.ClickException):
                    continue  # the answer that counts is that of the sync
                shown.update(task, description=f"Syncing with {label}: {found:,} seen")

        watcher = threading.Thread(target=watch, daemon=True)
        watcher.start()
        try:
            yield
        finally:
            over.set()
            watcher.join()
