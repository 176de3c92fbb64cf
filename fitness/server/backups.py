"""Backups: a dump, and beside it a file of notes by which a restored dump is compared, account by account."""

import fcntl
import hashlib
import os
import re
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, files
from pathlib import Path
from typing import IO

import orjson
import psycopg
from psycopg import pq, sql

from fitness.db import migrate
from fitness.db.pooler import meets_a_pooler
from fitness.errors import Unavailable
from fitness.files import abandoned, hold
from fitness.server.postgres import OWNER, binaries, create_database, throwaway_postgres
from fitness.server.service_user import ServerError

NAMED = "fitness-*.dump"
"""The backups in a directory of them; their names sort by time."""
EMPTY = """
    SET client_min_messages = warning;
    DROP SCHEMA IF EXISTS as_of CASCADE;
    DO $$
    DECLARE
        statement text;
    BEGIN
        FOREACH statement IN ARRAY coalesce((
            SELECT array_agg(format('DROP %s IF EXISTS public.%s CASCADE', made.kind, made.name))
            FROM (
                SELECT 'pg_class'::regclass AS catalog, oid, quote_ident(relname) AS name,
                    CASE relkind
                        WHEN 'r' THEN 'TABLE' WHEN 'p' THEN 'TABLE' WHEN 'S' THEN 'SEQUENCE' WHEN 'v' THEN 'VIEW'
                        WHEN 'm' THEN 'MATERIALIZED VIEW' WHEN 'f' THEN 'FOREIGN TABLE' WHEN 'c' THEN 'TYPE'
                    END AS kind
                FROM pg_class
                WHERE relnamespace = 'public'::regnamespace
                UNION ALL
                SELECT 'pg_proc'::regclass, oid,
                    format('%I(%s)', proname, pg_get_function_identity_arguments(oid)), 'ROUTINE'
                FROM pg_proc
                WHERE pronamespace = 'public'::regnamespace
                UNION ALL
                SELECT 'pg_type'::regclass, oid, quote_ident(typname), 'TYPE'
                FROM pg_type
                WHERE typnamespace = 'public'::regnamespace AND typtype IN ('d', 'e')
            ) AS made
            WHERE made.kind IS NOT NULL
              AND NOT EXISTS (
                  SELECT FROM pg_depend AS d
                  WHERE d.classid = made.catalog AND d.objid = made.oid AND d.deptype IN ('e', 'i')
              )
        ), '{}') LOOP
            EXECUTE statement;
        END LOOP;
    END
    $$
"""
"""Drops everything, including objects newer than the backup, but for extensions and what belongs to them."""
DRAFT = ".fitness-"
"""Begins the names of temporary files beside a backup."""
OPTIONS = ("--format=custom", "--no-owner", "--extension=plpgsql")
"""Of pg_dump. Each server has this extension, so that none is in the dump; the program needs no other."""
SHARED = "shared"
"""Stands for an account: the rows that belong to none, such as the catalog of exercises."""
AS_TEXT = """
    SET LOCAL TimeZone = 'UTC';
    SET LOCAL DateStyle = 'ISO, YMD';
    SET LOCAL IntervalStyle = 'postgres';
    SET LOCAL extra_float_digits = 1;
    SET LOCAL bytea_output = 'hex';
    SET LOCAL statement_timeout = 0;
    SET LOCAL idle_in_transaction_session_timeout = 0
"""
"""Lets a row be the same text on every server, and a transaction last as long as a dump."""


@dataclass(frozen=True, slots=True)
class Notes:
    """What is known about a dump: SHA-256 of the file, and of the rows of each account when it was made."""

    made_at: str
    sha256: str
    accounts: dict[str, str]


def notes_of(file: Path) -> Path:
    """Return where the notes about a dump are."""
    return file.with_name(f"{file.name}.json")


def back_up(url: str, file: Path) -> None:
    """Write a dump and its notes, both of one instant; the dump appears last, when everything is complete."""
    for left in abandoned(file.parent.glob(f"{DRAFT}*")):
        left.unlink()
    with (
        temporary_file(file.parent) as dump,
        temporary_file(file.parent) as notes,
        psycopg.connect(url) as session,
    ):
        if meets_a_pooler(session):
            raise ServerError("DATABASE_URL leads to a pooler: set DATABASE_ADMIN_URL to the server")
        session.rollback()
        session.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
        session.execute(AS_TEXT)
        snapshot = session.execute("SELECT pg_export_snapshot()").fetchone()
        assert snapshot is not None
        run("pg_dump", *OPTIONS, f"--snapshot={snapshot[0]}", f"--file={dump}", url=url)
        made = Notes(f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ}", _sha256(dump), hashes(session))
        notes.write_bytes(orjson.dumps(made, option=orjson.OPT_INDENT_2))
        for written in (notes, dump):
            with written.open("rb") as to_disk:
                os.fsync(to_disk.fileno())
        notes.rename(notes_of(file))
        dump.rename(file)


