#!/usr/bin/env python3
"""Merge duplicate rows in workout_selections, so that migration 0009 can run.

For each planned workout the newest row stays and gets the most recent value of each field that is set. Uses the
database of the settings. Run it with: .venv/bin/python scripts/dedupe_workout_selections.py
"""

from pathlib import Path

import click
import orjson

from fitness.cli.operator import operator
from fitness.db import selections
from fitness.db.connection import discard, system_transaction
from fitness.files import open_private


@click.command(help=__doc__)
@click.option("--dry-run", is_flag=True, help="Report what would happen, change nothing.")
@click.option("--backup", type=click.Path(dir_okay=False, path_type=Path), help="Write the rows to this new JSON file.")
@click.option("--yes", is_flag=True, help="Do not ask for confirmation.")
def main(dry_run: bool, backup: Path | None, yes: bool) -> None:
    with operator(migrated=False):
        with system_transaction():
            rows = selections.list_duplicates()
        if not rows:
            click.echo("There are no duplicates.")
            return
        click.echo(
            f"{len(rows)} rows for {len({(row['user_id'], row['workout_id']) for row in rows})} planned workouts"
        )
        if not dry_run and not yes:
            click.confirm("Merge them?", abort=True)
        with system_transaction():
            selections.lock_selections()
            if backup:
                _write(backup, selections.list_duplicates())
            for row in selections.merge_duplicates():
                click.echo(orjson.dumps(row).decode())
            if dry_run:
                discard()
    click.echo("Nothing was changed." if dry_run else "Each planned workout now has one row.")


def _write(file: Path, rows: list[dict[str, object]]) -> None:
    try:
        with open_private(file, "xb") as backup:
            backup.write(orjson.dumps(rows, option=orjson.OPT_INDENT_2))
    except OSError as error:
        raise click.ClickException(f"{file} cannot be written, nothing was changed: {error.strerror}") from error


if __name__ == "__main__":
    main()
