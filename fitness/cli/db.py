"""`fitness db`: the database and its schema, psql, backups."""

import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import click
import psycopg

from fitness.cli.operator import operator
from fitness.config import load_settings
from fitness.db import connection, distribution, migrate, restored, users
from fitness.db.history import feed
from fitness.server import backups
from fitness.server import upgrade as servers
from fitness.server.postgres import admin_url, database

FILE = click.Path(dir_okay=False, path_type=Path)
BACKUP = click.Path(exists=True, dir_okay=False, path_type=Path)


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
            raise click.ClickException(migrate.advice(current))
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
        program, environ = backups.program("psql", url)
        done = subprocess.run([program, *arguments], env=environ)
    sys.exit(done.returncode)


@group.command()
@click.argument("file", type=FILE, required=False)
@click.option("--to", type=click.Path(file_okay=False, exists=True, path_type=Path), help="Directory of the backups.")
@click.option("--keep", type=click.IntRange(1), help="With --to: delete all but the newest N.", metavar="N")
def backup(file: Path | None, to: Path | None, keep: int | None) -> None:
    """Back up everything to FILE (pg_dump custom format), or to a new file in a directory.

    A file appears only when it is complete. Beside it, FILE.json has a hash of each account, for fitness db verify.
    """
    if (file is None) == (to is None) or (keep and to is None):
        raise click.UsageError("Name a FILE, or a directory with --to and, if you like, --keep.")
    with administration() as url:
        if to is not None:
            file = backups.back_up_to(url, to, keep)
        elif file is not None:
            backups.back_up(url, file)
    assert file is not None
    click.echo(f"Wrote {file} ({file.stat().st_size / 1e6:.1f} MB).")


@group.command()
@click.argument("file", type=BACKUP)
def verify(file: Path) -> None:
    """Restore a backup into a server of its own, for the time of the command, and compare it with FILE.json.

    Each account must have the rows that it had when the backup was made. Needs space for the database
    among temporary files (TMPDIR); the real database is not touched.
    """
    notes = backups.verify(file)
    accounts = len(notes.accounts) - 1
    click.echo(f"{file} restores, and its {accounts} accounts are as they were on {notes.made_at}.")


def ways_in_options(command: Callable[..., None]) -> Callable[..., None]:
    """Add the options on what lets somebody in after a restore."""
    keep = click.option("--keep-sessions", is_flag=True, help="Keep sessions and codes, also those ended since then.")
    revoke = click.option("--revoke-tokens", is_flag=True, help="Revoke all personal access tokens, too.")
    return keep(revoke(command))


@group.command()
@click.argument("file", type=BACKUP)
@click.option("--replace", is_flag=True, help="Restore even if there are accounts; deletes them and all their data.")
@ways_in_options
def restore(file: Path, replace: bool, keep_sessions: bool, revoke_tokens: bool) -> None:
    """Restore a backup, completely or, if that fails, not at all.

    A backup of an older release is migrated to the newest schema. Cursors and ETags of before are
    refused, and all sessions end, as those that were ended since the backup would work again. A backup
    is a program that PostgreSQL runs as the owner of the database: restore only those that you trust.
    """
    # Roles belong to the server, not to the database or backup: the migrations create them.
    with operator(migrated=False) as database_url:
        url = admin_url(load_settings(), database_url)
        # What a later release has made goes with the rows; so this one can be returned to.
        if not (replace and migrate.is_later(migrate.revision_at(url))):
            migrate.upgrade(url)
        if not replace:
            _require_no_accounts()
        click.echo("A backup is a program that PostgreSQL runs: restore only those that you trust.", err=True)
        anew = restored.script(keeps_sessions=keep_sessions, revokes_tokens=revoke_tokens)
        with backups.open_backup(file) as backup:
            backups.require_known(url, backup)
            backups.load(url, backup, then=anew)
        migrate.upgrade(url)
        # Once more, in the tables that the backup of an earlier release lacked.
        said = _begin_anew(keep_sessions=keep_sessions, revoke_tokens=revoke_tokens)
        with psycopg.connect(url) as session:
            is_whole = distribution.is_cluster(session) and not distribution.is_distributed(session)
    click.echo(f"Restored {file}.")
    click.echo(said)
    if is_whole:
        click.echo("All tables are on the coordinator of the Citus cluster now: run fitness db distribute.")


def _require_no_accounts() -> None:
    with connection.system_transaction():
        accounts = len(users.list_users())
    if accounts:
        raise click.ClickException(f"The database has {accounts} accounts; use --replace to delete their data.")


@group.command("upgrade-server")
def upgrade_server() -> None:
    """Copy the embedded database of PostgreSQL 16 to PostgreSQL 18; the old one stays where it is.

    Stop the server before. Each account is compared. Needs space for a second database.
    """
    old = servers.upgrade_server(load_settings())
    click.echo(f"The database is one of PostgreSQL {servers.NEW} now; POSTGRES_VERSION must be {servers.NEW}.")
    click.echo(f"The old one is still in {old}; delete it when you no longer need it.")


@group.command()
@click.option("--dry-run", is_flag=True, help="Only print the statements that are left to run.")
def distribute(dry_run: bool) -> None:
    """Distribute the tables of a Citus cluster by user, on the coordinator; the rows are moved.

    Stop the servers before. A command that was stopped goes on where it ended when it is run again. All tables of one
    user's rows are on one server; users and exercise_catalog are on every server, and what belongs to no user
    stays on the coordinator.
    """
    with administration() as url, psycopg.connect(url, autocommit=True) as connection:
        if (current := migrate.revision_at(url)) != migrate.head():
            raise click.ClickException(migrate.advice(current))
        missing = distribution.find_missing(connection)
        if dry_run:
            for statement in distribution.plan(distribution.read_tables(connection)):
                click.echo(f"{statement.as_string(connection)};")
        if missing:
            raise click.ClickException(missing)
        if dry_run:
            return
        for statement in distribution.distribute(connection):
            click.echo(f"{statement};")
        tables = distribution.read_tables(connection)
        if wrong := distribution.find_wrong(connection):
            raise click.ClickException("\n".join(wrong))
    click.echo(
        f"{len(tables.distributed)} tables are distributed by user, {len(tables.reference)} are on every server,"
        f" {len(tables.local)} stay on the coordinator."
    )


@group.command("restored")
@ways_in_options
def restored_command(keep_sessions: bool, revoke_tokens: bool) -> None:
    """Refuse cursors and ETags of before, after the database was restored without fitness db restore.

    All sessions end, as those that were ended since would work again.
    """
    with operator():
        said = _begin_anew(keep_sessions=keep_sessions, revoke_tokens=revoke_tokens)
    click.echo("Cursors and ETags of before are refused from now on.")
    click.echo(said)


def _begin_anew(*, keep_sessions: bool, revoke_tokens: bool) -> str:
    """Let nothing hold that the database no longer knows; return what the operator should know about it."""
    with connection.system_transaction():
        feed.begin_epoch()
        if not keep_sessions:
            restored.end_sessions()
        if revoke_tokens:
            restored.revoke_tokens()
        tokens = restored.count_tokens()
    sessions = "Sessions of the backup go on." if keep_sessions else "All sessions have ended."
    return f"{sessions} Personal access tokens that work, also those revoked since: {tokens}." if tokens else sessions