def back_up_to(url: str, directory: Path, keep: int | None) -> Path:
    """Write a backup named after the time, then delete all but the newest `keep` (None: all stay); return its file."""
    file = directory / f"fitness-{datetime.now(UTC):%Y%m%dT%H%M%S.%fZ}.dump"
    back_up(url, file)
    for old in sorted(directory.glob(NAMED))[: -keep if keep else 0]:
        old.unlink()
        notes_of(old).unlink(missing_ok=True)
    return file


def require_known(url: str, backup: IO[bytes]) -> None:
    """Raise Unavailable if a backup is of a later release, which this one cannot migrate; ServerError if it is none."""
    with _statements(url, backup, "--data-only", "--table=alembic_version") as script:
        found = _REVISION.search(script.read().decode())
    if found and migrate.is_later(found[1]):
        raise Unavailable(migrate.advice(found[1]))


_REVISION = re.compile(r"^COPY public\.alembic_version .*\n(\w+)$", re.MULTILINE)
"""The revision of the schema, in the statements that restore a backup."""


def load(url: str, backup: IO[bytes], *, then: str = "") -> None:
    """Replace all that a database has by a backup and run SQL in it, or change nothing; raises ServerError.

    It is one transaction, so that whoever kills this program at any time finds all of it done or nothing. The file of
    statements is whole before they run: at the end of a pipe, psql would commit what it had read of it.
    """
    with _statements(url, backup, "--no-owner") as script:
        _leave_out_unknown(script)
        run(
            *("psql", "--quiet", "--no-psqlrc", "--single-transaction", "--set=ON_ERROR_STOP=1", "--output=/dev/null"),
            # What a dump sets for its session must not stay on a connection that a pooler lends to others.
            *(f"--command={EMPTY}", "--file=-", f"--command=RESET ALL; {then}"),
            url=url,
            reads=script,
        )


@contextmanager
def _statements(url: str, backup: IO[bytes], *options: str) -> Iterator[IO[bytes]]:
    """Yield a file without a name, with the statements that restore a backup; raises ServerError."""
    with unnamed_file() as script:
        backup.seek(0)
        run("pg_restore", *options, "--file=-", url=url, reads=backup, writes=script)
        fcntl.fcntl(script, fcntl.F_SETFL, os.O_RDWR)  # pg_restore has made it one that is only appended to
        script.seek(0)
        yield script


def _leave_out_unknown(script: IO[bytes]) -> None:
    """Let the statements that restore a backup run on servers before 17 as well, which lack one setting."""
    begin = script.read(_SETTINGS)
    script.seek(0)
    # As many bytes, as what follows may be large.
    script.write(begin.replace(b"\nSET transaction_timeout ", b"\n--- transaction_timeout "))
    script.seek(0)


_SETTINGS = 4096
"""Bytes at the beginning of such statements with the settings of the session; they are about 500."""


def verify(file: Path) -> Notes:
    """Restore a backup into a server of its own and compare each account; return its notes.

    Raises ServerError if the file is not the one that was written, cannot be restored, or has other rows.
    """
    try:
        notes = Notes(**orjson.loads(notes_of(file).read_bytes()))
        changed = _sha256(file) != notes.sha256
    except OSError as error:
        raise ServerError(f"{error.filename} cannot be read: {error.strerror}") from error
    except (TypeError, ValueError) as error:
        raise ServerError(f"{notes_of(file)} is not valid") from error
    if changed:
        raise ServerError(f"{file} is damaged or incomplete: it is not the file that was written")
    with throwaway_postgres() as postgres:
        create_database(postgres)
        url = postgres.url(OWNER, OWNER)
        migrate.upgrade(url, ROLES)
        with open_backup(file) as backup:
            load(url, backup)
        require_same(notes.accounts, hashes_at(url))
    return notes


ROLES = "0001"
"""The migration that makes the role which a dump grants to."""


def require_same(before: dict[str, str], after: dict[str, str]) -> None:
    """Raise ServerError with the accounts that differ."""
    differ = sorted(name for name in before.keys() | after.keys() if before.get(name) != after.get(name))
    if differ:
        raise ServerError(f"After the restore, these accounts differ: {', '.join(differ)}")


def hashes_at(url: str) -> dict[str, str]:
    """Return the hashes of the database at a URL."""
    with psycopg.connect(url) as session:
        session.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
        session.execute(AS_TEXT)
        return hashes(session)


