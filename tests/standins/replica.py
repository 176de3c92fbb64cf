"""A primary of PostgreSQL and its streaming replica: copies of the tests' own server, which they leave alone."""

import os
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import ClassVar
from uuid import uuid4

import psutil
import psycopg
from psycopg import sql

from fitness.server.postgres import EmbeddedPostgres
from fitness.server.service_user import run_as, service_user
from tests import databases
from tests.server.serving import wait_for


class Pair:
    """The two servers. When the replica replays is a matter of `pause` and `catch_up`."""

    # What it is to replay goes before who reads there.
    options: ClassVar[dict[str, str | float]] = {"fsync": "off", "autovacuum": "off", "max_standby_streaming_delay": 0}

    def __init__(self, place: Path) -> None:
        self.primary = EmbeddedPostgres(place / "primary", databases.VERSION)
        self.replica = EmbeddedPostgres(place / "replica", databases.VERSION)

    def start(self) -> None:
        """Copy the tests' server, and the copy once more as its replica."""
        _copy(databases.url_of("postgres", EmbeddedPostgres.superuser), self.primary)
        self.primary.start(**self.options)
        _copy(self.primary.url("postgres"), self.replica, "--write-recovery-conf", "--create-slot", "--slot=replica")
        self.replica.start(**self.options)

    def stop(self) -> None:
        """Stop both."""
        for server in (self.replica, self.primary):
            server.stop(signal.SIGQUIT)

    def make_database(self) -> str:
        """Make a migrated database on both, and return its name."""
        name = f"tests_{uuid4().hex}"
        make = sql.SQL("CREATE DATABASE {} TEMPLATE template OWNER {}")
        self._run(self.primary, make.format(*map(sql.Identifier, (name, databases.ROLE))))
        self.catch_up()
        return name

    def catch_up(self) -> None:
        """Let the replica replay again, and wait until it has all that the primary has written."""
        self._run(self.replica, sql.SQL("SELECT pg_wal_replay_resume()"))
        (position,) = self._run(self.primary, sql.SQL("SELECT pg_current_wal_insert_lsn()::text"))
        replayed = sql.SQL("SELECT pg_last_wal_replay_lsn() >= {}::pg_lsn").format(position)
        wait_for(lambda: self._run(self.replica, replayed) == (True,))

    def pause(self) -> None:
        """Let the replica replay nothing until `catch_up`."""
        self._run(self.replica, sql.SQL("SELECT pg_wal_replay_pause()"))
        paused = sql.SQL("SELECT pg_get_wal_replay_pause_state()")
        wait_for(lambda: self._run(self.replica, paused) == ("paused",))

    @contextmanager
    def hanging(self) -> Iterator[None]:
        """Let the processes of the replica do nothing during the block."""
        server = psutil.Process(int((self.replica.data_dir / "postmaster.pid").read_text().split()[0]))
        processes = [server, *server.children()]
        for process in processes:
            process.suspend()
        try:
            yield
        finally:
            for process in processes:
                process.resume()

    @staticmethod
    def _run(server: EmbeddedPostgres, query: sql.SQL | sql.Composed) -> tuple[object, ...]:
        with psycopg.connect(server.url("postgres"), autocommit=True) as connection:
            cursor = connection.execute(query)
            return (cursor.fetchone() or ()) if cursor.description else ()


def _copy(url: str, server: EmbeddedPostgres, *options: str) -> None:
    """Copy the files of a running server."""
    command = [server.bin_dir / "pg_basebackup", "--dbname", url, "--pgdata", server.data_dir, "--checkpoint=fast"]
    user = service_user(server.data_dir)
    made = subprocess.run([*command, "--no-sync", *options], capture_output=True, text=True, **run_as(user))
    assert made.returncode == 0, made.stderr


@contextmanager
def primary_and_replica() -> Iterator[Pair]:
    """Run both servers in a temporary directory, which is deleted afterwards."""
    place = Path(tempfile.mkdtemp(prefix="fitness-"))
    user = service_user(place / "primary")
    os.chown(place, user.pw_uid, user.pw_gid)
    pair = Pair(place)
    try:
        pair.start()
        yield pair
    finally:
        pair.stop()
        shutil.rmtree(place)
