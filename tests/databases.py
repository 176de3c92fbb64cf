"""A PostgreSQL server for one test run, and in it a database of its own for every test: a clone of a migrated template.

A clone is the strictest isolation there is. Rows, sequences, statistics, the schema and the settings of a database all
begin as the migrations leave them, and whatever a test does to them goes with its database; nothing is reset, so
nothing can be forgotten. What made it slow was the disk: in memory a clone takes a tenth of the time. So the
server's files, and all other temporary files of the tests, lie in memory where there is room.
"""

import contextlib
import multiprocessing.util
import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import psycopg
from psycopg import sql
from pytest_postgresql.janitor import DatabaseJanitor

from fitness.db import migrate
from fitness.server.postgres import throwaway_postgres

VERSION = int(os.environ.get("POSTGRES_VERSION") or 18)
ROLE = "fitness"
"""The role of the tests is no superuser, so that they need what an ordinary installation has."""

MEMORY = Path("/dev/shm")  # noqa: S108 - what is made there is private
ROOM = 2 * 1024**3
"""Bytes: three times what a run needs."""

_SOCKET_DIR = "TEST_POSTGRES_SOCKET_DIR"
_TEMPLATE = "template"


@contextlib.contextmanager
def temporary_files_in_memory() -> Iterator[None]:
    """Let this process and those it starts make their temporary files in memory, unless `TMPDIR` names a place."""
    if os.environ.get("TMPDIR") or not MEMORY.is_dir() or shutil.disk_usage(MEMORY).free < ROOM:
        yield
        return
    # What `multiprocessing` makes for itself is removed when the process ends, after this directory: it lies elsewhere.
    multiprocessing.util.get_temp_dir()
    with tempfile.TemporaryDirectory(prefix="fitness-tests-", dir=MEMORY) as directory:
        # The database's user passes through.
        Path(directory).chmod(0o711)
        os.environ["TMPDIR"] = tempfile.tempdir = directory
        try:
            yield
        finally:
            del os.environ["TMPDIR"]
            tempfile.tempdir = None


@contextlib.contextmanager
def server() -> Iterator[None]:
    """Run the server with the template in it; the processes that run tests find it by their environment."""
    # A database is dropped after its test, and its owner may not end a vacuum that has begun there.
    with throwaway_postgres(VERSION, autovacuum="off", deadlock_timeout="3s") as postgres:
        with psycopg.connect(postgres.url("postgres"), autocommit=True) as connection:
            role, template = sql.Identifier(ROLE), sql.Identifier(_TEMPLATE)
            connection.execute(sql.SQL("CREATE ROLE {} LOGIN CREATEDB CREATEROLE").format(role))
            connection.execute(sql.SQL("CREATE DATABASE {} OWNER {}").format(template, role))
        migrate.upgrade(postgres.url(_TEMPLATE, ROLE))
        os.environ[_SOCKET_DIR] = str(postgres.socket_dir)
        yield


def url_of(database: str, role: str = ROLE) -> str:
    return f"postgresql://{role}@/{database}?host={os.environ[_SOCKET_DIR]}&port=5432"


class Clone(DatabaseJanitor):
    """A database made from a template, and dropped together with the connections that are left.

    `admin` is connected with another database of the server, in autocommit mode: to connect for each statement, as a
    janitor does otherwise, takes half as long as a clone.
    """

    def __init__(self, admin: psycopg.Connection, name: str, template: str = _TEMPLATE) -> None:
        # Each process that runs tests has a database of its own.
        dbname = f"{name}_{os.environ.get('PYTEST_XDIST_WORKER', 'main')}"
        host = os.environ[_SOCKET_DIR]
        super().__init__(user=ROLE, host=host, port=5432, dbname=dbname, template_dbname=template)
        self.admin = admin

    def init(self) -> None:
        """Make the database by copying files: the default strategy writes every page to the log as well.

        One that an earlier test could not drop goes first.
        """
        self.drop()
        names = map(sql.Identifier, (self.dbname, self.template_dbname or ""))
        self.admin.execute(sql.SQL("CREATE DATABASE {} TEMPLATE {} STRATEGY file_copy").format(*names))

    def drop(self) -> None:
        """Drop the database, if it is there."""
        self.admin.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(self.dbname)))

    @property
    def url(self) -> str:
        return url_of(self.dbname)
