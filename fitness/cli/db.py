"""`fitness db`: the database and its schema, psql, backups."""

import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import click
import psycopg
from psycopg import pq

from fitness.cli.operator import operator
from fitness.config import load_settings
from fitness.db import connection, migrate, users
from fitness.server.postgres import binaries, database

FILE = click.Path(dir_okay=False, path_type=Path)
EMPTY = """
    SET client_min_messages = warning;
    DROP SCHEMA public CASCADE;
    CREATE SCHEMA public AUTHORIZATION pg_database_owner;
    GRANT USAGE ON SCHEMA public TO PUBLIC
"""
"""Takes everything away, also what is newer than the backup; then the schema is as in a new database."""


@click.group("db")
def group() -> None:
    """Look after the database; the embedded one is started for the time of the command where needed."""


@group.command()
def upgrade() -> None:
    """Bring the schema to the newest version."""
    with database(load_settings()) as url:
        migrate.upgrade(url)
    click.echo(f"The schema is at {migrate.head()}, the newest.")


@group.command()
def check() -> None:
    """Say whether the schema is the newest and as its definition has it; leave with 1 if it is not."""
    with operator(migrated=False) as url:
        with connection.system_transaction():
            current = migrate.current()
        if current != migrate.head():
            raise click.ClickException(
                f"The schema is at {current}, the newest is {migrate.head()}: fitness db upgrade"
            )
        migrate.check(url)
    click.echo(f"The schema is at {current}, the newest.")


@group.command("url")
def show_url() -> None:
    """Print the database's URL."""
    with database(load_settings()) as url:
        click.echo(url)


@group.command(context_settings={"ignore_unknown_options": True})
@click.argument("arguments", nargs=-1, type=click.UNPROCESSED)
def psql(arguments: tuple[str, ...]) -> None:
    """Open psql as the owner of the data, or run it with ARGUMENTS: fitness db psql -- -c 'SELECT 1'."""
    # Ctrl-C is psql's: it ends a query, not the session.
    signal.signal(signal.SIGINT, lambda *_: None)
    with database(load_settings()) as url:
        done = subprocess.run([_program("psql", url), *arguments], env=_environ(url))
    sys.exit(done.returncode)


@group.command()
@click.argument("file", type=FILE)
def backup(file: Path) -> None:
    """Write everything to FILE (pg_dump's custom format), which appears only when it is complete."""
    with database(load_settings()) as url, _draft(file.parent) as draft:
        _run("pg_dump", "--format=custom", "--no-owner", f"--file={draft}", url=url)
        with draft.open("rb") as written:
            os.fsync(written.fileno())
        draft.rename(file)
    click.echo(f"Wrote {file} ({file.stat().st_size / 1e6:.1f} MB).")


@group.command()
@click.argument("file", type=FILE)
@click.option("--replace", is_flag=True, help="Also when there are accounts: they and all their data go.")
def restore(file: Path, replace: bool) -> None:
    """Put back what a backup holds, all of it or, if that fails, nothing.

    A backup of an older release is brought to the newest schema.
    """
    # The roles that a backup names belong to the server, not to the database: migrating makes them.
    with operator() as url, _draft(None) as script:
        with connection.system_transaction():
            accounts = len(users.list_users())
        if accounts and not replace:
            raise click.ClickException(f"The database has {accounts} accounts; --replace throws their data away.")
        _run("pg_restore", "--no-owner", f"--file={script}", str(file), url=url)
        _run(
            *("psql", "--quiet", "--no-psqlrc", "--single-transaction", "--set=ON_ERROR_STOP=1", "--output=/dev/null"),
            *(f"--command={EMPTY}", f"--file={script}"),
            url=url,
        )
        migrate.upgrade(url)
    click.echo(f"Restored {file}.")


def _program(name: str, url: str) -> Path:
    """Return one of PostgreSQL's programs that suits the server: 18's pg_restore says what 16 does not understand."""
    with psycopg.connect(url) as session:
        return binaries(18 if session.info.server_version >= 170000 else 16) / name


def _environ(url: str) -> dict[str, str]:
    """Return an environment that says where the database is: a password among arguments is everybody's to see."""
    options = pq.Conninfo.parse(url.encode())
    return {**os.environ, **{o.envvar.decode(): o.val.decode() for o in options if o.envvar and o.val}}


def _run(program: str, *arguments: str, url: str) -> None:
    done = subprocess.run([_program(program, url), *arguments], env=_environ(url))
    if done.returncode != 0:
        raise click.ClickException(f"{program} failed; nothing was changed.")


@contextmanager
def _draft(directory: Path | None) -> Iterator[Path]:
    """Yield a file for this user's eyes only; it is gone afterwards unless it was renamed."""
    number, name = tempfile.mkstemp(prefix=".fitness-", dir=directory)
    os.close(number)
    draft = Path(name)
    try:
        yield draft
    finally:
        draft.unlink(missing_ok=True)
