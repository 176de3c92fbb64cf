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
from fitness.db.history import feed
from fitness.db.pool import meets_a_pooler
from fitness.server.postgres import admin_url, binaries, database

FILE = click.Path(dir_okay=False, path_type=Path)
EMPTY = """
    SET client_min_messages = warning;
    DROP SCHEMA IF EXISTS as_of CASCADE;
    DROP SCHEMA public CASCADE;
    CREATE SCHEMA public AUTHORIZATION pg_database_owner;
    GRANT USAGE ON SCHEMA public TO PUBLIC
"""
"""Drops everything, including objects newer than the backup; leaves the schema of a new database."""


@contextmanager
def administration() -> Iterator[str]:
    """Yield the URL of the database for its administration, see the setting DATABASE_ADMIN_URL."""
    settings = load_settings()
    with database(settings) as url:
        yield admin_url(settings, url)


@click.group("db")
def group() -> None:
    """Manage the database. The embedded one is started while the command runs, if needed."""


@group.command()
def upgrade() -> None:
    """Migrate the schema to the newest version."""
    with administration() as url:
        migrate.upgrade(url)
    click.echo(f"The schema is at {migrate.head()} (newest).")


@group.command()
def check() -> None:
    """Check that the schema is the newest and matches its definition; exit with 1 if not."""
    with operator(migrated=False) as url:
        with connection.system_transaction():
            current = migrate.current()
        if current != migrate.head():
            raise click.ClickException(
                f"The schema is at {current}, the newest is {migrate.head()}: run fitness db upgrade"
            )
        migrate.check(admin_url(load_settings(), url))
    click.echo(f"The schema is at {current} (newest).")


@group.command("url")
def show_url() -> None:
    """Print the URL of the database."""
    with administration() as url:
        click.echo(url)


@group.command(context_settings={"ignore_unknown_options": True})
@click.argument("arguments", nargs=-1, type=click.UNPROCESSED)
def psql(arguments: tuple[str, ...]) -> None:
    """Open psql as the owner of the database, or pass ARGUMENTS: fitness db psql -- -c 'SELECT 1'."""
    # Leave Ctrl-C to psql, where it cancels a query and does not end the session.
    signal.signal(signal.SIGINT, lambda *_: None)
    with administration() as url:
        done = subprocess.run([_program("psql", url), *arguments], env=_environ(url))
    sys.exit(done.returncode)


@group.command()
@click.argument("file", type=FILE)
def backup(file: Path) -> None:
    """Back up everything to FILE (pg_dump custom format). FILE appears only when it is complete."""
    with administration() as url, _temporary_file(file.parent) as draft:
        with psycopg.connect(url) as session:
            if meets_a_pooler(session):
                raise click.ClickException("DATABASE_URL leads to a pooler: set DATABASE_ADMIN_URL to the server.")
        _run("pg_dump", "--format=custom", "--no-owner", f"--file={draft}", url=url)
        with draft.open("rb") as written:
            os.fsync(written.fileno())
        draft.rename(file)
    click.echo(f"Wrote {file} ({file.stat().st_size / 1e6:.1f} MB).")


@group.command()
@click.argument("file", type=FILE)
@click.option("--replace", is_flag=True, help="Restore even if there are accounts; deletes them and all their data.")
def restore(file: Path, replace: bool) -> None:
    """Restore a backup, completely or, if that fails, not at all.

    A backup of an older release is migrated to the newest schema. Cursors and ETags of before are
    refused. A backup is a program that PostgreSQL runs as the owner of the database: restore only those
    that you trust.
    """
    # Roles belong to the server, not to the database or backup: the migrations create them.
    with operator() as database_url, _temporary_file(None) as script:
        url = admin_url(load_settings(), database_url)
        with connection.system_transaction():
            accounts = len(users.list_users())
        if accounts and not replace:
            raise click.ClickException(f"The database has {accounts} accounts; use --replace to delete their data.")
        click.echo("A backup is a program that PostgreSQL runs: restore only those that you trust.", err=True)
        _run("pg_restore", "--no-owner", f"--file={script}", str(file), url=url)
        _run(
            *("psql", "--quiet", "--no-psqlrc", "--single-transaction", "--set=ON_ERROR_STOP=1", "--output=/dev/null"),
            # What a dump sets for its session must not stay on a connection that a pooler lends to others.
            *(f"--command={EMPTY}", f"--file={script}", "--command=RESET ALL"),
            url=url,
        )
        migrate.upgrade(url)
        _begin_epoch()
    click.echo(f"Restored {file}.")


@group.command()
def restored() -> None:
    """Refuse cursors and ETags of before, after the database was restored without fitness db restore."""
    with operator():
        _begin_epoch()
    click.echo("Cursors and ETags of before are refused from now on.")


def _begin_epoch() -> None:
    with connection.system_transaction():
        feed.begin_epoch()


def _program(name: str, url: str) -> Path:
    """Return a PostgreSQL program of the server's version, as 16 does not understand the output of 18's pg_restore."""
    with psycopg.connect(url) as session:
        return binaries(18 if session.info.server_version >= 170000 else 16) / name


def _environ(url: str) -> dict[str, str]:
    """Return environment variables with the connection, as every user can see a password in the arguments."""
    options = pq.Conninfo.parse(url.encode())
    return {**os.environ, **{o.envvar.decode(): o.val.decode() for o in options if o.envvar and o.val}}


def _run(program: str, *arguments: str, url: str) -> None:
    done = subprocess.run([_program(program, url), *arguments], env=_environ(url))
    if done.returncode != 0:
        raise click.ClickException(f"{program} failed; nothing was changed.")


@contextmanager
def _temporary_file(directory: Path | None) -> Iterator[Path]:
    """Yield a temporary file that only this user can read; it is deleted afterwards unless it was renamed."""
    number, name = tempfile.mkstemp(prefix=".fitness-", dir=directory)
    os.close(number)
    draft = Path(name)
    try:
        yield draft
    finally:
        draft.unlink(missing_ok=True)