def hashes(session: psycopg.Connection) -> dict[str, str]:
    """Return a SHA-256 for each account, by its number: of all its rows in all tables, each as text, in any order.

    SHARED has that of all other rows. The transaction of the session has the settings of `AS_TEXT`.
    """
    by_account: dict[str, hashlib._Hash] = {}
    for table, has_user in session.execute(_TABLES).fetchall():
        account = sql.SQL("t.user_id") if has_user else sql.SQL("NULL::bigint")
        query = sql.SQL(_ROWS).format(account=account, table=sql.Identifier("public", table))
        for user_id, rows in session.execute(query):
            name = SHARED if user_id is None else str(user_id)
            by_account.setdefault(name, hashlib.sha256()).update(f"{table} {rows}\n".encode())
    return {name: found.hexdigest() for name, found in by_account.items()}


_TABLES = """
    SELECT c.relname, EXISTS (
        SELECT FROM pg_attribute AS a WHERE a.attrelid = c.oid AND a.attname = 'user_id' AND NOT a.attisdropped
    )
    FROM pg_class AS c
    WHERE c.relnamespace = 'public'::regnamespace
      AND c.relkind IN ('r', 'p')
      AND NOT c.relispartition
    ORDER BY c.relname COLLATE "C"
"""
_ROWS = """
    SELECT rows.account, encode(sha256(convert_to(string_agg(rows.hash, '' ORDER BY rows.hash), 'UTF8')), 'hex')
    FROM (
        SELECT {account} AS account, encode(sha256(convert_to(t::text, 'UTF8')), 'hex') COLLATE "C" AS hash
        FROM {table} AS t
    ) AS rows
    GROUP BY rows.account
    ORDER BY rows.account
"""


def _sha256(file: Path) -> str:
    with file.open("rb") as content:
        return hashlib.file_digest(content, "sha256").hexdigest()


def program(name: str, url: str) -> tuple[Path, dict[str, str]]:
    """Return a PostgreSQL program, and environment variables that lead it to the database.

    A dump is of the server's version, so that its own programs read it, too; all others are of 18, which restores a
    dump of any version. The connection is in the environment, as every user can see a password in the arguments.
    """
    with psycopg.connect(url) as session:
        version = 16 if name == "pg_dump" and session.info.server_version < 170000 else 18
        encrypts = session.pgconn.ssl_in_use
    options = pq.Conninfo.parse(url.encode())
    environ = {**os.environ, **{o.envvar.decode(): o.val.decode() for o in options if o.envvar and o.val}}
    return binaries(version) / name, {**environ, **(_encryption() if encrypts else {})}


def _encryption() -> dict[str, str]:
    """Let a program use psycopg's libpq: that of its own wheel cannot encrypt a connection."""
    with suppress(PackageNotFoundError):
        for file in files("psycopg-binary") or ():
            if file.name.startswith("libpq"):
                return {"LD_PRELOAD": str(file.locate())}
    return {}


def run(name: str, *arguments: str, url: str, reads: IO[bytes] | None = None, writes: IO[bytes] | None = None) -> None:
    """Run a PostgreSQL program on the database, with these files as its input and output (None: those of this program).

    Raises ServerError, after it has said why.
    """
    path, environ = program(name, url)
    if subprocess.run([path, *arguments], env=environ, stdin=reads, stdout=writes).returncode != 0:
        raise ServerError(f"{name} failed; nothing was changed.")


def open_backup(file: Path) -> IO[bytes]:
    """Open a backup for `load`. Nothing is read ahead, as programs read on where this one has stopped."""
    return file.open("rb", buffering=0)


@contextmanager
def unnamed_file() -> Iterator[IO[bytes]]:
    """Yield a temporary file that no directory has, so that nothing is left of it however this program ends.

    Raises ServerError if there can be none.
    """
    with _said_where(None):
        file = tempfile.TemporaryFile(buffering=0)  # noqa: SIM115
    with file:
        yield file


@contextmanager
def temporary_file(directory: Path) -> Iterator[Path]:
    """Yield a temporary file that only this user can read; it is deleted afterwards unless it was renamed.

    Raises ServerError if there can be none in the directory.
    """
    with _said_where(directory):
        number, name = tempfile.mkstemp(prefix=DRAFT, dir=directory)
    draft = Path(name)
    with open(number, "rb") as held:
        hold(held)
        try:
            yield draft
        finally:
            draft.unlink(missing_ok=True)


@contextmanager
def _said_where(directory: Path | None) -> Iterator[None]:
    """Raise ServerError with the directory (None: that of temporary files) if the block cannot make a file there."""
    try:
        yield
    except OSError as error:
        place = directory or tempfile.gettempdir()
        raise ServerError(f"No file can be written to {place}: {error.strerror}") from error
